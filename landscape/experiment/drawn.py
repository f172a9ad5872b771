"""Which figures and pages were made, and from which result: a record beside the pieces that spares making them again.

The record holds the hash of each file, so that one that changed since is made again. It may come from somebody else, or
be a file of any content. It holds bare names, and nothing but what can be a figure's name in the folder of the figures
is taken from it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from landscape.experiment.folder import ResultsFolder
from landscape.filesystem import is_plain_name, is_regular, open_regular, read_record, write_text

_SUFFIXES = ("pdf", "png", "svg")


def drawn_figures(folder: ResultsFolder, source: str, say: Callable[[str], None]) -> list[Path] | None:
    """Return the figures that were drawn from a result if all of them are there as they were drawn; None if some have
    to be drawn.

    Args:
        folder: the results folder.
        source: what :func:`remember_drawn` was told that they were drawn from.
        say: is told which figure is another one than was drawn.
    """
    record = read_record(_record_file(folder), drawn_from=str, files=dict)
    if record is None or record["drawn_from"] != source or not all(map(_is_figure, record["files"])):
        return None
    figures = {folder.figures / name: written for name, written in record["files"].items()}
    return list(figures) if _all_as_written(figures, say) else None


def is_reported(folder: ResultsFolder, pages: Iterable[Path], say: Callable[[str], None]) -> bool:
    """Return whether the pages of the report are there as they were written after the latest figures.

    Args:
        folder: the results folder.
        pages: the files.
        say: is told which page is another one than was written.
    """
    record = read_record(_record_file(folder), report=dict)
    return record is not None and _all_as_written({page: record["report"].get(page.name) for page in pages}, say)


def remember_drawn(folder: ResultsFolder, source: str, files: Iterable[Path]) -> None:
    """Remember what was drawn, and remove figures drawn earlier that there are no more.

    Args:
        folder: the results folder.
        source: what tells a later run that the figures are up to date.
        files: the figures, all in the folder of the figures.

    Raises:
        OSError: the record cannot be written, a figure not be read or not be removed.
    """
    drawn = {file.name: _hash_of(file) for file in files}
    earlier = read_record(_record_file(folder), files=dict) or {"files": {}}
    for name in earlier["files"]:
        if _is_figure(name) and name not in drawn and is_regular(folder.figures / name):
            (folder.figures / name).unlink()
    write_text(_record_file(folder), json.dumps({"drawn_from": source, "files": drawn}, indent=1))


def remember_report(folder: ResultsFolder, pages: Iterable[Path]) -> None:
    """Remember the pages of the report on what was drawn.

    Raises:
        OSError: the record cannot be written, or a page not be read.
    """
    record = read_record(_record_file(folder), drawn_from=str, files=dict)
    if record is not None:
        record["report"] = {page.name: _hash_of(page) for page in pages}
        write_text(_record_file(folder), json.dumps(record, indent=1))


def _all_as_written(files: dict[Path, object], say: Callable[[str], None]) -> bool:
    there = all(map(is_regular, files))
    changed = [file for file, written in files.items() if is_regular(file) and _hash_of(file) != written]
    for file in changed:
        say(f"{file.name}: changed since it was made, made again")
    return there and not changed


def _hash_of(file: Path) -> str:
    with open_regular(file) as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _record_file(folder: ResultsFolder) -> Path:
    return folder.pieces / "figures.json"


def _is_figure(name: str) -> bool:
    stem, _, suffix = name.rpartition(".")
    return suffix in _SUFFIXES and is_plain_name(stem)
