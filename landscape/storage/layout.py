"""What the layout of a result file is described with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

FORMAT = "landscape"
NETWORK_FORMAT = "landscape-network"
FORMAT_VERSION = 1
SUPPORTED_VERSIONS = (1,)

#: Stands in the dimensions of an entry for the axes of its slice: ``axis_0``, or ``axis_0, axis_1``.
AXES = "axes"

STATUS_FLAGS = {"flag_values": (0, 1, 2, 3), "flag_meanings": "pending done failed not_finite"}
KIND_FLAGS = {"flag_values": (0, 1), "flag_meanings": "appearance disappearance"}
MECHANISM_FLAGS = {"flag_values": (0, 1, 2), "flag_meanings": "order grazing trial_end"}
CONFIRMED_FLAGS = {"flag_values": (-1, 0, 1), "flag_meanings": "not_evaluated contradicted confirmed"}
BOOL_FLAGS = {"flag_values": (0, 1), "flag_meanings": "false true", "dtype": "bool"}


@dataclass(frozen=True)
class Entry:
    """One dataset. ``{n}`` in a name stands for 0, 1, 2, ...; ``{n+1}`` for the number after it.

    Attributes:
        name: its name in the group.
        dims: the names of its dimensions; a dataset whose only dimension has its own name is a dimension
            scale.
        dtype: its type, as numpy writes it, little-endian.
        unit: the attribute ``units``.
        required: True, False, or "2D" (required where the slice has two axes).
        description: the attribute ``long_name``.
        finite: whether its values must be finite (in a slice: at the points whose status is done).
        flags: further attributes of the dataset, which say what its numbers mean.
    """

    name: str
    dims: tuple[str, ...]
    dtype: str
    unit: str
    required: bool | str
    description: str
    finite: bool = True
    flags: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_scale(self) -> bool:
        """Whether it is the dimension scale (the coordinate) of the dimension of its name."""
        return self.dims == (self.name,)

    @property
    def repeats(self) -> bool:
        """Whether the entry stands for any number of datasets."""
        return "{n}" in self.name

    def numbered(self, n: int) -> Entry:
        """The entry for one number."""

        def put(text: str) -> str:
            return text.replace("{n+1}", str(n + 1)).replace("{n}", str(n))

        return Entry(
            put(self.name),
            tuple(put(dim) for dim in self.dims),
            self.dtype,
            self.unit,
            self.required,
            put(self.description),
            self.finite,
            self.flags,
        )


@dataclass(frozen=True)
class Attribute:
    """One attribute of a group. ``kind`` is "text", "integer", "number", "texts" or "integers"."""

    name: str
    kind: str
    required: bool
    description: str


@dataclass(frozen=True)
class Layout:
    """One kind of group.

    Attributes:
        path: where such groups are, for the page.
        required: whether the group must be there in its parent.
        description: what it holds.
        entries: its datasets.
        attributes: its attributes.
        further_attributes: whether others are allowed (text and numbers).
        further_dims: dimensions of float64 datasets that are allowed beyond the entries; None where none are.
        further_finite: whether the values of these must be finite.
    """

    path: str
    required: bool
    description: str
    entries: tuple[Entry, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    further_attributes: bool = False
    further_dims: tuple[str, ...] | None = None
    further_finite: bool = False

    def entry(self, name: str) -> Entry | None:
        """The entry of a dataset by its name in the file; None for a name that the layout does not list."""
        for entry in self.entries:
            if entry.name == name:
                return entry
            if entry.repeats:
                match = re.fullmatch(re.escape(entry.name).replace(re.escape("{n}"), r"(0|[1-9]\d*)"), name)
                if match:
                    return entry.numbered(int(match.group(1)))
        return None
