"""What the fields of a record's class say, as data: the arrays, attributes and groups that it is stored as.

:mod:`landscape.h5.fields` makes these; reading, writing and checking look at nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

__all__ = [
    "KINDS",
    "Array",
    "Attribute",
    "Counters",
    "Dim",
    "Free",
    "Group",
    "Layers",
    "Layout",
    "Ragged",
    "Rows",
    "Settings",
    "Spec",
    "Table",
    "layout_of",
    "numbered",
    "row_arrays",
    "stored_fields",
]

_INF = float("inf")

KINDS = ("text", "integer", "number", "boolean", "texts", "integers")
"""Kinds of attributes."""


@dataclass(frozen=True)
class Dim:
    """A dimension that only counts: what its coordinate says, and how many values it has where that is fixed."""

    doc: str
    size: int | None = None


@dataclass(frozen=True, kw_only=True)
class Array:
    """One dataset, or with ``{n}`` in its name as many as there are layers, from 0.

    Attributes:
        name: its name in the file.
        dims: its dimensions. One that is the name of a field made by :func:`layers`, as ``"axes"``, stands for the
            dimensions of all of these. An array along the one dimension of its own name is the coordinate of it.
        doc: the attribute ``long_name``.
        unit: the attribute ``units``.
        dtype: type in the file, as NumPy writes it without the byte order, or ``"bool"`` (stored as uint8). In Python
            ``"i4"`` is int64.
        optional: whether it may be missing; its field is None then.
        nan: whether it may hold NaN.
        inf: whether it may hold infinities.
        lowest: least value, inclusive; a number, or the name of an attribute.
        highest: largest value, likewise.
        below: it numbers what this dimension, or this attribute, counts.
        ascending: whether values must not fall; ``"strictly"``: they must rise.
        flags: what its numbers mean, by number.
        words: whether in Python it holds the words of ``flags`` in place of the numbers, or other words in their place.
        where: name and value of another array: only where that has this value need values be finite and in bounds.
        make: what turns the numbers into the value in Python; the default keeps the array.
    """

    name: str = ""
    dims: tuple[str, ...] = ()
    doc: str = ""
    unit: str = "1"
    dtype: str = "f8"
    optional: bool = False
    nan: bool = False
    inf: bool = False
    lowest: float | str = -_INF
    highest: float | str = _INF
    below: str = ""
    ascending: bool | str = False
    flags: Mapping[int, str] | None = None
    words: bool | tuple[str, ...] = False
    where: tuple[str, int] | None = None
    make: Callable[[Any], Any] | None = None

    @property
    def is_coordinate(self) -> bool:
        """Whether it is the coordinate of the dimension of its name."""
        return self.dims == (self.name,)

    @property
    def python_words(self) -> tuple[str, ...]:
        """The words that an array of words holds in Python, in the order of ``flags``."""
        assert self.flags is not None
        return self.words if isinstance(self.words, tuple) else tuple(self.flags.values())

    @property
    def pattern(self) -> re.Pattern[str]:
        """What its names in the file match."""
        return _pattern(self.name)

    def numbered(self, n: int) -> Array:
        """The array of layer ``n``."""
        dims = tuple(numbered(dim, n) for dim in self.dims)
        return replace(self, name=numbered(self.name, n), dims=dims, doc=numbered(self.doc, n))


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """One attribute of the group; ``kind`` is one of :data:`KINDS`, bounds are inclusive and exclusive ends."""

    name: str = ""
    kind: str = "text"
    doc: str = ""
    optional: bool = False
    lowest: float = -_INF
    highest: float = _INF
    above: float = -_INF
    below: float = _INF

    def allows(self, value: float) -> bool:
        """Whether a number is within the bounds; without any, NaN is as well."""
        if (self.lowest, self.highest, self.above, self.below) == (-_INF, _INF, -_INF, _INF):
            return True
        return self.lowest <= value <= self.highest and self.above < value < self.below

    @property
    def range(self) -> str:
        """The values that it may have, in words."""
        ends = [f"at least {self.lowest:g}"] if self.lowest > -_INF else []
        ends += [f"at most {self.highest:g}"] if self.highest < _INF else []
        ends += [f"above {self.above:g}"] if self.above > -_INF else []
        ends += [f"below {self.below:g}"] if self.below < _INF else []
        return " and ".join(ends)


@dataclass(frozen=True, kw_only=True)
class Layers:
    """A list of arrays, one dataset each; ``most`` and ``least`` bound their number."""

    item: Array
    least: int = 1
    most: int | None = None


@dataclass(frozen=True, kw_only=True)
class Ragged:
    """Where each of the things along one dimension ends along ``of``; stored as how many there are of each."""

    item: Array
    of: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A mapping of columns by name: those that are known, and where ``further`` is given also others.

    ``group``: the subgroup that it has to itself; it is in the record's own group where empty. ``unit_of`` gives the
    unit of a further column by its name.
    """

    columns: Mapping[str, Array]
    further: Array | None = None
    group: str = ""
    unit_of: Callable[[str], str] | None = None

    def item(self, name: str) -> Array | None:
        """The column of a name, in any unit where it is a further one; None where there may be none of this name."""
        if name in self.columns or self.further is None:
            return self.columns.get(name)
        return replace(self.further, name=name, unit="", doc="")


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A mapping whose values are the rows along ``dim``, in order; the attribute ``names`` holds its keys.

    Each value is an array (``item``) or an instance of a class with stored fields (``type``), the first of which is
    the key.
    """

    dim: str
    names: str
    item: Array | None = None
    type: type | None = None


@dataclass(frozen=True, kw_only=True)
class Counters:
    """A mapping of whole numbers by one of ``keys``; stored as attributes ``PREFIX_KEY``."""

    prefix: str
    keys: tuple[str, ...]
    doc: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """A record in a subgroup."""

    name: str = ""
    type: type
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A mapping, or a dataclass, stored as attributes of a subgroup; None among its values is left out."""

    name: str = ""
    doc: str = ""


@dataclass(frozen=True, kw_only=True)
class Free:
    """Further attributes by name (text, numbers, lists of them); ``known`` are told of on the page and checked."""

    known: tuple[Attribute, ...] = ()


Spec = Array | Attribute | Layers | Ragged | Table | Rows | Counters | Group | Settings | Free


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What a class of records says.

    Attributes:
        group: name of its groups in a result file; empty where it has none of its own.
        of: what such a group belongs to, in the words of :mod:`landscape.results`; empty for a part of other records.
        name: name of the kind in Python.
        title: where its groups are, for the page.
        doc: what it is, for the page.
        dims: dimensions that only count.
        items: what each stored field is, by the field's name.
        derived: arrays and attributes that are written, and checked, but not read: properties of the class.
    """

    group: str
    of: str
    name: str
    title: str
    doc: str
    dims: Mapping[str, Dim]
    items: Mapping[str, Spec]
    derived: Mapping[str, Array | Attribute]

    @cached_property
    def arrays(self) -> tuple[Array, ...]:
        """All arrays of the group itself, those with ``{n}`` once."""
        found: list[Array] = []
        for spec in (*self.items.values(), *self.derived.values()):
            if isinstance(spec, Array):
                found.append(spec)
            elif isinstance(spec, (Layers, Ragged)):
                found.append(spec.item)
            elif isinstance(spec, Table) and not spec.group:
                found += spec.columns.values()
            elif isinstance(spec, Rows):
                found += row_arrays(spec)
        return tuple(found)

    @cached_property
    def attributes(self) -> tuple[Attribute, ...]:
        """All attributes of the group that are named."""
        found: list[Attribute] = []
        for spec in (*self.items.values(), *self.derived.values()):
            if isinstance(spec, Attribute):
                found.append(spec)
            elif isinstance(spec, Rows):
                found.append(Attribute(name=spec.names, kind="texts", doc=f"names of what is along `{spec.dim}`"))
            elif isinstance(spec, Counters):
                found += (
                    Attribute(name=f"{spec.prefix}_{key}", kind="integer", doc=f"{spec.doc}: {key}", lowest=0)
                    for key in spec.keys
                )
            elif isinstance(spec, Free):
                found += (replace(known, optional=True) for known in spec.known)
        return tuple({attribute.name: attribute for attribute in found}.values())

    @property
    def is_open(self) -> bool:
        """Whether further attributes are allowed."""
        return any(isinstance(spec, Free) for spec in self.items.values())

    @property
    def further(self) -> Table | None:
        """The table to which datasets of other names belong; None where there may be none."""
        tables = (spec for spec in self.items.values() if isinstance(spec, Table) and not spec.group)
        return next((spec for spec in tables if spec.further is not None), None)

    @property
    def groups(self) -> dict[str, Group | Settings | Table]:
        """What each subgroup is, by its name."""
        found: dict[str, Group | Settings | Table] = {}
        for spec in self.items.values():
            if isinstance(spec, (Group, Settings)):
                found[spec.name] = spec
            elif isinstance(spec, Table) and spec.group:
                found[spec.group] = spec
        return found

    def find(self, name: str) -> Array | None:
        """The array that a dataset of this name is; None for one that may not be there."""
        found = self.named(name)
        return self.further.item(name) if found is None and self.further is not None else found

    def named(self, name: str) -> Array | None:
        """The array or coordinate that has this name; None where there is none, unless of a table's further ones."""
        for spec in self.arrays:
            if spec.name == name:
                return spec
            if "{" in spec.name and (match := spec.pattern.fullmatch(name)):
                return spec.numbered(int(match.group(1)))
        return self.coordinate(name)

    def coordinate(self, name: str) -> Array | None:
        """The coordinate of a dimension that only counts; None if it is none of those."""
        for dim, about in self.dims.items():
            match = _pattern(dim).fullmatch(name)
            if match:
                doc = numbered(about.doc, int(match.group(1))) if match.groups() else about.doc
                return Array(name=name, dims=(name,), doc=doc, dtype="i4")
        return None


def layout_of(kind: type) -> Layout:
    """The layout of a class of records."""
    return kind.layout  # type: ignore[attr-defined]


def stored_fields(cls: type) -> dict[str, Spec]:
    """What the fields of a dataclass say that is stored, by field; names are filled in."""
    found: dict[str, Spec] = {}
    for item in fields(cls):
        spec = item.metadata.get("h5")
        if isinstance(spec, (Array, Attribute, Group, Settings)):
            spec = spec if spec.name else replace(spec, name=item.name)
        elif isinstance(spec, (Ragged, Rows)) and spec.item is not None and not spec.item.name:
            spec = replace(spec, item=replace(spec.item, name=item.name))
        if spec is not None:
            found[item.name] = spec
    return found


def row_arrays(rows: Rows) -> Iterator[Array]:
    """The arrays in which the rows of a mapping are stored, along its dimension first."""
    if rows.item is not None:
        yield replace(rows.item, dims=(rows.dim, *rows.item.dims))
        return
    assert rows.type is not None
    for spec in stored_fields(rows.type).values():
        assert isinstance(spec, Array)
        yield replace(spec, dims=(rows.dim, *spec.dims))


def numbered(text: str, n: int) -> str:
    """A text with ``{n}`` and ``{n-1}`` filled in; a dimension ``NAME_{n-1}`` of layer 0 is ``channel``."""
    if n == 0 and re.fullmatch(r"\w+_\{n-1\}", text):
        return "channel"
    return text.replace("{n-1}", str(n - 1)).replace("{n}", str(n))


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(re.escape(name).replace(re.escape("{n}"), r"(0|[1-9]\d*)"))
