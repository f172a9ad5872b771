"""Figures as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter

from landscape.errors import InputError, cannot_write
from landscape.filesystem import replacing
from landscape.text import visible

#: No time and no version of the software: the same numbers make the same file.
_METADATA = {
    "pdf": {"CreationDate": None, "ModDate": None, "Producer": None, "Creator": None},
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
}
FORMATS = tuple(_METADATA)


def settle(figure: Figure) -> None:
    """Lay a figure out for good: what is drawn several times is not measured anew each time."""
    show_literally(figure)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine("none")


def show_literally(artist: Artist) -> None:
    """Have names shown as they are, dollar signs too: only the numbers at the ticks of an axis may be formulas.

    Names at ticks are those of a :class:`FixedFormatter`.
    """
    for child in artist.get_children():
        if isinstance(child, Text):
            _show_literally(child)
        elif not isinstance(child, Axis):
            show_literally(child)
        elif isinstance(names := child.get_major_formatter(), FixedFormatter):
            names.seq = [visible(name, keep="\n") for name in names.seq]
            show_literally(child)
        else:
            _show_literally(child.label)


def _show_literally(text: Text) -> None:
    text.set_parse_math(False)
    text.set_text(visible(text.get_text(), keep="\n"))


def save_figure(figure: Figure, path: Path) -> Path:
    """Write a figure; the format is that of the suffix. An older file stays until the new one is complete.

    Raises:
        InputError: the suffix is none of pdf, png, svg, or nothing may be written there.
        WriteError: the disk is full, or fails.
    """
    kind = path.suffix.lstrip(".").lower()
    if kind not in _METADATA:
        raise InputError(f"{path}: cannot draw {path.suffix or 'a file without suffix'}; use .pdf, .png or .svg")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        options: dict[str, Any] = {"pil_kwargs": {"compress_level": 4}} if kind == "png" else {}
        with replacing(path) as file:
            figure.savefig(file, format=kind, metadata=_METADATA[kind], **options)
    except OSError as error:
        raise cannot_write(path, error) from error
    return path
