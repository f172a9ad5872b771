"""What an experiment consists of: tasks, which say what they depend on, and the pieces that engines compute.

A task is one result: a trained network, a slice, the discontinuities on a slice, the measures of the comparison around
a network. What kinds there are is told by the modules of :mod:`landscape.experiment.tasks`; each is a class derived
from :class:`Task`.

The id of a task is a hash of what its content depends on: the parts of the experiment that its class names, the ids of
the tasks that it needs, the content of the data files, and the release of this package (what another release computed
may differ). So a task whose file is there is done, a changed key makes new tasks of exactly those that depend on it,
and tasks can be computed in any order and anywhere as long as those they need are there.

Work is done in parts. How many a task has depends on its estimated cost, ``jobs.shard_cost`` and nothing else. A
*piece* is what an engine computes at a time and what has a file: a part of a task, or a task as a whole, which is put
together from its parts, or computed at once if it has only one.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from landscape.config import Config, ModelConfig, SliceConfig
from landscape.experiment.context import Context
from landscape.experiment.costs import SECONDS_PER_FILE, SECONDS_PER_PART, Costs
from landscape.experiment.inputs import data_id_of, hash_of
from landscape.experiment.piece import Piece
from landscape.h5.layout import layout_of
from landscape.plugins import source_hash

#: The stages of an experiment in their order; those after training and sweeping are one.
STAGES = ("train", "sweep", "analyze")


@dataclass(frozen=True, eq=False)
class Task:
    """One result of an experiment. Each kind is a class derived from this one, in a module of its own.

    A kind says in class variables and methods: which tasks an experiment has (:meth:`asked`), what they need and depend
    on, how much they cost and how they divide, how a part is computed, how parts are put together, and what is told of
    it.

    Attributes:
        plan: the plan that the task belongs to.
        model: the model that it is about; None for what is about several.
        entry: the slice that it is about, if it is about one.
    """

    plan: Plan
    model: ModelConfig | None = None
    entry: SliceConfig | None = None

    #: Name of the kind, with which the names of its files begin.
    kind: ClassVar[str]
    #: The stage of an experiment that it belongs to, one of ``STAGES``.
    stage: ClassVar[str] = "analyze"
    #: Type of record that the result is, or that stands in for it in files.
    record: ClassVar[type]
    #: What it is measured in while it is computed, for progress: points, samples, lines.
    unit: ClassVar[str] = ""
    #: Whether a result can be put together from some of the parts alone, the others pending.
    joins_some: ClassVar[bool] = False
    #: Whether a result can be made from some of the tasks alone that it needs, the others pending.
    takes_some: ClassVar[bool] = False
    #: Whether parts have files even where there is only one: where other experiments have the same ones.
    shares_parts: ClassVar[bool] = False
    #: Whether the task can do without the results of tasks that it needs, where these could not be made.
    takes_skipped: ClassVar[bool] = False
    #: What says in the result file why there is no result: "slice" where the slice is not there then, the name of an
    #: attribute of the slice, or nothing.
    skipped_as: ClassVar[str] = ""
    #: The steps of :mod:`landscape.experiment.compiling_ahead` whose kernels it computes with.
    compiles: ClassVar[tuple[str, ...]] = ()

    # --- what it depends on ---

    @classmethod
    def asked(cls, plan: Plan) -> Iterable[Task]:
        """Return the tasks of this kind that an experiment asks for, beside those that other tasks need."""
        return ()

    @property
    def needs(self) -> Sequence[Task]:
        """The tasks whose results it is made from."""
        return ()

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The parts of the experiment that the result depends on, beside what the tasks that it needs depend on."""
        return {}

    @functools.cached_property
    def id(self) -> str:
        """Hash of all that the result depends on, 16 hexadecimal digits."""
        needs = [task.id for task in self.needs]
        # Code from outside the package has no release: it is told by its source.
        outside = {"source": source} if (source := source_hash(type(self))) else {}
        return hash_of({"kind": self.kind, "needs": needs, "data": self.plan.data_id, **outside, **self.inputs})

    @property
    def id_of_parts(self) -> str:
        """Hash of all that the content of the parts depends on, their number included."""
        return hash_of({"task": self.id, "parts": self.n_parts})

    # --- what it costs, how it divides ---

    @property
    def seconds(self) -> float:
        """Estimated core seconds of computing all parts."""
        return 0.0

    @property
    def seconds_of_joining(self) -> float:
        """Estimated core seconds of what is done once all parts are there."""
        return 0.0

    @property
    def divisible(self) -> int:
        """The most parts that it can have."""
        return 1

    @functools.cached_property
    def n_parts(self) -> int:
        """Number of parts."""
        jobs = self.plan.config.jobs
        if self.seconds <= jobs.shard_cost:
            return 1
        return max(1, math.ceil(min(self.seconds / jobs.shard_cost, self.divisible, jobs.max_shards)))

    # --- the work ---

    def compute(self, context: Context, part: int) -> Any:
        """Compute a part.

        Returns:
            The result itself where the task does not divide; otherwise :class:`Values` that :meth:`join` understands.

        Raises:
            SkippedResultError: the result cannot be made.
            KeyboardInterrupt: it was interrupted; nothing of the part is kept.
        """
        raise NotImplementedError

    def join(self, context: Context, parts: Mapping[int, Any]) -> Any:
        """Put the result together from what :meth:`compute` gave, by the number of the part.

        Raises:
            SkippedResultError: the result cannot be made.
        """
        return parts[0]

    def size(self, context: Context, part: int) -> float:
        """Units of a part, for progress."""
        return 1.0

    # --- where the result goes ---

    def records(self, result: Any) -> Mapping[str, Any]:
        """Return what of the result goes into the result file, by kind: into the slice's group, the model's, or the
        root.
        """
        layout = layout_of(self.record)
        return {layout.name: result} if layout.of else {}

    def attributes(self, result: Any) -> Mapping[str, Any]:
        """Return attributes of the model's group that the result tells."""
        return {}

    # --- what is told ---

    @property
    def label(self) -> str:
        """What is under way, for a progress bar."""
        return self.name

    def told(self, result: Any, seconds: float) -> str:
        """Return one line about what came out; empty where nothing is said."""
        return f"{self.name}: {seconds:.1f} s"

    def told_skipped(self, reason: str) -> str:
        """Return one line about a result that could not be made, though all that it needs could; empty where nothing is
        said.
        """
        return ""

    def told_done(self, context: Context) -> Sequence[str]:
        """Return lines about a result that is there already."""
        return ()

    # --- names ---

    @functools.cached_property
    def name(self) -> str:
        """Kind, model and slice. A dot is in the name of no model or slice."""
        return ".".join([self.kind, *(table.name for table in (self.model, self.entry) if table is not None)])

    @functools.cached_property
    def whole(self) -> Piece:
        """The task as a whole."""
        made_from = self._made_from
        own = SECONDS_PER_PART * self.n_parts if self._numbers else self.seconds
        return Piece(
            file_name=f"{self.name}.{self.id}.h5",
            task=self.name,
            part=None,
            whole=None,
            made_from=made_from,
            needs=tuple(piece.file_name for piece in made_from) + tuple(map(self._part_name, self._numbers)),
            record=self.record,
            cost=SECONDS_PER_FILE + own + self.seconds_of_joining,
        )

    @functools.cached_property
    def parts(self) -> list[Piece]:
        """The parts; none where there is only one, which is the whole, unless parts are shared."""
        whole, made_from = self.whole, self._made_from
        needs = tuple(piece.file_name for piece in made_from)
        cost = SECONDS_PER_FILE + self.seconds / self.n_parts
        return [
            Piece(self._part_name(number), self.name, number, whole, made_from, needs, self.record, cost)
            for number in self._numbers
        ]

    @property
    def _numbers(self) -> range:
        return range(self.n_parts if self.n_parts > 1 or self.shares_parts else 0)

    @property
    def _made_from(self) -> tuple[Piece, ...]:
        return tuple(task.whole for task in self.needs)

    def _part_name(self, number: int) -> str:
        return f"{self.name}.{self.id_of_parts}/{number:05d}.h5"


TaskT = TypeVar("TaskT", bound=Task)


class Plan:
    """The tasks of an experiment.

    Args:
        config: the experiment.
        kinds: the kinds of tasks that there are, as :func:`landscape.experiment.tasks.kinds` gives them.

    Raises:
        ConfigError: a data file of the experiment is missing.
    """

    def __init__(self, config: Config, kinds: Sequence[type[Task]]) -> None:
        self.config = config
        self.costs = Costs(config)
        self.data_id = data_id_of(config)
        self._kinds = kinds
        self._made: dict[tuple[type[Task], str, str], Task] = {}

    def of(self, kind: type[TaskT], model: ModelConfig | None = None, entry: SliceConfig | None = None) -> TaskT:
        """Return the task of a kind for a model and a slice; always the same one."""
        key = (kind, "" if model is None else model.name, "" if entry is None else entry.name)
        made = self._made.setdefault(key, kind(self, model, entry))
        assert isinstance(made, kind)
        return made

    @functools.cached_property
    def tasks(self) -> list[Task]:
        """All tasks, each after those it needs."""
        found: dict[str, Task] = {}

        def add(task: Task) -> None:
            if task.name not in found:
                for need in task.needs:
                    add(need)
                found[task.name] = task

        for stage in STAGES:
            for kind in self._kinds:
                if kind.stage == stage:
                    for task in kind.asked(self):
                        add(task)
        return list(found.values())

    @functools.cached_property
    def pieces(self) -> list[Piece]:
        """All pieces, each after those it needs."""
        return [piece for task in self.tasks for piece in (*task.parts, task.whole)]

    def task_of(self, piece: Piece) -> Task:
        """Return the task that a piece is of."""
        return self._by_name[piece.task]

    @functools.cached_property
    def _by_name(self) -> dict[str, Task]:
        return {task.name: task for task in self.tasks}

    @functools.cached_property
    def id(self) -> str:
        """Hash of all that the assembled result depends on, the experiment's wording included."""
        return hash_of({"tasks": [task.whole.file_name for task in self.tasks], "config": self.config.to_toml()})
