"""The files that hold the measures of single lines of a comparison: small tables, of which there may be very many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from landscape.experiment.shards import FORMAT_VERSION, check_origin, require_seal

LINE_FORMAT = "landscape-compared-line"


@dataclass(frozen=True)
class ComparedLine:
    """One line of a comparison around a network.

    Attributes:
        values: measures by name; empty where the line could not be measured.
        reason: why it could not be measured; empty where it could.
        attributes: where the file comes from.
    """

    values: dict[str, float]
    reason: str
    attributes: dict[str, Any]


def write_line(path: Path, values: Mapping[str, float], reason: str, attributes: Mapping[str, Any]) -> None:
    """Write the measures of a line, or why there are none.

    Raises:
        InputError: nothing may be written there.
        WriteError: the disk is full, or fails.
    """
    from landscape.h5.files import replace_file
    from landscape.h5.records import write_attributes

    own = {"format": LINE_FORMAT, "format_version": FORMAT_VERSION, "reason": reason, "measures": list(values)}
    with replace_file(path) as file:
        write_attributes(file, dict(attributes) | own)
        file.create_dataset("values", data=np.array(list(values.values()), np.float64), track_times=False)


def read_line(path: Path, name: str) -> ComparedLine:
    """Read what :func:`write_line` wrote as the piece ``name``.

    Raises:
        DamagedFileError: it is damaged, or there is none.
        ResultFileError: it is another piece, or of another format version.
    """
    from landscape.h5.files import open_for_reading
    from landscape.h5.records import read_attributes

    require_seal(path)
    with open_for_reading(path) as file:
        attributes = read_attributes(file)
        check_origin(path, attributes, LINE_FORMAT, name)
        values = np.asarray(file["values"][()], np.float64)
        named = dict(zip(attributes["measures"], (float(value) for value in values), strict=True))
        return ComparedLine(named, str(attributes["reason"]), attributes)
