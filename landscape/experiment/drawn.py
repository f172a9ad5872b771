"""Which figures were drawn, and from which result: a record beside the pieces that spares drawing them again.

The record may come from somebody else, or be a file of any content. It holds bare names, and nothing but what can be a
figure's name in the folder of the figures is taken from it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from landscape.experiment.folder import ResultsFolder
from landscape.filesystem import is_plain_name, is_regular, read_record, write_text

_SUFFIXES = ("pdf", "png", "svg")


def drawn_figures(folder: ResultsFolder, source: str) -> list[Path] | None:
    """Return the figures that were drawn from a result if all of them are there; None if some have to be drawn.

    Args:
        folder: the results folder.
        source: what :func:`remember_drawn` was told that they were drawn from.
    """
    record = read_record(_record_file(folder), drawn_from=str, files=list)
    if record is None or record["drawn_from"] != source:
        return None
    figures = [folder.figures / name for name in record["files"] if _is_figure(name)]
    complete = len(figures) == len(record["files"]) and all(map(is_regular, figures))
    return figures if complete else None


def remember_drawn(folder: ResultsFolder, source: str, files: Iterable[Path]) -> None:
    """Remember what was drawn, and remove figures drawn earlier that there are no more.

    Args:
        folder: the results folder.
        source: what tells a later run that the figures are up to date.
        files: the figures, all in the folder of the figures.

    Raises:
        OSError: the record cannot be written, or a figure not be removed.
    """
    names = [file.name for file in files]
    earlier = read_record(_record_file(folder), files=list) or {"files": []}
    for name in earlier["files"]:
        if _is_figure(name) and name not in names and is_regular(folder.figures / name):
            (folder.figures / name).unlink()
    write_text(_record_file(folder), json.dumps({"drawn_from": source, "files": names}, indent=1))


def _record_file(folder: ResultsFolder) -> Path:
    return folder.pieces / "figures.json"


def _is_figure(name: object) -> bool:
    if not isinstance(name, str):
        return False
    stem, _, suffix = name.rpartition(".")
    return suffix in _SUFFIXES and is_plain_name(stem)
