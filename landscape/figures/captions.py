"""What a figure shows, said under it: models, data, directions, seed."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from landscape.figures.style import display_name

if TYPE_CHECKING:
    from landscape.slices.surface import Surface

_SIZE = 6.5
_LINE = _SIZE * 1.35 / 72.0
#: Mean width of a character of the caption's font, in inches.
_CHARACTER = _SIZE * 0.52 / 72.0

_OBJECTIVES = {
    "first_spike": "first-spike loss",
    "max_potential": "maximum-potential loss",
    "mean_potential": "mean-potential loss",
}
_SCALINGS = {
    "neuron": "each neuron's part scaled to that neuron's weight norm",
    "layer": "each layer's part scaled to that layer's weight norm",
    "unit": "each of length 1",
    "raw": "not scaled",
}


def slice_sentences(surfaces: Mapping[str, Surface]) -> list[str]:
    """Sentences on where the points of a figure are and what was evaluated there.

    Args:
        surfaces: surfaces by model. What all share is said once; what differs, per model.
    """
    sentences = []
    described = {name: _directions(surface) for name, surface in surfaces.items()}
    sentences.append(_common("Directions", described))
    about = {name: surface.attributes for name, surface in surfaces.items()}
    centres = {name: str(values["centre"]) + " network" for name, values in about.items() if "centre" in values}
    if centres:
        sentences.append(_common("Centre (0)", centres))
    evaluated = {name: _evaluated(values) for name, values in about.items()}
    if any(evaluated.values()):
        sentences.append(_common("Evaluated", evaluated))
    return [sentence for sentence in sentences if sentence]


def _directions(surface: Surface) -> str:
    directions = surface.directions
    parts = [str(directions.recipe)]
    # A recipe may say its scaling and seed itself; then once is enough.
    scaling = _SCALINGS.get(str(directions.normalization), str(directions.normalization))
    parts.append(scaling)
    if directions.seed is not None and "seed" not in parts[0]:
        parts.append(f"seed {directions.seed}")
    return ", ".join(parts)


def _evaluated(attributes: Mapping[str, Any]) -> str:
    parts = []
    if "data" in attributes:
        parts.append(str(attributes["data"]))
    if "samples" in attributes:
        parts.append(f"{attributes['samples']} samples")
    if "objective" in attributes:
        parts.append(_OBJECTIVES.get(str(attributes["objective"]), str(attributes["objective"])))
    return ", ".join(parts)


def _common(what: str, said: Mapping[str, str]) -> str:
    said = {name: text for name, text in said.items() if text}
    if not said:
        return ""
    if len(set(said.values())) == 1:
        return f"{what}: {next(iter(said.values()))}."
    return f"{what}: " + "; ".join(f"{display_name(name)}: {text}" for name, text in said.items()) + "."


def model_sentence(models: Sequence[str], sizes: Mapping[str, Sequence[int]]) -> str:
    """Which networks are shown, with their sizes."""
    texts = {name: "-".join(str(n) for n in sizes[name]) for name in models if name in sizes}
    if not texts:
        return ""
    if len(set(texts.values())) == 1:
        return f"Networks: {next(iter(texts.values()))} ({', '.join(display_name(name) for name in models)})."
    return "Networks: " + ", ".join(f"{display_name(name)} {text}" for name, text in texts.items()) + "."


def with_caption(figure: Figure, sentences: Sequence[str]) -> str:
    """Make the figure taller by a caption under its axes and lay the rest out above it.

    Returns:
        The caption's text.
    """
    text = " ".join(sentence for sentence in sentences if sentence)
    width, height = figure.get_size_inches()
    lines = textwrap.wrap(text, max(20, int((width - 0.12) / _CHARACTER)))
    space = _LINE * len(lines) + 0.08
    figure.set_size_inches(width, height + space)
    below = space / (height + space)
    figure.set_layout_engine(
        "constrained", rect=(0.0, below, 1.0, 1.0 - below), w_pad=0.03, h_pad=0.03, wspace=0.03, hspace=0.03
    )
    figure.text(
        0.06 / width,
        (space - 0.02) / (height + space),
        "\n".join(lines),
        ha="left",
        va="top",
        fontsize=_SIZE,
        color="#444444",
        linespacing=1.3,
        in_layout=False,
    )
    return text
