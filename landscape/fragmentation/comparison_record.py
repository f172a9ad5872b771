"""Two models compared, measure by measure, and the sentence that says what came out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landscape.fragmentation.resampling import Estimate
from landscape.h5.fields import Dim, array, attribute, attributes, record, rows
from landscape.measures import described

__all__ = ["Comparison", "MeasureComparison", "verdict_of"]

FloatArray = NDArray[np.float64]


def _statistic(doc: str, **options: Any) -> Any:
    return array((), doc, make=float, nan=True, **options)


def _estimate(doc: str, unit: str) -> Any:
    return array("estimate", doc, unit=unit, nan=True, inf=True, make=lambda values: Estimate(*values.tolist()))


EXACT_SEEDS = 14  # up to so many networks all sign changes are tried
RANDOM_SIGNS = 9999
FEW_SEEDS = 6  # with fewer networks no test of the signs of their differences can reach 0.05

_DIMS = {
    "model": Dim("0: the first model, the reference, 1: the second", size=2),
    "estimate": Dim("0: value, 1: lower end of its interval, 2: upper end", size=3),
}


@record(dims=_DIMS)
class MeasureComparison:
    """One measure of two models.

    Attributes:
        name: name of the measure.
        mean: mean of each model over networks, of each over its directions; (2,).
        difference: second model less first, with its interval: the wider one, to either side, of a hierarchical
            bootstrap (networks, then directions within each) and of Student's t over the networks' differences. The
            former alone is too narrow with few networks, the latter alone is not to be trusted with skewed differences.
            NaN where all networks differ alike: their spread, and so the uncertainty, is not known then.
        ratio: second over first mean, with a hierarchical bootstrap interval; NaN where the first is not positive, or
            too small.
        cohens_d: paired: mean difference over its standard deviation among networks, corrected for few networks
            (Hedges 1981); NaN where all differ alike.
        cliffs_delta: share of pairs of networks, one of each model, in which the second has the larger value, less the
            share in which it has the smaller one; in [-1, 1].
        p_permutation: two-sided sign-change permutation test of the networks' mean difference; all 2^n changes up to
            14 networks, so not below 2^(1-n).
        p_wilcoxon: two-sided Wilcoxon signed-rank test of the networks' differences, exact, without those that are
            zero and with mean ranks for equal ones; NaN for fewer than 6 networks, which cannot reach 0.05, or without
            a difference.
        networks: number of pairs of networks with a value.
        directions: number of pairs of lines with a value.
    """

    name: str
    mean: tuple[float, float] = array(
        "model",
        "mean over networks, of each over its lines",
        unit="",
        nan=True,
        inf=True,
        make=lambda values: tuple(values.tolist()),
    )
    difference: Estimate = _estimate("second model's mean less the first's", "")
    ratio: Estimate = _estimate("second model's mean over the first's", "1")
    cohens_d: float = _statistic("paired, corrected for few networks", inf=True)
    cliffs_delta: float = _statistic("from -1 to 1: the second has the larger values", lowest=-1.0, highest=1.0)
    p_permutation: float = _statistic("two-sided sign-change permutation test", lowest=0.0, highest=1.0)
    p_wilcoxon: float = _statistic("two-sided Wilcoxon signed-rank test", lowest=0.0, highest=1.0)
    networks: int = array((), "pairs of networks with a value", dtype="i4", make=int, lowest=0)
    directions: int = array((), "pairs of lines with a value", dtype="i4", name="lines", make=int, lowest=0)


@record(
    "comparison",
    of="root",
    title="/comparison",
    doc=(
        "Two models compared over pairs of trained networks and pairs of random lines around them. Networks with the "
        "same number are a pair, as are lines with the same number. What is not known or not defined is NaN; a pair of "
        "lines of which one has no value enters no statistics. Statistics are over networks; the lines around one "
        "network only make its value more precise."
    ),
    dims=_DIMS
    | {
        "measure": "number of the measure; its name is in `measures`",
        "network": "number of the pair of networks, from 0",
        "line": "number of the line around each network, from 0",
    },
    derived={"units_of_measures": attribute("texts", "units of the measures")},
)
class Comparison:
    """Two models compared, measure by measure.

    Attributes:
        models: names of the first (reference) and of the second model.
        values: measures by name, each (2, n_networks, n_directions); NaN where not known.
        measures: comparison of each.
        primary: the measure that the verdict is about.
        verdict: one sentence.
        stated: whether the verdict says that one model is less fragmented.
        level: confidence level.
        resamples: number of bootstrap replicates.
        seed: seed of the draws.
        status: what became of each line, (2, n_networks, n_directions), as :class:`landscape.slices.surface.Status`:
            pending, done, or failed where it could not be measured; None where all are done.
        attributes: what else is known (text, numbers, lists of them), as of the networks and lines that were compared.
    """

    models: tuple[str, ...] = attribute("texts", "names of the two models, the reference first")
    values: dict[str, FloatArray] = rows(
        "measure",
        "measures",
        array(
            ("model", "network", "line"),
            "the measure on the line, in the unit that `units_of_measures` names",
            unit="",
            nan=True,
            inf=True,
        ),
    )
    measures: dict[str, MeasureComparison] = rows("measure", "measures", MeasureComparison)
    primary: str = attribute("text", "the measure that the verdict is about")
    verdict: str = attribute("text", "one sentence")
    stated: bool = attribute("boolean", "1 where it states that one model is less fragmented, else 0")
    level: float = attribute("number", "confidence level of the intervals", above=0.0, below=1.0)
    resamples: int = attribute("integer", "number of bootstrap replicates")
    seed: int = attribute("integer", "seed of the directions and of the draws")
    status: NDArray[np.uint8] | None = array(
        ("model", "network", "line"),
        "what became of the line; all are done where this is absent",
        dtype="u1",
        flags=dict(enumerate(("pending", "done", "failed"))),
        default=None,
    )
    attributes: dict[str, Any] = attributes(
        {
            "first_networks": attribute("texts", "models of this file that are the first model's networks"),
            "second_networks": attribute("texts", "those that are the second model's, in the same order"),
            "left_out": attribute("texts", "`MODEL, line N: REASON` for lines that could not be measured"),
        }
    )

    def __getitem__(self, name: str) -> MeasureComparison:
        return self.measures[name]

    def least_p(self) -> float:
        """The smallest p that the permutation test can give with the networks of the primary measure; NaN without."""
        return _least_p(self.measures[self.primary].networks)

    def verdict_on(self, first: str, second: str) -> str:
        """The verdict with other names for the two models, as a figure or a report calls them."""
        return verdict_of((first, second), self.measures[self.primary], self.level)[0]

    @property
    def units_of_measures(self) -> tuple[str, ...]:
        """Units of the measures, in order."""
        return tuple(described(name).unit for name in self.measures)

    def problems(self) -> Iterator[str]:
        """What does not fit together, one line each."""
        if len(self.models) != 2:
            yield f"mean: there are {len(self.models)} names of models, not 2"
        if self.primary not in self.measures:
            yield f"values: the attribute 'primary' names {self.primary!r}, which is no measure"
            return
        _, n_networks, n_lines = self.values[self.primary].shape
        for name, found in self.measures.items():
            for what in ("difference", "ratio"):
                interval = getattr(found, what)
                if interval.low > interval.high:
                    yield f"{what}: the interval of {name} ends before it begins"
            if found.networks > n_networks or found.directions > n_networks * n_lines:
                yield f"networks: of {name}, more are counted than there are"
        for name in ("first_networks", "second_networks"):
            if name in self.attributes and len(self.attributes[name]) != n_networks:
                yield f"values: the attribute {name!r} has {len(self.attributes[name])} texts, not {n_networks}"
        if self.status is not None:
            missing = self.status != 1
            if not all(np.isnan(values[missing]).all() for values in self.values.values()):
                yield "values: there are values on lines that are not done"


def _least_p(n: int) -> float:
    """The smallest p of the sign-change permutation test of ``n`` differences."""
    if n < 2:
        return float("nan")
    return 2.0 ** (1 - n) if n <= EXACT_SEEDS else 1.0 / (RANDOM_SIGNS + 1)


def verdict_of(models: tuple[str, str], found: MeasureComparison, level: float) -> tuple[str, bool]:
    """One sentence, and whether it states that one model is less fragmented."""
    first, second = models
    measure = described(found.name)
    what = measure.label
    if found.networks < 2:
        there = "there is 1" if found.networks == 1 else f"there are {found.networks}"
        need = f"it takes at least two pairs of trained networks, {there}"
        return f"Whether {second} is less fragmented than {first} is not stated: {need}.", False
    low, high = found.difference.low, found.difference.high
    if np.isnan(low):
        same = f"difference {found.difference.value:.3g} in each of {found.networks} pairs of networks"
        why = f"{what}: {same}, so that its uncertainty is not known"
        return f"Whether {second} is less fragmented than {first} is not stated: {why}.", False
    interval = (
        f"difference {found.difference.value:.3g}, {100 * level:g}% interval [{low:.3g}, {high:.3g}] over "
        f"{found.networks} pairs of networks and {found.directions} pairs of lines"
    )
    if low <= 0.0 <= high:
        return f"Whether {second} is less fragmented than {first} is not stated: {what}: {interval}.", False
    of_second = (high < 0.0) == (measure.less == "smaller")
    less, more = (second, first) if of_second else (first, second)
    values = found.mean[::-1] if of_second else found.mean
    claim = f"{less} is less fragmented than {more}: {what} {values[0]:.3g} against {values[1]:.3g}; {interval}."
    if found.networks < FEW_SEEDS:
        claim += (
            f" Provisional: with {found.networks} pairs of networks the permutation test can give no p below "
            f"{_least_p(found.networks):.3g}."
        )
    return claim, True
