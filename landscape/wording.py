"""What models are called in figures and reports."""

from __future__ import annotations

import re
from collections.abc import Iterable

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
