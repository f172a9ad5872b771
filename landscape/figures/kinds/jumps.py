"""How large the jumps of the loss are, and why they happen, all models in one figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedFormatter, FixedLocator, PercentFormatter
from numpy.typing import NDArray

from landscape.figures.captions import model_sentence, remedy_sentence, slice_sentences, with_caption
from landscape.figures.kind import FigureKind
from landscape.figures.material import Material
from landscape.figures.style import MECHANISMS, PAGE, display_name
from landscape.fragmentation.census.record import Census

FloatArray = NDArray[np.float64]

_LINES = {"order": (0, (1, 1)), "grazing": (0, (4, 1.5)), "trial_end": (0, (4, 1, 1, 1))}

#: Width of a character of the text in the bars, as a share of the axis.
_CHARACTER = 0.0165

_SHARES = (
    "Right: shares of the number of jumps and of their summed size; what the spike does in the direction of travel, "
    "and where it is."
)

#: Shades of what is no mechanism: before and after, in the output layer and below.
_DARK, _LIGHT = "#5a5a5a", "#c4c4c4"


def jump_size_figure(material: Material, name: str) -> Figure | None:
    """Draw the distribution of the jumps of single samples and their mechanisms; None where there are no jumps."""
    censuses = {m: c for m, c in material.of(Census, name).items() if np.isfinite(c.jump).any()}
    if not censuses:
        return None
    figure = Figure(figsize=(PAGE, 2.35 + 0.9 * max(0, len(censuses) - 2)))
    left, right = figure.subplots(1, 2, width_ratios=(1.0, 1.15))
    mechanisms = [m for m in MECHANISMS if any((c.mechanism == m).any() for c in censuses.values())]
    for model, census in censuses.items():
        _draw_survival(left, census, material.colors[model])
    left.set_xscale("log")
    left.set_yscale("log")
    left.grid(True)
    left.set_xlabel("Size of the jump of a sample's loss, x (nats)")
    left.set_ylabel("Jumps of at least x,\nper sample and unit length")
    left.legend(handles=_line_keys(material, list(censuses), mechanisms), loc="lower left", handlelength=2.4)
    _draw_shares(right, censuses)
    without = [m for m in material.models if m in material.of(Census, name) and m not in censuses]
    surfaces = {model: material.surfaces[name][model] for model in material.of(Census, name)}
    sentences = [
        f"Discontinuities of the losses of single samples along the slice '{name}'.",
        *(_model_numbers(model, census) for model, census in censuses.items()),
        *(_none_sentence(model, material.of(Census, name)[model]) for model in without),
        "Left: all (full) and by mechanism (broken lines).",
        _SHARES,
        model_sentence(list(surfaces), material.sizes),
        *slice_sentences(surfaces),
        remedy_sentence(list(surfaces), material.remedies),
    ]
    with_caption(figure, sentences, column_gap=0.05)
    return figure


def _draw_survival(axis: Axes, census: Census, color: str) -> None:
    sizes = np.abs(census.jump)
    finite = np.isfinite(sizes)
    per = census.n_samples * (census.high - census.low)
    axis.step(*_survival(sizes[finite], per), where="pre", color=color, linewidth=1.2)
    for mechanism, style in _LINES.items():
        own = finite & (census.mechanism == mechanism)
        if own.any():
            axis.step(*_survival(sizes[own], per), where="pre", color=color, linewidth=0.8, linestyle=style, alpha=0.85)


def _survival(sizes: FloatArray, per: float) -> tuple[FloatArray, FloatArray]:
    """Sizes in ascending order and how many are at least as large, over ``per``."""
    return np.sort(sizes), np.arange(sizes.size, 0, -1) / per


def _draw_shares(axis: Axes, censuses: Mapping[str, Census]) -> None:
    """Stacked bars, one row per model and share."""
    labels: list[str] = []
    row = 0.0
    places = []
    for model, census in censuses.items():
        for label, parts in _parts(census):
            begin = 0.0
            for text, share, color in parts:
                if share <= 0.0:
                    continue
                axis.barh(row, share, left=begin, height=0.74, color=color, edgecolor="white", linewidth=0.6)
                if share > _CHARACTER * len(text):
                    dark = color in (_DARK, MECHANISMS["grazing"][0], MECHANISMS["order"][0])
                    axis.text(
                        begin + share / 2,
                        row,
                        f"{text} {share:.0%}" if share > _CHARACTER * (len(text) + 5) else text,
                        ha="center",
                        va="center",
                        fontsize=6.0,
                        color="white" if dark else "#222222",
                    )
                begin += share
            labels.append(label if len(censuses) == 1 else f"{display_name(model)}: {label}")
            places.append(row)
            row -= 1.0
        row -= 0.4
    axis.set_xlim(0.0, 1.0)
    axis.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axis.yaxis.set_major_locator(FixedLocator(places))
    axis.yaxis.set_major_formatter(FixedFormatter(labels))
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
    if len(censuses) == 1:
        axis.set_title(f"Shares ({display_name(next(iter(censuses)))})")


def _parts(census: Census) -> list[tuple[str, list[tuple[str, float, str]]]]:
    """Rows of shares: label, then text, share and colour of every part."""
    finite = np.isfinite(census.jump)
    ones, sizes = finite.astype(float), np.where(finite, np.abs(census.jump), 0.0)

    def share(chosen: NDArray[np.bool_], weights: FloatArray) -> float:
        return float(weights[chosen].sum() / weights.sum())

    def by_mechanism(weights: FloatArray) -> list[tuple[str, float, str]]:
        return [(label, share(census.mechanism == m, weights), color) for m, (color, _, label) in MECHANISMS.items()]

    appears = census.kind == "appearance"
    return [
        ("mechanism, by number", by_mechanism(ones)),
        ("mechanism, by size", by_mechanism(sizes)),
        ("kind", [("appearance", share(appears, ones), _DARK), ("disappearance", share(~appears, ones), _LIGHT)]),
        (
            "cause",
            [
                ("hidden layers", share(census.downstream, ones), _DARK),
                ("output", share(~census.downstream, ones), _LIGHT),
            ],
        ),
    ]


def _line_keys(material: Material, models: Sequence[str], mechanisms: Sequence[str]) -> list[Line2D]:
    keys = [Line2D([], [], color=material.colors[model], label=display_name(model), linewidth=1.2) for model in models]
    return keys + [
        Line2D([], [], color="#444444", linestyle=_LINES[mechanism], linewidth=0.8, label=MECHANISMS[mechanism][2])
        for mechanism in mechanisms
    ]


def _model_numbers(model: str, census: Census) -> str:
    sizes = np.abs(census.jump[np.isfinite(census.jump)])
    infinite = len(census) - sizes.size
    return (
        f"{display_name(model)}: {sizes.size:,} jumps of {census.n_samples} samples: median {np.median(sizes):.2g} "
        f"nats, largest {sizes.max():.3g} nats"
        + (f", and {infinite} infinite ones that are left out." if infinite else ".")
    )


def _none_sentence(model: str, census: Census) -> str:
    examined = sum(census.transitions.values())
    return f"{display_name(model)}: no discontinuity at {examined:,} transitions of {census.n_samples} samples."


FIGURE = FigureKind(
    name="jumps",
    of="line",
    place=30,
    caption="Sizes and mechanisms of the jumps of single samples",
    draw=jump_size_figure,
    needs="a census of a line, with a jump",
)
