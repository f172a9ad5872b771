"""What a training run leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landscape.h5.fields import array, attribute, attributes, group, record, settings, table
from landscape.network_record import NetworkData

__all__ = ["HISTORY", "TrainingRecord"]

FloatArray = NDArray[np.float64]


def _column(doc: str, unit: str = "1") -> Any:
    return array("epoch", doc, unit=unit, optional=True, nan=True, inf=True)


_COLUMNS = {
    "epoch": array("epoch", "number of training epochs done", dtype="i4"),
    "train_loss": _column("mean loss on the training data", "nat"),
    "train_accuracy": _column("accuracy on the training data"),
    "test_loss": _column("mean loss on the test data", "nat"),
    "test_accuracy": _column("accuracy on the test data"),
    "activity": _column("mean number of spikes per hidden neuron and training trial"),
    "silent_share": _column("share of hidden neurons that fire in no training sample"),
    "gradient_norm": _column("Euclidean norm of the loss gradient", "nat/potential"),
    "learning_rate": _column("learning rate of the optimizer", "potential"),
    "skipped_batches": _column("number of batches whose gradient was infinite and that were left out"),
}

HISTORY = tuple(_COLUMNS)
"""Columns of the history of a training run."""


#: What of the data has no effect: its samples and spikes, by whose, whether counted in whole or in part.
_INPUT = {
    f"{which}_{counted}": attribute("integer", doc, lowest=0)
    for which, what in (("train", "training"), ("test", "test"))
    for counted, doc in (
        ("spikes", f"input spikes of the {what} samples"),
        ("spikes_cut", "those at the trial's end or later: without effect"),
        ("samples", f"{what} samples"),
        ("samples_silent", "those without a spike before the trial's end"),
    )
}


@record(
    "training",
    of="model",
    title="/MODEL/training",
    doc=(
        "The training record, one row per epoch; epoch 0 is the initial network. Further columns may be present. A "
        "value that was not measured in an epoch is NaN. The subgroup `settings` holds the settings of training as "
        "attributes, remedies against silence among them; one that is off by being unset is absent. The subgroups "
        "`initial` and `final` hold networks."
    ),
    dims={"parameter": "number of the weight in the parameter vector"},
)
class TrainingRecord:
    """What a training run left.

    Attributes:
        history: columns by name, :data:`HISTORY` or some of them and others, each (n_epochs + 1,); ``epoch`` must be
            among them. ``activity`` is the mean number of spikes per hidden neuron and training trial, ``silent_share``
            the share of hidden neurons without a spike in any training sample, ``gradient_norm`` the mean norm of the
            batches' gradients before clipping (in row 0, the norm of the gradient over all training data),
            ``skipped_batches`` the number of batches whose gradient was infinite and that were left out.
        best_epoch: epoch of the best network.
        initial: the network before training; read from a file, its plain numbers.
        final: the network after the last whole epoch, likewise.
        best: the network of the epoch with the lowest loss on the test data. Its test figures are therefore chosen,
            not measured; those of ``final`` are measured. A result file keeps it as the model's network, not in here.
        settings: settings by name, or as a dataclass: text, numbers, booleans or None (unset).
        trajectory: parameters at the kept epochs, (n_kept, n_parameters), or None.
        trajectory_epochs: those epochs, (n_kept,), or None.
        interrupted: whether training stopped before its last epoch.
        seconds: duration of the training.
        attributes: where the record comes from (text and numbers): when, with which versions.
    """

    history: Mapping[str, NDArray[Any]] = table(_COLUMNS, further=array("epoch", "", nan=True, inf=True))
    best_epoch: int = attribute("integer", "epoch of the best network")
    initial: Any = group(NetworkData, default=None)
    final: Any = group(NetworkData, default=None)
    best: Any = None
    trajectory: FloatArray | None = array(
        ("kept_epoch", "parameter"), "parameter vector at the kept epochs", unit="potential", default=None
    )
    trajectory_epochs: NDArray[np.int64] | None = array(
        "kept_epoch", "epochs at which the parameters were kept", dtype="i4", name="kept_epoch", default=None
    )
    interrupted: bool = attribute("boolean", "1 where training was interrupted, else 0", default=False, optional=False)
    seconds: float = attribute("number", "time that training took", default=0.0, optional=False)
    settings: Any = settings("the settings of training")
    attributes: Mapping[str, Any] = attributes(_INPUT)

    def at_best(self, name: str) -> float:
        """The value of a history column at the best epoch; NaN where there is none."""
        column = self.history.get(name)
        if column is None:
            return float("nan")
        rows = np.flatnonzero(np.asarray(self.history["epoch"]) == self.best_epoch)
        return float(column[rows[0]]) if rows.size else float("nan")

    def problems(self) -> Iterator[str]:
        """What does not fit together, one line each."""
        for part, whole in (("spikes_cut", "spikes"), ("samples_silent", "samples")):
            for which in ("train", "test"):
                n, most = (self.attributes.get(f"{which}_{name}") for name in (part, whole))
                if n is not None and (most is None or n > most):
                    yield f"epoch: {which}_{part} is {n}, of {which}_{whole} {'unknown' if most is None else most}"
        if self.best_epoch not in self.history["epoch"]:
            yield f"epoch: best_epoch is {self.best_epoch}, which is none of the epochs"
