"""The directions of a slice in words, for captions and reports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landscape.slices.directions import Directions

_RECIPES = {"random": "Gaussian random"}
_SCALINGS = {
    "neuron": "each neuron's part scaled to that neuron's weight norm",
    "layer": "each layer's part scaled to that layer's weight norm",
    "network": "scaled to the norm of all weights",
    "unit": "of length 1",
    "raw": "not scaled",
}

#: Recipes of different directions are joined by commas, but a recipe may have commas of its own: a new one begins
#: where the words of a kind do.
_BETWEEN_RECIPES = re.compile(
    r", (?=random(?:,|$)|gradient at |line from |principal components |weight of layer |file )"
)


def direction_phrases(directions: Directions) -> list[list[str]]:
    """How directions were made, how they were scaled, and the seed of random ones; "" where there is none.

    Args:
        directions: the directions of a slice.

    Returns:
        One list of these three texts if it holds for all directions alike, otherwise one per direction.
    """
    recipes = _per_direction(_BETWEEN_RECIPES.split(str(directions.recipe)), str(directions.recipe), len(directions))
    scalings = str(directions.normalization).split(", ")
    scalings = _per_direction(scalings, str(directions.normalization), len(directions))
    pairs = list(zip(recipes, scalings, strict=True))
    if len(set(pairs)) == 1:
        pairs = pairs[:1]
    several = len(pairs) > 1
    return [
        [
            _RECIPES.get(recipe, recipe),
            _SCALINGS.get(scaling, scaling),
            # Of several, only the random ones have a seed. A recipe may say its seed itself; then once is enough.
            ""
            if directions.seed is None or "seed" in recipe or (several and recipe != "random")
            else f"seed {directions.seed}",
        ]
        for recipe, scaling in pairs
    ]


def numbered(texts: list[str]) -> str:
    """One text as it is; several as ``"1: ...; 2: ..."``."""
    return texts[0] if len(texts) == 1 else "; ".join(f"{number}: {text}" for number, text in enumerate(texts, 1))


def _per_direction(parts: list[str], whole: str, count: int) -> list[str]:
    """One part per direction; where they cannot be told apart, all have the whole."""
    return parts if len(parts) == count else [whole] * count
