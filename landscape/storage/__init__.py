"""The file that a result is kept in: writing, reading, checking, looking into it.

Its format: ``README.md`` beside.
"""

from __future__ import annotations

from landscape.storage.files import DamagedFileError
from landscape.storage.layout import FORMAT, FORMAT_VERSION
from landscape.storage.networks import (
    NetworkData,
    load_network,
    network_data,
    read_network,
    save_network,
    write_network,
)
from landscape.storage.provenance import provenance
from landscape.storage.reading import ResultFile, load_surface
from landscape.storage.records import (
    ModelResult,
    RasterData,
    SliceResult,
    TrainingData,
    raster_data,
    training_data,
)
from landscape.storage.tree import info
from landscape.storage.validation import validate
from landscape.storage.writing import save_census, save_surface, write_results

__all__ = [
    "FORMAT",
    "FORMAT_VERSION",
    "DamagedFileError",
    "ModelResult",
    "NetworkData",
    "RasterData",
    "ResultFile",
    "SliceResult",
    "TrainingData",
    "info",
    "load_network",
    "load_surface",
    "network_data",
    "provenance",
    "raster_data",
    "read_network",
    "save_census",
    "save_network",
    "save_surface",
    "training_data",
    "validate",
    "write_network",
    "write_results",
]
