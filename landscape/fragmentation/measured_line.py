"""What measures of fragmentation are made of: the census of a line, values along it, draws of samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from landscape.fragmentation.census import Census
    from landscape.fragmentation.profile import Profile
    from landscape.fragmentation.resampling import Resampling
    from landscape.slices.surface import Surface

__all__ = ["Discontinuities", "MeasuredLine", "effective_number", "mean_discontinuities"]

FloatArray = NDArray[np.float64]
Made = TypeVar("Made")


class Discontinuities(NamedTuple):
    """The discontinuities of a mean loss.

    Attributes:
        position: where they are, (m,), increasing.
        jump: jumps of the mean loss, nats; (m,).
        group: for each row of the census the place in ``position``; -1 where jumps cancel.
    """

    position: FloatArray
    jump: FloatArray
    group: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class MeasuredLine:
    """A line with what is known of the loss along it.

    Attributes:
        census: the discontinuities of the losses of single samples.
        draws: draws of the samples, the same for all measures.
        profile: losses and derivatives at points of the line; None where there are none.
        surface: the same points as a surface, with gradients over all weights; None where there is none.
    """

    census: Census
    draws: Resampling
    profile: Profile | None = None
    surface: Surface | None = None
    _shared: dict[Callable[[MeasuredLine], Any], Any] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def discontinuities(self) -> Discontinuities:
        """Those of the mean loss."""
        return mean_discontinuities(self.census)

    @property
    def length(self) -> float:
        """Length of the line, in units of the position."""
        return self.census.high - self.census.low

    def shared(self, make: Callable[[MeasuredLine], Made]) -> Made:
        """What several measures are made from; made when the first of them asks for it."""
        if make not in self._shared:
            self._shared[make] = make(self)
        found: Made = self._shared[make]
        return found


def mean_discontinuities(census: Census) -> Discontinuities:
    """The discontinuities of the mean loss.

    Those of several samples whose brackets overlap (equal samples break at equal places) are one, with the sum of their
    jumps; none if the sum is below the census's threshold.
    """
    if len(census) == 0:
        return Discontinuities(np.empty(0), np.empty(0), np.empty(0, np.int64))
    # A bracket's upper end never falls far behind: rows are sorted by position, brackets are of almost equal width.
    reach = np.maximum.accumulate(census.bracket[:, 1])
    apart = np.concatenate([[True], census.bracket[1:, 0] > reach[:-1]])
    group = np.cumsum(apart) - 1
    first = np.flatnonzero(apart)
    with np.errstate(invalid="ignore"):
        jump = np.add.reduceat(census.jump, first)
    kept = ~(np.abs(jump) < census.attributes.get("minimum", 1e-9))
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    return Discontinuities(census.position[first][kept], jump[kept] / census.n_samples, number[group])


def effective_number(sizes: FloatArray) -> float:
    """Effective number of pieces: exponential of the entropy of their shares (Hill number of order 1)."""
    share = sizes[sizes > 0.0] / sizes.sum()
    return float(np.exp(-np.sum(share * np.log(share))))
