"""What a task computes with: the experiment's samples, the results of other tasks, threads and progress."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from landscape.config import Config, ModelConfig, SliceConfig
from landscape.constants import Objective
from landscape.datasets.selection import balanced
from landscape.errors import DataError
from landscape.experiment.inputs import data_id_of
from landscape.experiment.piece import HasWhole, Skipped, SkippedResultError
from landscape.experiment.preflight import check_before_training
from landscape.experiment.preparation import prepare_data
from landscape.experiment.progress import Progress
from landscape.experiment.store import Store
from landscape.readouts import by_name

if TYPE_CHECKING:
    from landscape.datasets import Dataset

#: Results that are kept in memory: one model's parts come one after another and share its network and directions.
_KEPT = 4


class Context:
    """What the tasks of an experiment compute with, in one process.

    Args:
        config: the experiment.
        data_id: what its tasks are named after, of the data as they were then (:func:`data_id_of`).
        store: the files of its tasks.
        threads: threads to compute with; all cores if None. The results do not depend on it.
        progress: what is told about the work under way.

    Attributes:
        done: units of the task under way that are finished, for its progress.
    """

    def __init__(
        self,
        config: Config,
        data_id: str,
        store: Store,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.config = config
        self.store = store
        self.threads = threads
        self.progress = progress or Progress()
        self.done = 0.0
        self._selections: dict[tuple[str, int], Dataset] = {}
        self._results: dict[Any, Any] = {}
        self._given: dict[HasWhole, Any] = {}
        self._checked = False
        self._named_after = data_id

    # --- samples ---

    @functools.cached_property
    def data(self) -> tuple[Dataset, Dataset]:
        """Training and test samples, prepared as the experiment says.

        Raises:
            ConfigError: a data file is missing.
            DataError: a data file is malformed, does not have what the experiment asks for, or is not the one any more
                that the tasks are named after.
        """
        data = prepare_data(self.config)
        if data_id_of(self.config) != self._named_after:
            raise DataError(
                f"{self.config.origin}: data.source: {self.config.data.source} (or its test samples) changed while it "
                "was read; give the same command again when the file is complete"
            )
        return data

    @functools.cached_property
    def data_hash(self) -> str:
        """SHA-256 of the prepared samples."""
        both = "".join(data.content_hash() for data in self.data)
        return hashlib.sha256(both.encode("ascii")).hexdigest()

    def samples(self, entry: SliceConfig, most: int | None = None) -> Dataset:
        """Return the samples that a slice is evaluated on, at most so many."""
        train_data, test_data = self.data
        data = test_data if entry.data == "test" else train_data
        wanted = min(n for n in (entry.samples, most, len(data)) if n is not None)
        if wanted == len(data):
            return data
        # The parts of a slice come one after another: they share one selection.
        key = (entry.data, wanted)
        if key not in self._selections:
            self._selections[key] = data.select(count=wanted, seed=self.config.seed)
        return self._selections[key]

    def census_samples(self, entry: SliceConfig) -> tuple[Dataset, NDArray[np.int64] | None]:
        """Return the samples that a census is taken of, and their numbers among those of the slice.

        Returns:
            The samples, as many of each class as possible; their numbers, None if they are all of the slice's.
        """
        data = self.samples(entry)
        if entry.census_samples is None or entry.census_samples >= len(data):
            return data, None
        numbers = np.asarray(balanced(data.labels, entry.census_samples, self.config.seed), np.int64)
        return data.select(indices=numbers), numbers

    # --- models and results ---

    def objective(self, model: ModelConfig) -> Objective:
        """Return readout and loss of a model."""
        settings = self.config.objective_of(model)
        return by_name(settings.kind)(**settings.constants)

    def result(self, task: HasWhole) -> Any:
        """Return the result of a task.

        Raises:
            SkippedResultError: it could not be made.
            ResultFileError: it is missing, damaged or of another experiment.
        """
        result = self.result_or_skipped(task)
        if isinstance(result, Skipped):
            raise SkippedResultError(result.reason, result.order)
        return result

    def result_or_skipped(self, task: HasWhole) -> Any:
        """Return the result of a task, or the :class:`Skipped` that takes its place."""
        if task in self._given:
            return self._given[task]
        key = (task.whole.file_name, self.store.stamp(task.whole))
        if key not in self._results:
            self._results[key] = self.store.read(task.whole)
            while len(self._results) > _KEPT:
                del self._results[next(iter(self._results))]
        return self._results[key]

    def give(self, task: HasWhole, result: Any) -> None:
        """Have a task that is not finished count as done, with a result that was put together from some of its
        parts.
        """
        self._given[task] = result

    def take_back(self) -> None:
        """Have no task count as done any more that is not."""
        self._given.clear()

    def about(self, task: HasWhole) -> dict[str, Any]:
        """Return what the file of a task says of itself; nothing where the result was given."""
        return {} if task in self._given else self.store.attributes(task.whole)

    def has(self, task: HasWhole) -> bool:
        """Whether there is a result of a task."""
        return task in self._given or self.store.is_good(task.whole)

    # --- the work under way ---

    def preflight(self) -> None:
        """Refuse what would fail only after training; once, and only once something is to be computed.

        Raises:
            InputError: data or directions do not fit the experiment.
        """
        if not self._checked:
            check_before_training(self.config, self.data, self.progress)
            self._checked = True

    def telling(self, scale: float | None = None) -> Callable[[float, float], None]:
        """Return what a computation calls with what it has done of a part, and of how much.

        Args:
            scale: units of the part, where the computation counts otherwise; as it counts if not given.
        """
        before = self.done

        def tell(done: float, total: float) -> None:
            self.progress.advance(before + (done if scale is None else scale * done / total))

        return tell
