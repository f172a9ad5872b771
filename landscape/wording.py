"""Words for people: what models are called, times, numbers of things, tables of text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from landscape.neurons import MODELS

_ONE_OF_SEVERAL = re.compile(r"(.+)_seed(\d+)")


def display_name(name: str) -> str:
    """A model's name as it stands in figures and reports: ``"LIF"``, ``"LIF seed 3"``, others as they are."""
    if match := _ONE_OF_SEVERAL.fullmatch(name):
        return f"{display_name(match[1])} seed {match[2]}"
    # A network is often called like its neurons.
    return (MODELS[name].title if name in MODELS else "") or name


def display_names(names: Iterable[str]) -> str:
    """Names of models in a list, those that only differ in their seeds together: ``"LIF seeds 1 to 5, QIF"``."""
    seeds: dict[str, list[int]] = {}
    for name in names:
        match = _ONE_OF_SEVERAL.fullmatch(name)
        seeds.setdefault(match[1] if match else name, []).extend([int(match[2])] if match else [])
    return ", ".join(display_name(own) + _seeds(found) for own, found in seeds.items())


def _seeds(seeds: list[int]) -> str:
    if len(seeds) < 2:
        return "".join(f" seed {seed}" for seed in seeds)
    if len(seeds) > 2 and seeds == list(range(seeds[0], seeds[0] + len(seeds))):
        return f" seeds {seeds[0]} to {seeds[-1]}"
    return f" seeds {', '.join(map(str, seeds))}"


def family(name: str) -> str:
    """What a model shares its name with that was trained from several seeds: ``"lif"`` for ``"lif_seed3"``; its own
    name otherwise.
    """
    match = _ONE_OF_SEVERAL.fullmatch(name)
    return match[1] if match else name


def representatives(names: Iterable[str], most: int) -> dict[str, str]:
    """Models to show, by what they are called: all of at most ``most``, else of those that only differ in their seeds
    the first.
    """
    listed = list(names)
    if len(listed) <= most:
        return {display_name(name): name for name in listed}
    first: dict[str, str] = {}
    for name in listed:
        first.setdefault(display_name(family(name)), name)
    return first


def counted(number: int, one: str, several: str) -> str:
    """A number of things: ``"1 discontinuity"``, ``"3 discontinuities"``."""
    return f"{number:,} {one if number == 1 else several}"


def duration_text(seconds: float) -> str:
    """A time that something took: ``"3.4 s"``, ``"12 min 5 s"``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def rough_duration(seconds: float) -> str:
    """An estimated time, to two digits or so: ``"45 s"``, ``"12 min"``, ``"3.4 h"``, ``"12 days"``."""
    if seconds < 99.5:
        return f"{seconds:.2g} s"
    if seconds < 5940:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:,.0f} days"


def text_table(rows: Sequence[Sequence[str]], align: str) -> str:
    """Rows of cells as text, in columns; ``align`` has a ``<`` or ``>`` for each."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, align, widths, strict=True)).rstrip()
        for row in rows
    )
