"""How all figures look: sizes, fonts, colours. The one place to change it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import Colormap, ListedColormap, to_hex, to_rgb
from matplotlib.ticker import MaxNLocator

from landscape.neurons import MODELS
from landscape.wording import display_name, family

__all__ = [
    "COLUMN",
    "FAILED_EDGE",
    "FAILED_FACE",
    "MAPS",
    "MARK",
    "MECHANISMS",
    "PAGE",
    "PENDING_EDGE",
    "PENDING_FACE",
    "SETTINGS",
    "ZERO_FACE",
    "color_map",
    "display_name",
    "model_colors",
    "style",
    "ticks",
]

#: Widths of a journal's column and page, in inches (85 mm and 180 mm).
COLUMN = 85 / 25.4
PAGE = 180 / 25.4

_TEXT = 7.0

#: Everything that differs from matplotlib's defaults, so that a user's own settings do not change the
#: figures.
SETTINGS: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": _TEXT,
    "axes.titlesize": 8.0,
    "axes.labelsize": _TEXT,
    "xtick.labelsize": _TEXT,
    "ytick.labelsize": _TEXT,
    "legend.fontsize": _TEXT,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlepad": 4.0,
    "axes.labelpad": 2.5,
    "axes.axisbelow": True,
    "axes.formatter.useoffset": False,
    "axes.formatter.limits": (-4, 5),
    "axes.edgecolor": "#333333",
    "axes.labelcolor": "#222222",
    "text.color": "#222222",
    "xtick.color": "#333333",
    "ytick.color": "#333333",
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "lines.linewidth": 1.0,
    "lines.markersize": 2.0,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.5,
    "hatch.linewidth": 0.5,
    "figure.dpi": 100.0,
    "savefig.dpi": 300.0,
    "savefig.bbox": None,
    "svg.hashsalt": "landscape",
    "pdf.fonttype": 42,  # TrueType: text stays text that can be searched and edited
    "ps.fonttype": 42,
    "image.composite_image": False,
    "path.simplify": True,
}

#: Okabe and Ito's colours, which people with any kind of colour blindness tell apart; neuron models of the package have
#: one of them fixed (:class:`landscape.neurons.NeuronModel`).
_OTHERS = ("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#000000", "#D55E00", "#0072B2")

#: Share of white in the lightest of the shades of a colour.
_LIGHTEST = 0.5

#: Perceptually uniform maps. A quantity keeps its map in all figures.
MAPS = {"loss": "viridis", "gradient": "magma", "silent": "cividis", "loss behind": "Greys"}

#: The part of the last one that coloured curves stand out from.
_BEHIND = (0.06, 0.55)

#: Points that were not evaluated, and points at which there is no finite value.
PENDING_FACE, PENDING_EDGE = "#f4f4f4", "#b8b8b8"
FAILED_FACE, FAILED_EDGE = "#d9d9d9", "#7a7a7a"
ZERO_FACE = "#ffffff"

#: Why a loss jumps: colour (told apart with any kind of colour blindness, and none of a known neuron's), marker, words.
MECHANISMS: dict[str, tuple[str, str, str]] = {
    "order": ("#009E73", "^", "order"),
    "grazing": ("#882E72", "o", "grazing"),
    "trial_end": ("#E69F00", "s", "trial end"),
}

#: Marks are legible on every map: white with a dark rim.
MARK: dict[str, Any] = {
    "markerfacecolor": "white",
    "markeredgecolor": "#111111",
    "markeredgewidth": 0.6,
    "linestyle": "none",
}


@contextmanager
def style() -> Iterator[None]:
    """The settings of all figures, for the time of a block; afterwards matplotlib is as it was before."""
    with mpl.rc_context():
        # The user's file or code may have changed anything: start from the library's own defaults.
        mpl.rcParams.update({key: mpl.rcParamsDefault[key] for key in mpl.rcParamsDefault if key not in _LEFT_ALONE})
        mpl.rcParams.update(SETTINGS)  # type: ignore[arg-type]
        yield


# Touching these would choose a backend, or warn.
_LEFT_ALONE = frozenset(mpl.rcParamsDefault) & {
    "backend",
    "backend_fallback",
    "interactive",
    "toolbar",
    "timezone",
    "tk.window_focus",
    "webagg.address",
    "webagg.open_in_browser",
    "webagg.port",
    "webagg.port_retries",
    "date.epoch",
    "docstring.hardcopy",
}


def model_colors(names: Sequence[str], neurons: Sequence[str | None]) -> list[str]:
    """One colour per model: that of its neuron where no earlier model has it, otherwise the next free one. Models that
    only differ in their seeds share it, in lighter and lighter shades.
    """
    colors: dict[str, str] = {}
    for name, neuron in zip(names, neurons, strict=True):
        if family(name) in colors:
            continue
        taken = list(colors.values())
        kind = neuron or family(name)
        wanted = MODELS[kind].color if kind in MODELS else None
        free = [wanted] if wanted and wanted not in taken else [c for c in _OTHERS if c not in taken]
        colors[family(name)] = free[0] if free else _OTHERS[len(taken) % len(_OTHERS)]
    families = [family(name) for name in names]
    shades = []
    for number, own in enumerate(families):
        earlier, count = families[:number].count(own), families.count(own)
        shades.append(_lighter(colors[own], _LIGHTEST * earlier / max(count - 1, 1)))
    return shades


def _lighter(color: str, share: float) -> str:
    red, green, blue = ((1.0 - share) * part + share for part in to_rgb(color))
    return to_hex((red, green, blue)).upper() if share > 0.0 else color


def color_map(quantity: str) -> Colormap:
    """The colour map of a quantity.

    Bad values are transparent in it: what was not evaluated shows the hatching below.
    """
    found = mpl.colormaps[MAPS[quantity]]
    return ListedColormap(found(np.linspace(*_BEHIND, 256))) if quantity == "loss behind" else found


def ticks(count: int, *, integer: bool = False) -> MaxNLocator:
    """At most ``count`` intervals between ticks, at round numbers."""
    return MaxNLocator(count, steps=[1, 2, 5, 10], integer=integer)
