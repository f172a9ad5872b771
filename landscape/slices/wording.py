"""The directions of a slice in words, for captions and reports."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from landscape.slices.directions import KINDS, facts_of

if TYPE_CHECKING:
    from landscape.slices.directions import Directions

_SCALINGS = {
    "neuron": "each neuron's part scaled to that neuron's weight norm",
    "layer": "each layer's part scaled to that layer's weight norm",
    "network": "scaled to the norm of all weights",
    "unit": "of length 1",
    "raw": "not scaled",
}


def direction_phrases(directions: Directions) -> list[list[str]]:
    """How directions were made, how they were scaled, and the seed of random ones; "" where there is none.

    Args:
        directions: the directions of a slice.

    Returns:
        One list of these three texts if it holds for all directions alike, otherwise one per direction.
    """
    facts = facts_of(directions)
    whole = str(directions.recipe)
    said = [whole] * len(directions) if facts is None else [_words(own) for own in facts]
    seeded = [True] * len(directions) if facts is None else [_is_seeded(own) for own in facts]
    scalings = _per_direction(str(directions.normalization), len(directions))
    seed = "" if directions.seed is None or "seed" in whole else f"seed {directions.seed}"
    phrases = [
        [text, _SCALINGS.get(scaling, scaling), seed if has_seed else ""]
        for text, scaling, has_seed in zip(said, scalings, seeded, strict=True)
    ]
    return phrases[:1] if all(phrase == phrases[0] for phrase in phrases) else phrases


def numbered(texts: list[str]) -> str:
    """One text as it is; several as ``"1: ...; 2: ..."``."""
    return texts[0] if len(texts) == 1 else "; ".join(f"{number}: {text}" for number, text in enumerate(texts, 1))


def _words(facts: dict[str, Any]) -> str:
    """How a direction was made; a kind that is not known here, of a plugin that is not at hand, goes by its name."""
    kind = str(facts["kind"])
    # Facts of a file from elsewhere may lack anything.
    with suppress(LookupError, TypeError, ValueError):
        if kind in KINDS:
            return KINDS[kind].words(facts)
    return kind


def _is_seeded(facts: dict[str, Any]) -> bool:
    kind = facts["kind"]
    return kind not in KINDS or KINDS[kind].seeded


def _per_direction(whole: str, count: int) -> list[str]:
    """The scaling of each direction; where they cannot be told apart, all have the whole."""
    parts = whole.split(", ")
    parts = parts * count if len(parts) == 1 else parts
    return parts if len(parts) == count else [whole] * count
