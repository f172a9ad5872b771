"""Two models compared over pairs of networks: the lines around each network, and what they add up to."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landscape.config import ComparisonConfig, ModelConfig
from landscape.errors import DirectionError, SimulationError
from landscape.experiment.context import Context
from landscape.experiment.costs import GRADIENT_FACTOR, SECONDS_PER_FILE, SECONDS_PER_RESAMPLING
from landscape.experiment.inputs import hash_of
from landscape.experiment.piece import Values
from landscape.experiment.plan import Plan, Task
from landscape.experiment.tasks.directions import centre_of
from landscape.experiment.tasks.training import Training
from landscape.fragmentation import compare_tables
from landscape.fragmentation.compare import measure_line
from landscape.fragmentation.comparison_record import Comparison
from landscape.h5.fields import array, attribute, record
from landscape.measures import compared_measures, outside_measures
from landscape.slices.surface import Status
from landscape.wording import display_name, duration_text

#: Lines that were left out are named up to so many; the status of each is kept anyway.
NAMED = 100


@record(
    doc="The measures of the lines of a comparison around one network.",
    dims={"measure": "number of the measure; its name is in `measures`", "line": "number of the line, from 0"},
)
class LinesOfNetwork:
    """The measures of the lines around one network.

    Attributes:
        measures: their names.
        values: (n_measures, n_lines); NaN on lines that are not done.
        status: what became of each line (n_lines,).
        reasons: why lines were left out, ``LINE: REASON``.
        n_samples: number of samples.
    """

    measures: tuple[str, ...] = attribute("texts", "names of the measures")
    values: NDArray[np.float64] = array(("measure", "line"), "the measure on the line", unit="", nan=True, inf=True)
    status: NDArray[np.uint8] = array("line", "what became of the line", dtype="u1")
    reasons: tuple[str, ...] = attribute("texts", "`LINE: REASON` for lines that could not be measured")
    n_samples: int = attribute("integer", "number of samples")


class ComparedLines(Task):
    """The lines of the comparison around one network. A part is some of them."""

    kind = "compared"
    record = LinesOfNetwork
    unit = "lines"
    joins_some = True
    shares_parts = True
    compiles = ("census", "sweep")
    model: ModelConfig

    @property
    def needs(self) -> Sequence[Task]:
        """The trained network."""
        return [self.plan.of(Training, self.model)]

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The lines and their number."""
        return self._inputs_of_a_line | {"directions": self._table.directions}

    @property
    def id_of_parts(self) -> str:
        """That of a line, which does not depend on how many others there are."""
        return hash_of({"network": self.needs[0].id} | self._inputs_of_a_line)

    @property
    def _inputs_of_a_line(self) -> dict[str, Any]:
        table = self._table
        included = {"range", "points", "normalization", "centre", "data", "samples"}
        return {
            "line": table.model_dump(include=included),
            "pair": self._pair,
            "seed": self.plan.config.seed_of(table),
        } | ({"outside": outside} if (outside := outside_measures()) else {})

    @property
    def _table(self) -> ComparisonConfig:
        table = self.plan.config.comparison
        assert table is not None
        return table

    @property
    def _pair(self) -> int:
        return next(number for number, models in enumerate(self.plan.config.pairs) if self.model in models)

    @property
    def seconds(self) -> float:
        """Each line is a census and a slice; nothing is evaluated in extended precision."""
        costs, line = self.plan.costs, self._table.line
        trials = costs.census_samples_of(line) * math.prod(line.shape)
        swept = SECONDS_PER_RESAMPLING + GRADIENT_FACTOR * trials * costs.trial(self.model)
        return self._table.directions * (costs.census(self.model, line) + swept + SECONDS_PER_FILE)

    @property
    def n_parts(self) -> int:
        """One for each line: they take long, and more may be asked for."""
        return self._table.directions

    def compute(self, context: Context, part: int) -> Values:
        """Measure a line."""
        table = self._table
        data = context.samples(table.line)
        names = [measure.name for measure in compared_measures()]
        about: dict[str, Any] = {"n_samples": len(data), "measures": names, "reason": ""}
        values = np.full(len(names), np.nan)
        try:
            found = measure_line(
                centre_of(context.result(self.needs[0]), table.line),
                data,
                context.objective(self.model),
                number=(self._pair, part),
                bounds=table.bounds,
                points=table.points,
                normalization=table.normalization,
                seed=context.config.seed_of(table),
                threads=context.threads,
                progress=context.telling(1.0),
            )
            values = np.array([found[name].value for name in names])
        except (DirectionError, SimulationError) as error:
            about["reason"] = str(error)
            context.progress.say(f"{self.model.name}: line {part} of the comparison: left out: {error}")
        return Values({"values": values}, about)

    def join(self, context: Context, parts: Mapping[int, Values]) -> LinesOfNetwork:
        """Put the lines that there are together; the others are pending."""
        n_lines = self._table.directions
        found = dict(parts.items())
        about = next(iter(found.values())).attributes
        values = np.full((len(about["measures"]), n_lines), np.nan)
        status = np.full(n_lines, Status.PENDING, np.uint8)
        reasons = []
        for number, line in found.items():
            reason = line.attributes["reason"]
            status[number] = Status.FAILED if reason else Status.DONE
            values[:, number] = line.arrays["values"]
            reasons += [f"{number}: {reason}"] if reason else []
        return LinesOfNetwork(tuple(about["measures"]), values, status, tuple(reasons), int(about["n_samples"]))

    @property
    def label(self) -> str:
        """The network."""
        return f"{self.model.name}: comparison"

    def told(self, result: LinesOfNetwork, seconds: float) -> str:
        """Lines and time."""
        return f"{self.model.name}: {len(result.status)} lines of the comparison, {duration_text(seconds)}"


class ComparisonOfModels(Task):
    """What the lines around all networks add up to."""

    kind = "comparison"
    record = Comparison
    takes_some = True

    @classmethod
    def asked(cls, plan: Plan) -> Iterable[ComparisonOfModels]:
        """Return one where models are compared."""
        return [plan.of(cls)] if plan.config.comparison is not None else []

    @property
    def needs(self) -> Sequence[Task]:
        """The lines around all networks, pair by pair."""
        return [self.plan.of(ComparedLines, model) for pair in self.plan.config.pairs for model in pair]

    @property
    def inputs(self) -> Mapping[str, Any]:
        """How the measures are compared."""
        table = self.plan.config.comparison
        assert table is not None
        return {"comparison": table.model_dump(), "seed": self.plan.config.seed_of(table)}

    @property
    def seconds(self) -> float:
        """Resampling."""
        return SECONDS_PER_RESAMPLING

    def compute(self, context: Context, part: int) -> Comparison:
        """Compare."""
        config = context.config
        table, pairs = config.comparison, config.pairs
        assert table is not None
        place = {models[side].name: (side, pair) for pair, models in enumerate(pairs) for side in (0, 1)}
        found = {task.model.name: context.result(task) for task in self._lines if context.has(task)}
        some = next(iter(found.values()))
        values = {name: np.full((2, len(pairs), table.directions), np.nan) for name in some.measures}
        status = np.full((2, len(pairs), table.directions), Status.PENDING, np.uint8)
        for name, lines in found.items():
            status[place[name]] = lines.status
            for measure, row in zip(lines.measures, lines.values, strict=True):
                values[measure][place[name]] = row
        result = compare_tables(
            (table.models[0], table.models[1]),
            values,
            primary=table.primary,
            resamples=table.resamples,
            level=table.level,
            seed=config.seed_of(table),
        )
        about: dict[str, Any] = {
            "first_networks": [first.name for first, _ in pairs],
            "second_networks": [second.name for _, second in pairs],
            "low": table.bounds[0],
            "high": table.bounds[1],
            "points": table.points,
            "normalization": table.normalization,
            "centre": table.centre,
            "data": table.data,
            "n_samples": some.n_samples,
        }
        left_out = [f"{name}, line {reason}" for name, lines in found.items() for reason in lines.reasons]
        if left_out:
            about["left_out"] = left_out[:NAMED]
        return dataclasses.replace(result, status=status, attributes=about)

    @property
    def _lines(self) -> list[ComparedLines]:
        return [task for task in self.needs if isinstance(task, ComparedLines)]

    def told(self, result: Comparison, seconds: float) -> str:
        """The verdict."""
        first, second = (display_name(name) for name in result.models)
        return result.verdict_on(first, second)

    def told_done(self, context: Context) -> Sequence[str]:
        """The models are compared."""
        found: Comparison = context.result(self)
        return [f"comparison of {' and '.join(found.models)}: done already", self.told(found, 0.0)]
