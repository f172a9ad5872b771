"""The tables ``[[slice]]`` of an experiment file."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    GetJsonSchemaHandler,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic_core import CoreSchema

from landscape.config.choice import ChosenTable
from landscape.slices.directions import KINDS
from landscape.tables import Count, Finite, Name, Seed, Seeds, Table, free_name, one_seed_or_several


class DirectionConfig(ChosenTable):
    """One direction of a slice; `"random"` stands for `{ kind = "random" }`. The keys of each kind follow."""

    chosen_by = "kind"
    registry = KINDS

    kind: str
    """The kind of direction."""

    @classmethod
    def spelled_out(cls, value: Any) -> Any:
        """The table that ``"KIND"`` or ``"KIND:VALUE"`` stands for."""
        if not isinstance(value, str):
            return value
        kind, separator, text = value.partition(":")
        argument = KINDS[kind].argument if kind in KINDS else ""
        return {"kind": kind, argument or "path": text} if separator else {"kind": kind}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The JSON schema: a shorthand, or a table."""
        made = super().__get_pydantic_json_schema__(schema, handler)
        return made if cls.chosen else {"anyOf": [{"type": "string"}, *made["anyOf"]]}

    @model_serializer(mode="wrap")
    def _as_text_where_possible(self, dump: SerializerFunctionWrapHandler) -> Any:
        table = dump(self)
        argument = KINDS[self.kind].argument
        if set(table) == {"kind"}:
            return self.kind
        return f"{self.kind}:{table[argument]}" if set(table) == {"kind", argument} else table


class SliceConfig(Table):
    """A line or plane through parameter space on which the loss is evaluated; one `[[slice]]` each."""

    name: Name
    """The slice's group in the result file; the first slice is the model's group itself."""

    directions: Annotated[list[SerializeAsAny[DirectionConfig]], Field(min_length=1, max_length=2)]
    """One direction for a line, two for a plane."""

    normalization: Literal["neuron", "layer", "network", "unit", "raw"] | None = None
    """Scale of a direction: each neuron's incoming weights have the norm of that neuron's weights at the
    centre; likewise per layer; all weights have the norm of all weights; norm 1; as it comes. If not set,
    `neuron` for `random`, `network` for `gradient` and `pca`, `raw` for `line`, `weight` and `file`."""

    range: list[Annotated[list[Finite], Field(min_length=2, max_length=2)]] = [[-1.0, 1.0]]
    """Lowest and highest coordinate, one pair for all axes or one per axis; 0, the centre, must be between them. Where
    0 would fall between two points, as with an even number of points from -1 to 1, the whole axis is shifted by up to
    half a step so that 0 is a point: 4 points from -1 to 1 are -4/3, -2/3, 0, 2/3. [direction lengths]"""

    points: Annotated[list[Count], Field(min_length=1, max_length=2)] = [31]
    """Number of points, one for all axes or one per axis. [points]"""

    seed: Seed | None = None
    """Random directions; if not set, the experiment's `seed`."""

    seeds: Seeds | None = None
    """Sweep the slice once for each of these seeds, in place of `seed`: `line` with `seeds = [1, 2]` stands for two
    slices `line_seed1` and `line_seed2`."""

    centre: Literal["best", "final", "initial"] = "best"
    """The network at coordinate 0: best on the test samples, last, or before training."""

    data: Literal["test", "train"] = "test"
    """The samples whose mean loss is the landscape."""

    samples: Count | None = None
    """Number of these samples to use; if not set, all. [samples]"""

    gradient: Literal["none", "norm", "full"] = "norm"
    """Also record the norm of the gradient over all weights, or the gradient itself."""

    sample_losses: bool = False
    """Also record the loss of every sample."""

    census: bool = False
    """Find every discontinuity of the loss along the line, for every sample, whatever the points: where it is, how
    high, and why. On a plane: trace the curves where the loss jumps, and the fragments between them."""

    census_samples: Count | None = None
    """Number of the slice's samples to take the census of (as many of each class as possible); if not set, all. Its
    time grows with it. [samples]"""

    census_points: Annotated[int, Field(ge=2, le=10_000)] | None = None
    """For the census of a plane: number of lines along each axis on which discontinuities are found exactly; if not
    set, 9. Between them curves are taken to be straight, and more lines are laid where that leaves a doubt. [lines]"""

    @model_validator(mode="before")
    @classmethod
    def _one_for_all_axes(cls, values: Any) -> Any:
        """Let a single direction, pair or number stand for a list with one."""
        if not isinstance(values, dict):
            return values
        values = dict(values)
        if isinstance(values.get("directions"), str | dict):
            values["directions"] = [values["directions"]]
        if isinstance(values.get("points"), int):
            values["points"] = [values["points"]]
        span = values.get("range")
        if isinstance(span, list) and span and all(isinstance(bound, int | float) for bound in span):
            values["range"] = [span]
        return values

    _name_is_free = field_validator("name")(free_name)
    _one_seed_or_several = model_validator(mode="after")(one_seed_or_several)

    @model_validator(mode="after")
    def _axes_match_the_directions(self) -> Self:
        dimension = len(self.directions)
        for key, values in (("range", self.range), ("points", self.points)):
            if len(values) not in (1, dimension):
                raise ValueError(f"{key} is given for {len(values)} axes, but there are {dimension} directions")
        for low, high in self.range:
            if not low < high:
                raise ValueError(f"range [{low:g}, {high:g}] is empty; the first bound must be below the second")
            if not low <= 0.0 <= high:
                raise ValueError(
                    f"range [{low:g}, {high:g}] does not contain 0, the centre, which must be on the grid; widen it to "
                    f"[{min(low, 0.0):g}, {max(high, 0.0):g}]"
                )
        return self

    @model_validator(mode="after")
    def _census_has_something_to_find(self) -> Self:
        if self.census_samples is not None and not self.census:
            raise ValueError(
                "census_samples is set, but there is no census; set census = true or remove census_samples"
            )
        if self.census_points is not None and not (self.census and self.dimension == 2):
            raise ValueError("census_points is for the census of a plane; remove it, or set census = true on a plane")
        if self.census and min(self.shape) < 2:
            what, left = ("line", "a single network") if self.dimension == 1 else ("plane", "less than that")
            raise ValueError(f"census needs a {what}, and points = 1 leaves {left}; take 2 points or more")
        return self

    @model_validator(mode="after")
    def _directions_differ(self) -> Self:
        first, *others = self.directions
        if first in others and not KINDS[first.kind].several:
            raise ValueError(f"directions: '{first.kind}' is named twice, and a direction spans no plane with itself")
        return self

    @property
    def dimension(self) -> int:
        """1 for a line, 2 for a plane."""
        return len(self.directions)

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """Lowest and highest coordinate of each axis."""
        spans = self.range * (self.dimension // len(self.range))
        return [(float(low), float(high)) for low, high in spans]

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of points along each axis."""
        return tuple(self.points * (self.dimension // len(self.points)))
