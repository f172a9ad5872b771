"""One piece of an experiment: what it is called, what it needs, what it is made from."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

from landscape.experiment.cost import SECONDS_PER_PIECE
from landscape.experiment.shards import Block

#: How names of pieces begin that shards share.
_STEPS = ("directions-", "census_directions-")


@dataclass(frozen=True)
class Piece:
    """One file of results.

    Attributes:
        kind: ``"train"``, ``"raster"``, ``"sweep"``, ``"directions"``, ``"shard"``, ``"census"``,
            ``"census-directions"``, ``"census-shard"``, ``"anatomy"``, ``"fragments"``, ``"curves"`` or ``"compared"``.
        model: the model's name.
        slice: the slice's name for what belongs to a slice, else empty.
        id: hash of what the content depends on, 16 hexadecimal digits.
        needs: file names of the pieces that have to be there first.
        number: number of a shard in its slice or census, or of a line of the comparison around its network, else 0.
        block: the points of a shard of a slice, else None.
        count: number of shards that a census is cut into, for one of them; else 0. It holds every ``count``-th sample,
            from the one of its number on.
        part_of: file name of the piece that this one is only a step towards: once that is there, this one is not
            needed any more. Empty for all others.
        cost: estimated core seconds.
    """

    kind: str
    model: str
    slice: str
    id: str
    needs: tuple[str, ...] = ()
    number: int = 0
    block: Block | None = None
    count: int = 0
    part_of: str = ""
    cost: float = field(default=SECONDS_PER_PIECE, compare=False)

    @functools.cached_property
    def file_name(self) -> str:
        """Name of the finished file, for what there may be many of with its folder, which keeps all folders small."""
        # The kind ends at the first "-", which names of models and slices may have too.
        kind = self.kind.replace("-", "_") + ("s" if self.is_shard else "")
        name = "-".join(filter(None, (kind, self.model, self.slice, self.id)))
        return f"{name}/{self.number:05d}.h5" if self.is_shard or self.kind == "compared" else f"{name}.h5"

    @property
    def is_result_file(self) -> bool:
        """Whether its file is a result file, as opposed to those of which there may be very many."""
        return not self.part_of and self.kind != "compared"

    @property
    def is_shard(self) -> bool:
        """Whether it is a shard of a slice or of a census."""
        return self.kind in ("shard", "census-shard")

    @property
    def is_in_shards(self) -> bool:
        """Whether it is put together from shards."""
        return bool(self.needs) and "/" in self.needs[-1]

    @property
    def sources(self) -> tuple[str, ...]:
        """File names of the pieces that its content is made from, steps in between left out."""
        return tuple(name for name in self.needs if "/" not in name and not name.startswith(_STEPS))

    @property
    def partial_name(self) -> str:
        """Name of the file that an interrupted run leaves."""
        return self.file_name.removesuffix(".h5") + ".partial.h5"
