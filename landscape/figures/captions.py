"""What a figure shows, said under it: models, data, directions, seed."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from landscape.figures.style import MECHANISMS, display_name
from landscape.readouts import READOUTS
from landscape.slices.wording import direction_phrases, numbered
from landscape.wording import display_names

if TYPE_CHECKING:
    from landscape.figures.material import Material
    from landscape.slices.surface import Surface

_SIZE = 6.5
_KEYS = 0.2
_LINE = _SIZE * 1.35 / 72.0
#: Mean width of a character of the caption's font, in inches.
_CHARACTER = _SIZE * 0.52 / 72.0


def slice_sentences(surfaces: Mapping[str, Surface]) -> list[str]:
    """Sentences on where the points of a figure are and what was evaluated there.

    Args:
        surfaces: surfaces by model. What all share is said once; what differs, per model.
    """
    centres = {name: _centre(surface.attributes) for name, surface in surfaces.items()}
    evaluated = {name: _evaluated(surface.attributes) for name, surface in surfaces.items()}
    sentences = [
        _sentence("Directions", _directions(surfaces)),
        _sentence("Centre (0)", _said(centres)),
        _sentence("Evaluated", _said(evaluated)),
    ]
    return [sentence for sentence in sentences if sentence]


def absence_sentence(material: Material, name: str, shown: Collection[str], what: str) -> str:
    """Which models have nothing to show in a figure; empty where all are shown.

    Args:
        material: the content of the result file.
        name: the slice.
        shown: the models that the figure shows.
        what: what the others lack, if they have the slice.
    """
    without = [display_name(m) for m in material.models if m not in material.surfaces[name]]
    lacking = [display_name(m) for m in material.models if m in material.surfaces[name] and m not in shown]
    found = [(without, "such slice"), (lacking, what)]
    return " ".join(f"{', '.join(names)}: no {thing}." for names, thing in found if names)


def _directions(surfaces: Mapping[str, Surface]) -> str:
    phrases = {name: direction_phrases(surface.directions) for name, surface in surfaces.items()}
    counts = {len(own) for own in phrases.values()}
    if len(counts) == 1:
        return numbered([_said({name: own[k] for name, own in phrases.items()}) for k in range(counts.pop())])
    return _said({name: [numbered([_listed(texts) for texts in own])] for name, own in phrases.items()})


def _centre(attributes: Mapping[str, Any]) -> list[str]:
    return [f"{attributes['centre']} network" if "centre" in attributes else ""]


def _evaluated(attributes: Mapping[str, Any]) -> list[str]:
    objective = str(attributes.get("objective", ""))
    return [
        str(attributes.get("data", "")),
        f"{attributes['n_samples']} samples" if "n_samples" in attributes else "",
        (READOUTS[objective].loss if objective in READOUTS else "") or objective,
    ]


def _said(parts: Mapping[str, list[str]]) -> str:
    """The parts that each model has as one text; a part that differs is said with the models' names."""
    texts = []
    for number in range(len(next(iter(parts.values())))):
        column = {name: own[number] for name, own in parts.items()}
        if len(set(column.values())) == 1:
            texts.append(next(iter(column.values())))
        else:
            texts.append(" / ".join(f"{text or 'none'} ({display_name(name)})" for name, text in column.items()))
    return _listed(texts)


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(text for text in texts if text)


def _sentence(what: str, said: str) -> str:
    return f"{what}: {said}." if said else ""


def model_sentence(models: Sequence[str], sizes: Mapping[str, Sequence[int]]) -> str:
    """Which networks are shown, with their sizes."""
    texts = {name: "-".join(str(n) for n in sizes[name]) for name in models if name in sizes}
    if not texts:
        return ""
    if len(set(texts.values())) == 1:
        return f"Networks: {next(iter(texts.values()))} ({display_names(models)})."
    return "Networks: " + ", ".join(f"{display_name(name)} {text}" for name, text in texts.items()) + "."


def remedy_sentence(models: Sequence[str], remedies: Mapping[str, str]) -> str:
    """What was done in training against silence; empty where nothing was."""
    alike: dict[str, list[str]] = {}
    for model in models:
        if model in remedies:
            alike.setdefault(remedies[model], []).append(model)
    said = [f"{display_names(own)}: {text}" for text, own in alike.items()]
    return f"Remedies in training: {'; '.join(said)}." if said else ""


def title_with_samples(model: str, what: str, found_of: int, drawn_of: int) -> str:
    """The title of a panel, which says of how many samples something was found if the loss behind is that of more."""
    name = display_name(model)
    return name if found_of == drawn_of else f"{name}: {what} of {found_of} of {drawn_of} samples"


def mechanism_keys(mechanisms: Sequence[str]) -> list[Line2D]:
    """Keys of the mechanisms, to stand above the axes."""
    keys = []
    for mechanism in mechanisms:
        color, marker, label = MECHANISMS[mechanism]
        keys.append(Line2D([], [], color=color, marker=marker, markersize=4.0, linestyle="none", label=label))
    return keys


def with_caption(
    figure: Figure,
    sentences: Sequence[str],
    *,
    keys: Sequence[Artist] = (),
    column_gap: float = 0.03,
    fixed_shape: bool = False,
) -> None:
    """Make the figure taller by a caption under its axes and keys above, and lay the axes out in between.

    Args:
        figure: its size so far is that of the axes with their labels.
        sentences: what to say; empty ones are left out.
        keys: what is explained above the axes, in one row.
        column_gap: width of the gap between columns, as a share of a column.
        fixed_shape: whether the axes keep a ratio of height to width.
    """
    text = " ".join(sentence for sentence in sentences if sentence)
    width, height = figure.get_size_inches()
    lines = textwrap.wrap(text, max(20, int((width - 0.12) / _CHARACTER)))
    below = _LINE * len(lines) + 0.08
    above = _KEYS if keys else 0.0
    total = height + below + above
    figure.set_size_inches(width, total)
    figure.set_layout_engine(
        # "compressed" keeps axes of a fixed shape together, with their colour bar as tall as they are.
        "compressed" if fixed_shape else "constrained",
        rect=(0.0, below / total, 1.0, height / total),
        w_pad=0.03,
        h_pad=0.03,
        wspace=column_gap,
        hspace=0.03,
    )
    if keys:
        legend = figure.legend(
            handles=list(keys), loc="upper center", ncols=len(keys), columnspacing=1.6, borderaxespad=0.15
        )
        # Its room is set aside above; layout engines misjudge legends together with a caption's room below.
        legend.set_in_layout(False)
    figure.text(
        0.06 / width,
        (below - 0.02) / total,
        "\n".join(lines),
        ha="left",
        va="top",
        fontsize=_SIZE,
        color="#444444",
        linespacing=1.3,
        in_layout=False,
    )
