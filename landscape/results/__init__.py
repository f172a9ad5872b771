"""The file that a result is kept in: writing, reading, checking, looking into it.

Its format: ``README.md`` beside. What it may hold is said by the classes of the records themselves
(:mod:`landscape.h5.fields`), each in the module that it belongs to; a new kind of result is such a class.
"""

from __future__ import annotations

from landscape.h5.files import DamagedFileError
from landscape.h5.listing import info
from landscape.h5.tree import FORMAT, FORMAT_VERSION
from landscape.results.content import ModelResult, SliceResult
from landscape.results.provenance import provenance
from landscape.results.reading import ResultFile, open_results
from landscape.results.run import Run
from landscape.results.validation import validate
from landscape.results.writing import put_record, write_results

__all__ = [
    "FORMAT",
    "FORMAT_VERSION",
    "DamagedFileError",
    "ModelResult",
    "ResultFile",
    "Run",
    "SliceResult",
    "info",
    "open_results",
    "provenance",
    "put_record",
    "validate",
    "write_results",
]
