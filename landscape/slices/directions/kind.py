"""What the package knows of a kind of direction: its keys, how it is made, what it is called."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from landscape.plugins import source_hash

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from landscape.constants import Objective
    from landscape.datasets import Dataset
    from landscape.network import Network
    from landscape.slices.directions.vectors import Direction
    from landscape.tables import Table

__all__ = ["DirectionKind", "Shapes", "Surroundings", "listed"]

#: Shapes (n_post, n_pre) of the weights of a network.
Shapes = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Surroundings:
    """What directions can be made from.

    Attributes:
        centre: the network at coordinate 0.
        initial: the network before training.
        best: the best network of training.
        trajectory: parameter vectors at the kept epochs (n_kept, n_parameters), or None.
        data: the samples of the slice.
        objective: readout and loss.
        seed: seed of what is random.
    """

    centre: Network
    initial: Network
    best: Network
    trajectory: NDArray[np.float64] | None
    data: Dataset
    objective: Objective
    seed: int = 0


def _keys(direction: Any, centre: str) -> Mapping[str, Any]:
    return {key: value for key, value in direction.constants.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class DirectionKind:
    """A kind of direction by its name.

    Attributes:
        name: what an experiment file calls it.
        table: its keys.
        make: gives all directions of the kind that a slice asks for, in order, from their tables and what they can be
            made from; they are normalised and made orthogonal afterwards. It raises DirectionError for what cannot be
            made.
        words: how a direction was made, in words, from its facts; a phrase for captions and reports.
        facts: what is kept of a direction in the result file, from its table and the name of the network at the centre
            (``"best"``): plain values. By default its keys.
        normalization: how it is scaled if the slice does not say.
        several: whether two of the same span a plane.
        seeded: whether it depends on the slice's seed.
        evaluations: what it costs to make one, in evaluations of a point with its derivatives.
        argument: the key, a text, that ``"KIND:VALUE"`` gives for short; none if "".
        file_key: the key that names a file, whose content then tells the direction; none if "".
        check: raises DirectionError if a direction does not fit the shapes of a model's weights, before hours of
            training are spent on it; it is also given the directions of the kind before it. ``{model}`` in its message
            stands for the model.
        problem: why so many directions of the kind cannot be made, of a slice, after such a training (the tables of an
            experiment file); "" if they can.
    """

    name: str
    table: type[Table]
    make: Callable[[Sequence[Any], Surroundings], Sequence[Direction]]
    words: Callable[[Mapping[str, Any]], str]
    facts: Callable[[Any, str], Mapping[str, Any]] = _keys
    normalization: str = "raw"
    several: bool = False
    seeded: bool = False
    evaluations: float = 0.0
    argument: str = ""
    file_key: str = ""
    check: Callable[[Any, Sequence[Any], Shapes], None] | None = None
    problem: Callable[[int, Any, Any], str] | None = None

    @property
    def source_hash(self) -> str:
        """Hash of the file of one from outside the package; "" for one of the package."""
        return source_hash(self.make)

    def lacks(self) -> list[str]:
        """What keeps it from being used, a phrase for each; empty where nothing does."""
        from landscape.slices.directions.vectors import NORMALIZATIONS

        problems = []
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", self.name):
            problems.append("has a name with other characters than letters, digits, '_' and '-'")
        if self.normalization not in NORMALIZATIONS:
            problems.append(f"has the normalization {self.normalization!r}, not one of {', '.join(NORMALIZATIONS)}")
        for attribute in ("argument", "file_key"):
            key = getattr(self, attribute)
            if key and key not in self.table.model_fields:
                problems.append(f"has no key {key!r}, which its {attribute} names")
            elif key and self.table.model_fields[key].annotation is not str:
                problems.append(f"has a key {key!r} that is no text, which its {attribute} names")
        return problems


def listed(shapes: Shapes) -> str:
    """Shapes in words."""
    return ", ".join(str(shape) for shape in shapes)
