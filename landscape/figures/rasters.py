"""Spike rasters: a sample through the layers of each network, and samples of a data set."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from landscape.errors import InputError
from landscape.figures.captions import with_caption
from landscape.figures.saving import save_figure, show_literally
from landscape.figures.style import COLUMN, PAGE, style, ticks
from landscape.paths import user_path

if TYPE_CHECKING:
    from landscape.datasets import Dataset

INK = "#222222"


def plot_data(
    data: Dataset,
    path: str | os.PathLike[str] | None = None,
    samples: Sequence[int] | None = None,
    *,
    name: str = "",
) -> Figure:
    """Draw spike rasters of some samples of a data set.

    Args:
        data: the data set (its ``times``, ``channels``, ``offsets``, ``labels`` and ``n_channels`` are used).
        path: file to write, PDF, PNG or SVG by its suffix; None to write none.
        samples: numbers of the samples; the first sample of each of the first six classes where not given.
        name: name of the data set, for the caption.

    Returns:
        The figure.

    Raises:
        InputError: a sample that the data set does not have, a suffix that is no image format, or a file that
            cannot be written.
    """
    offsets, labels = np.asarray(data.offsets), np.asarray(data.labels)
    if samples is None:
        chosen = np.unique(labels, return_index=True)[1][:6].tolist()
    else:
        chosen = [int(sample) for sample in samples]
    for sample in chosen:
        if not 0 <= sample < labels.size:
            raise InputError(f"sample {sample}: the data set has samples 0 to {labels.size - 1}; choose among these")
    if not chosen:
        raise InputError("no samples to draw; choose at least one")
    with style():
        figure = _data_figure(data, offsets, labels, chosen, name)
        show_literally(figure)
        if path is not None:
            save_figure(figure, user_path(path))
    return figure


def _data_figure(
    data: Dataset, offsets: NDArray[np.int64], labels: NDArray[np.int64], chosen: list[int], name: str
) -> Figure:
    columns = min(3, len(chosen))
    rows = -(-len(chosen) // columns)
    page = COLUMN if columns == 1 else PAGE
    height = 1.75
    figure = Figure(figsize=(page, rows * height + 0.35))
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    last = max(float(data.times[offsets[s] : offsets[s + 1]].max(initial=0.0)) for s in chosen)
    for axis, sample in zip(axes.ravel(), chosen, strict=False):
        part = slice(int(offsets[sample]), int(offsets[sample + 1]))
        times, channels = data.times[part], data.channels[part]
        draw_spikes(axis, times, channels, int(data.n_channels), height, page / columns, INK)
        axis.set_title(f"class {labels[sample]}", loc="left")
        axis.text(
            1.0,
            1.02,
            f"sample {sample}, {times.size} spikes",
            transform=axis.transAxes,
            ha="right",
            va="bottom",
            fontsize=5.5,
            color="#666666",
        )
        axis.set_xlim(0.0, last * 1.02 if last > 0.0 else 1.0)
    for axis in axes.ravel()[len(chosen) :]:
        axis.set_axis_off()
    for number, axis in enumerate(axes.ravel()[: len(chosen)]):
        if number + columns >= len(chosen):
            axis.set_xlabel("Time")
            axis.tick_params(labelbottom=True)
    for axis in axes[:, 0]:
        axis.set_ylabel("Channel")
    of_data = f" of {name}" if name else ""
    sizes = f"{int(data.n_channels)} channels, {int(data.n_classes)} classes"
    shown = f"Input spikes{of_data}: {len(chosen)} of {labels.size} samples, {sizes}."
    with_caption(figure, [shown, "Time in the unit of the data set."])
    return figure


def draw_spikes(
    axis: Axes, times: ArrayLike, neurons: ArrayLike, size: int, height: float, width: float, color: str
) -> None:
    """One mark per spike, as tall as the row of its neuron, within what can be seen."""
    times = np.asarray(times)
    row = height * 72.0 / max(size, 1)
    crowded = times.size > 2000.0 * width / 2.0
    axis.plot(
        times,
        np.asarray(neurons),
        linestyle="none",
        marker="|",
        markersize=float(np.clip(0.85 * row, 0.9 if crowded else 1.7, 9.0)),
        markeredgewidth=0.35 if crowded else 0.6,
        color=color,
        rasterized=times.size > 4000,
        clip_on=True,
    )
    axis.set_ylim(-0.6, size - 0.4)
    axis.yaxis.set_major_locator(ticks(4 if height > 1.0 else 3, integer=True))
    axis.xaxis.set_major_locator(ticks(5))
