"""What a result file holds of a model and of its slices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

from landscape.errors import InputError
from landscape.h5.kinds import kinds_of
from landscape.h5.tree import parts_of_slices

if TYPE_CHECKING:
    from landscape.slices.surface import Surface

__all__ = ["ModelResult", "SliceResult"]


class _Records:
    """Records by the names of their kinds, as attributes; one that is not there is None."""

    #: The kinds that there may be, by name.
    kinds: Callable[[], dict[str, type]]

    def __init__(self, **records: Any) -> None:
        unknown = sorted(set(records) - set(self.kinds()))
        if unknown:
            raise InputError(f"{unknown[0]!r} is no kind of record that goes here; there are {', '.join(self.kinds())}")
        self.records = {name: content for name, content in records.items() if content is not None}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "records" or name not in self.kinds():
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self.records.get(name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.kinds()]


class SliceResult(_Records):
    """A surface with what was measured on it.

    Args:
        surface: the sampled values; None where the slice is not sampled here.
        records: what was measured, by kind: ``regions``, ``summary``, ``census``, ``anatomy``, ``fragments``,
            ``curves`` and what kinds there are more.

    Raises:
        InputError: there is no such kind of record of slices.
    """

    kinds = staticmethod(parts_of_slices)

    def __init__(self, surface: Surface | None = None, **records: Any) -> None:
        super().__init__(**records)
        self.surface = surface

    def changed(self, **changes: Any) -> Self:
        """The same with another surface or other records, or without those that are given as None."""
        return type(self)(**{"surface": self.surface} | self.records | changes)


class ModelResult(_Records):
    """Everything a result file holds of one model.

    Args:
        slices: slices by name, in the order of the experiment: a surface, one with what was measured on it, or None for
            one that is not sampled yet.
        attributes: what else is known of the model (text and numbers).
        skipped: why a slice could not be sampled, in one line, by the slice's name.
        records: ``network`` (a :class:`landscape.Network` or its plain numbers: the one that the slices are around),
            ``training``, ``raster`` and what kinds there are more.

    Raises:
        InputError: there is no such kind of record of models.
    """

    def __init__(
        self,
        slices: Mapping[str, SliceResult | Surface | None] | None = None,
        *,
        attributes: Mapping[str, Any] | None = None,
        skipped: Mapping[str, str] | None = None,
        **records: Any,
    ) -> None:
        super().__init__(**records)
        self.slices: dict[str, SliceResult] = {
            name: content if isinstance(content, SliceResult) else SliceResult(content)
            for name, content in (slices or {}).items()
        }
        self.attributes = dict(attributes or {})
        self.skipped = dict(skipped or {})

    @staticmethod
    def kinds() -> dict[str, type]:
        """The kinds of records that a model may have, by name."""
        return kinds_of("model")

    def changed(self, **changes: Any) -> Self:
        """The same with other arguments, or without records that are given as None."""
        own = {"slices": self.slices, "attributes": self.attributes, "skipped": self.skipped}
        return type(self)(**own | self.records | changes)
