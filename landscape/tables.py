"""What all tables of an experiment file have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

#: Names that result files use for something else; neither a model nor a slice can have one of them.
RESERVED_NAMES = frozenset(
    [
        *("network", "training", "raster", "directions", "regions", "summary"),
        *("discontinuities", "anatomy", "both_sides", "fragments", "fidelity", "curves", "comparison"),
    ]
)


def _of_exact_square(number: float) -> float:
    if not 1e-100 <= number <= 1e100:
        raise ValueError("must be between 1e-100 and 1e100")
    return number


Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
#: A time or potential: its square is a number of full precision too.
Scale = Annotated[Positive, AfterValidator(_of_exact_square)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=2**31 - 1)]
Index = Annotated[int, Field(ge=0, le=2**31 - 1)]
Seed = Annotated[int, Field(ge=0, le=2**63 - 1)]
Seeds = Annotated[list[Seed], Field(min_length=1)]
LONGEST_NAME = 64
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=LONGEST_NAME)]


class Table(BaseModel):
    """A table of the experiment file; unknown keys and values of another type are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)

    @classmethod
    def table_for(cls, value: Any) -> type[Table]:
        """The table that a value in an experiment file is one of."""
        return cls


def free_name(name: str) -> str:
    """Return ``name`` if a model or slice can have it.

    Raises:
        ValueError: result files use the name for something else.
    """
    if name in RESERVED_NAMES:
        raise ValueError(f"'{name}' is a name that result files use for something else; take another")
    return name


def refuse_alike(models: Sequence[str], slices: Sequence[str]) -> None:
    """Refuse names of models and slices that make the same name of a file, also where its case makes no difference.

    Raises:
        ValueError: two models or two slices have one name, or a model and a slice together have that of another two.
    """
    for kind, names in (("model", models), ("slice", slices)):
        if alike := _first_alike(names):
            named = " and ".join(dict.fromkeys(f"'{names[number]}'" for number in alike))
            raise ValueError(f"two [[{kind}]] tables are named {named}; names must differ, and not only in case")
    pairs = [(model, entry) for model in models for entry in slices]
    if alike := _first_alike(["-".join(pair) for pair in pairs]):
        named = " and ".join("model '{}' with slice '{}'".format(*pairs[number]) for number in alike)
        raise ValueError(f"{named} would have files of the same name; rename one of the four")


def _first_alike(names: Sequence[str]) -> tuple[int, int] | None:
    """Return the numbers of the first two names that are one but for case."""
    known: dict[str, int] = {}
    for number, name in enumerate(names):
        if (first := known.setdefault(name.lower(), number)) != number:
            return first, number
    return None


TableT = TypeVar("TableT", bound=Any)


def one_seed_or_several(entry: TableT) -> TableT:
    """Return a model or slice whose ``seed`` and ``seeds`` do not contradict each other.

    Raises:
        ValueError: both are set, a seed is named twice, or a name with its seed would be too long.
    """
    if entry.seeds is None:
        return entry
    if entry.seed is not None:
        raise ValueError("seed and seeds are both set; remove one of them")
    if len(set(entry.seeds)) != len(entry.seeds):
        raise ValueError("seeds must differ")
    longest = max(map(len, map(str, entry.seeds))) + len(f"{entry.name}_seed")
    if longest > LONGEST_NAME:
        raise ValueError(f"with its seeds, the name has {longest} characters, more than {LONGEST_NAME}; shorten it")
    return entry


def one_per_seed(entry: TableT) -> list[TableT]:
    """Return a model or slice with ``seeds`` as one entry per seed, ``NAME_seedN``; one without as it is."""
    if entry.seeds is None:
        return [entry]
    return [
        entry.model_copy(update={"name": f"{entry.name}_seed{seed}", "seed": seed, "seeds": None})
        for seed in entry.seeds
    ]
