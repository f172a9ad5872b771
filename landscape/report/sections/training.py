"""What training reached."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landscape.report.numbers import number, percent, seconds
from landscape.report.origins import differing_origins
from landscape.report.page import Block, Heading, Paragraph, Table
from landscape.report.section import Section
from landscape.results.run import Run
from landscape.training.record import TrainingRecord
from landscape.wording import display_name as model_name
from landscape.wording import family

#: More models than so many are the rows of a table and not its columns.
_MOST_COLUMNS = 6


def training_found(run: Run) -> Iterator[Block]:
    """What training reached."""
    records = run.of(TrainingRecord)
    if not records:
        return
    yield Heading("Training", 3)
    measures = {
        "Best epoch / epochs": lambda r: f"{r.best_epoch} / {int(np.max(r.history['epoch']))}",
        "Training loss (nats)": lambda r: number(r.at_best("train_loss")),
        "Training accuracy": lambda r: percent(r.at_best("train_accuracy")),
        "Test loss (nats)": lambda r: number(r.at_best("test_loss")),
        "Test accuracy": lambda r: percent(r.at_best("test_accuracy")),
        "Test accuracy after the last epoch": lambda r: percent(_last(r, "test_accuracy")),
        "Spikes per hidden neuron and trial": lambda r: number(r.at_best("activity")),
        "Silent hidden neurons": lambda r: percent(r.at_best("silent_share")),
        "Time": lambda r: seconds(r.seconds),
    }
    cells = [(what, *(say(record) for record in records.values())) for what, say in measures.items()]
    header = ("", *(model_name(model) for model in records))
    if len(records) > _MOST_COLUMNS:
        header, *cells = zip(header, *cells, strict=True)
    yield Table(
        header,
        cells,
        caption="At the best epoch, where nothing else is said. A silent neuron fires in no sample.",
    )
    several = len({family(model) for model in records}) < len(records)
    yield Paragraph(
        "The best epoch is the one with the lowest loss on the test data, so its test figures are chosen "
        "and tend to be better than on data that had no part in the choice. "
        + (
            "Networks that only differ in their seeds show what chance does."
            if several
            else "Each model was trained once, from one seed: a small difference between models may be chance."
        )
    )
    parts = {f"The network of {model_name(model)}": record.attributes for model, record in records.items()}
    for sentence in differing_origins(run.attributes, parts):
        yield Paragraph(sentence)
    interrupted = [model_name(model) for model, record in records.items() if record.interrupted]
    if interrupted:
        yield Paragraph(f"Training was interrupted before its last epoch: {', '.join(interrupted)}.")


def _last(record: TrainingRecord, name: str) -> float:
    column = record.history.get(name)
    return float(column[-1]) if column is not None and len(column) else float("nan")


SECTION = Section(name="training", of="experiment", place=40, tell=training_found)
