"""The table ``[comparison]`` of an experiment file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, model_validator

from landscape.config.choice import NameOf
from landscape.config.slices import DirectionConfig, SliceConfig
from landscape.measures import MEASURES, compared_measures
from landscape.tables import Count, Finite, Name, Seed, Seeds, Table

#: The table of a model.
ModelT = TypeVar("ModelT", bound=Any)


class ComparisonConfig(Table):
    """Two models compared: how fragmented the loss is on random lines around several trained networks of each. Without
    this table nothing is compared.

    The lines are other ones than those of the slices, and nothing of them is kept but their measures.
    """

    models: Annotated[list[Name], Field(min_length=2, max_length=2)]
    """The two models, the reference first. Each name stands for the model of that name, or for all `NAME_seedN` that
    `seeds` makes of it. Networks of the same seed are a pair; it takes two pairs to state a difference, six for all
    tests."""

    network_seeds: Seeds | None = None
    """Compare the networks of these seeds: those that the experiment has, and others that are trained for the
    comparison alone; no slice is swept around those, and the result file does not hold them. If not set, all that the
    experiment has are compared."""

    directions: Annotated[int, Field(ge=1, le=1000)] = 4
    """Number of random lines around each network. [lines]"""

    range: Annotated[list[Finite], Field(min_length=2, max_length=2)] = [-0.5, 0.5]
    """Lower and higher end of each line; 0, the trained network, must be between them. [direction lengths]"""

    points: Annotated[int, Field(ge=2, le=1_000_000)] = 101
    """Points of each line at which losses and derivatives are measured; discontinuities are found whatever the points.
    [points]"""

    normalization: Literal["neuron", "layer", "network", "unit", "raw"] = "neuron"
    """Scale of the directions, as in a `[[slice]]`."""

    centre: Literal["best", "final", "initial"] = "best"
    """The network at coordinate 0, as in a `[[slice]]`."""

    data: Literal["test", "train"] = "test"
    """The samples whose losses are compared."""

    samples: Count | None = None
    """Number of these samples to use (as many of each class as possible); if not set, all. Time grows with it.
    [samples]"""

    primary: Annotated[str, NameOf(MEASURES, compared_measures)] = "discontinuities_per_length_of_samples"
    """The measure that decides whether a model is called less fragmented, to be chosen before any is looked at; the
    smaller, the less fragmented."""

    level: Annotated[float, Field(gt=0, lt=1)] = 0.95
    """Confidence level of the intervals."""

    resamples: Annotated[int, Field(ge=1, le=100_000)] = 9999
    """Number of bootstrap replicates. [replicates]"""

    seed: Seed | None = None
    """Directions and replicates; if not set, the experiment's `seed`."""

    @model_validator(mode="after")
    def _seeds_differ(self) -> Self:
        if self.network_seeds is not None and len(set(self.network_seeds)) < len(self.network_seeds):
            raise ValueError("network_seeds must differ")
        return self

    @model_validator(mode="after")
    def _range_is_around_the_centre(self) -> Self:
        low, high = self.range
        if not low < high:
            raise ValueError(f"range [{low:g}, {high:g}] is empty; the first bound must be below the second")
        if not low <= 0.0 <= high:
            raise ValueError(
                f"range [{low:g}, {high:g}] does not contain 0, the trained network; widen it to "
                f"[{min(low, 0.0):g}, {max(high, 0.0):g}]"
            )
        return self

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and higher end of each line."""
        low, high = self.range
        return float(low), float(high)

    @property
    def line(self) -> SliceConfig:
        """A slice like one of the lines: for what is done alike for both."""
        return SliceConfig(
            name="line",
            directions=[DirectionConfig(kind="random")],
            normalization=self.normalization,
            range=[self.range],
            points=[self.points],
            centre=self.centre,
            data=self.data,
            samples=self.samples,
            gradient="none",
            sample_losses=True,
            census=True,
        )


def pairs_of(
    comparison: ComparisonConfig, models: Sequence[ModelT], seed_of: Callable[[Any], int]
) -> list[tuple[ModelT, ModelT]]:
    """Return the pairs of models that are compared, the reference first, in the order of the reference's models.

    Args:
        comparison: what is compared.
        models: all models of the experiment.
        seed_of: gives a model's seed.

    Raises:
        ValueError: there is no such model, or the models do not make pairs.
    """
    first, second = comparison.models
    if first == second:
        raise ValueError(f"comparison.models: '{first}' is compared with itself; name two models")
    of_first, of_second = (
        _of_seeds(_networks(name, models), comparison, models, seed_of) for name in comparison.models
    )
    if shared := [model.name for model in of_first if model in of_second]:
        raise ValueError(f"comparison.models: '{first}' and '{second}' both stand for '{shared[0]}'; name two models")
    if len(of_first) != len(of_second):
        raise ValueError(
            f"comparison.models: '{first}' has {len(of_first)} networks, '{second}' has {len(of_second)}; networks are "
            "compared in pairs, give both the same seeds"
        )
    by_seed = [{seed_of(model): model for model in own} for own in (of_first, of_second)]
    if by_seed[0].keys() != by_seed[1].keys() or len(by_seed[0]) < len(of_first):
        seeds = [", ".join(str(seed_of(model)) for model in own) for own in (of_first, of_second)]
        raise ValueError(
            f"comparison.models: networks of one seed are a pair, but '{first}' has the seeds {seeds[0]} and "
            f"'{second}' has {seeds[1]}; give both the same seeds"
        )
    return [(model, by_seed[1][seed]) for seed, model in by_seed[0].items()]


def _networks(name: str, models: Sequence[ModelT]) -> list[ModelT]:
    """Return the models that a name stands for."""
    found = [model for model in models if model.name == name]
    found = found or [model for model in models if re.fullmatch(re.escape(name) + r"_seed\d+", model.name)]
    if not found:
        known = dict.fromkeys(re.sub(r"_seed\d+$", "", model.name) for model in models)
        raise ValueError(f"comparison.models: there is no model '{name}'; there are {', '.join(known)}")
    return found


def _of_seeds(
    found: list[ModelT], comparison: ComparisonConfig, models: Sequence[ModelT], seed_of: Callable[[Any], int]
) -> list[ModelT]:
    """Return the networks with the seeds of the comparison; those that the experiment does not have are made."""
    if comparison.network_seeds is None:
        return found
    there = {seed_of(model): model for model in found}
    family = re.sub(r"_seed\d+$", "", found[0].name)
    networks = []
    for seed in comparison.network_seeds:
        made = found[0].model_copy(update={"name": f"{family}_seed{seed}", "seed": seed})
        if seed not in there and any(model.name.lower() == made.name.lower() for model in models):
            raise ValueError(
                f"comparison.network_seeds: a network of '{family}' with seed {seed} would be named '{made.name}', "
                "which is a model with another seed; rename that model"
            )
        networks.append(there.get(seed, made))
    return networks
