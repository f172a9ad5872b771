"""Training curves of all models on common axes."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from landscape.figures.captions import model_sentence, remedy_sentence, with_caption
from landscape.figures.kind import FigureKind
from landscape.figures.material import Material
from landscape.figures.scales import WIDE
from landscape.figures.style import PAGE, ticks
from landscape.training.record import TrainingRecord
from landscape.wording import display_names, representatives

#: Panels: title, columns drawn full and dashed, and the kind of axis.
_PANELS = (
    ("Loss (nats)", "train_loss", "test_loss", "wide"),
    ("Accuracy", "train_accuracy", "test_accuracy", "share"),
    ("Gradient norm", "gradient_norm", None, "wide"),
    ("Spikes per hidden neuron", "activity", None, "plain"),
    ("Silent hidden neurons", "silent_share", None, "share"),
    ("Learning rate", "learning_rate", None, "wide"),
)

#: More models than so many are not named one by one in the legend.
_MOST_NAMED = 6


def training_figure(material: Material) -> Figure | None:
    """Draw the training records; None where no model has one."""
    records = material.of(TrainingRecord)
    if not records:
        return None
    figure = Figure(figsize=(PAGE, 3.1))
    axes = figure.subplots(2, 3, sharex=True)
    notes = []
    shown = representatives(records, _MOST_NAMED)
    thin = 1.0 if len(shown) == len(records) else 0.5
    for axis, (title, full, dashed, kind) in zip(axes.ravel(), _PANELS, strict=True):
        for model, record in records.items():
            _draw_record(axis, record, full, dashed, material.colors[model], thin)
        axis.set_title(title)
        axis.grid(True, axis="y")
        axis.xaxis.set_major_locator(ticks(5, integer=True))
        if _scale_axis(axis, kind):
            axis.set_title(f"{title} (log scale)")
    for axis in axes[-1]:
        axis.set_xlabel("Epoch")
    handles = [Line2D([], [], color=material.colors[m], linewidth=2.0, label=name) for name, m in shown.items()]
    handles += [
        Line2D([], [], color="#444444", label="training data"),
        Line2D([], [], color="#444444", linestyle=(0, (3, 1.5)), label="test data"),
        Line2D([], [], color="#444444", linestyle="none", marker="o", markersize=3.5, label="best epoch"),
    ]
    if len(shown) < len(records):
        notes.append("Shades: seeds of a model.")
    interrupted = [model for model, record in records.items() if record.interrupted]
    if interrupted:
        notes.append(f"Interrupted: {display_names(interrupted)}.")
    sentences = [
        f"Training{' on ' + material.data if material.data else ''}. Epoch 0 is the initial network.",
        model_sentence(list(records), material.sizes),
        "Silent neurons fire in no sample.",
        _settings(records),
        remedy_sentence(list(records), material.remedies),
        *notes,
    ]
    with_caption(figure, sentences, keys=handles)
    return figure


def _draw_record(axis: Axes, record: TrainingRecord, full: str, dashed: str | None, color: str, width: float) -> None:
    epochs = np.asarray(record.history["epoch"])
    best = np.flatnonzero(epochs == record.best_epoch)
    for name, line, alpha in ((full, "-", 1.0), (dashed, (0, (3, 1.5)), 0.9)):
        values = record.history.get(name) if name else None
        if values is None or not np.any(np.isfinite(values)):
            continue
        drawn = np.where(np.isfinite(values), values, np.nan)
        # One epoch alone makes no line.
        marker = "o" if np.count_nonzero(np.isfinite(drawn)) == 1 else ""
        axis.plot(epochs, drawn, color=color, linestyle=line, linewidth=width, alpha=alpha, marker=marker)
        if best.size:
            size = 3.5 * width**0.5
            axis.plot(epochs[best[:1]], drawn[best[:1]], color=color, marker="o", markersize=size, linestyle="none")


def _scale_axis(axis: Axes, kind: str) -> bool:
    """Choose the range of an axis; True where it is logarithmic."""
    values = [np.asarray(line.get_ydata(), dtype=float) for line in axis.get_lines()]
    joined = np.concatenate(values) if values else np.empty(0)
    joined = joined[np.isfinite(joined)]
    if kind == "share":
        axis.set_ylim(-0.04, 1.04)
        axis.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        return False
    positive = joined[joined > 0.0]
    wide = kind == "wide" and positive.size > 0 and joined.min() >= 0.0 and positive.max() > WIDE * positive.min()
    if wide:
        axis.set_yscale("log")
    else:
        if joined.size and joined.min() >= 0.0:
            axis.set_ylim(bottom=0.0, top=1.06 * float(joined.max()) if joined.max() > 0.0 else 1.0)
        axis.yaxis.set_major_locator(ticks(4))
    return bool(wide)


def _settings(records: dict[str, TrainingRecord]) -> str:
    names = ["optimizer", "learning_rate", "batch_size", "seed"]
    if len({record.settings.get("seed") for record in records.values()}) > 1 and len(records) > _MOST_NAMED:
        # Their names tell the seeds.
        names = names[:-1]
    alike: dict[str, list[str]] = {}
    for model, record in records.items():
        found = [f"{name.replace('_', ' ')} {record.settings[name]}" for name in names if name in record.settings]
        alike.setdefault(", ".join(found), []).append(model)
    if len(alike) == 1:
        only = next(iter(alike))
        return f"Settings: {only}." if only else ""
    return "Settings: " + "; ".join(f"{display_names(models)}: {text}" for text, models in alike.items()) + "."


FIGURE = FigureKind(
    name="training",
    of="experiment",
    place=210,
    caption="Training curves of all models",
    draw=training_figure,
    needs="training records",
    section="training",
)
