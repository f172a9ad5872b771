"""Records as plain variables and attributes, and back; without a file.

What a record holds is turned into arrays of the types of the file, with their dimensions and attributes
(:func:`encode`); :mod:`landscape.h5.records` puts those into HDF5 groups and :mod:`landscape.h5.labelled` into xarray.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from landscape.errors import InputError, LandscapeError, ResultFileError
from landscape.h5.layout import (
    Array,
    Attribute,
    Counters,
    Free,
    Group,
    Layers,
    Layout,
    Ragged,
    Rows,
    Settings,
    Spec,
    Table,
    layout_of,
    row_arrays,
    stored_fields,
)

_PYTHON_TYPES = {"i4": np.int64, "bool": np.bool_}
_KINDS: dict[str, Any] = {
    "text": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "texts": lambda values: tuple(str(value) for value in values),
    "integers": lambda values: tuple(int(value) for value in values),
}


@dataclass(frozen=True)
class Variable:
    """An array of the file: its dimensions, values, and attributes."""

    dims: tuple[str, ...]
    values: NDArray[Any]
    attributes: dict[str, Any]


@dataclass(frozen=True)
class Plain:
    """What a group holds."""

    variables: dict[str, Variable] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    groups: dict[str, Plain] = field(default_factory=dict)


class Source(Protocol):
    """What a record can be read from."""

    @property
    def where(self) -> str:
        """The file and the group, for messages."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the arrays that are there."""

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The attributes as Python values."""

    def array(self, name: str) -> NDArray[Any]:
        """The values of an array that is there."""

    def group(self, name: str) -> Source | None:
        """A subgroup; None if there is none."""


def file_type(spec: Array) -> np.dtype[Any]:
    """The type of an array in the file, little-endian."""
    return np.dtype("u1" if spec.dtype == "bool" else spec.dtype).newbyteorder("<")


def encode(content: Any, kind: type | None = None) -> Plain:
    """What is written of a record, or of what its stand-in ``kind`` stands for.

    Raises:
        InputError: arrays that do not fit one another, or values that the format does not have.
    """
    if kind is not None and not isinstance(content, kind):
        content = kind.of(content)  # type: ignore[attr-defined]
    layout = layout_of(type(content))
    found = _Encoder(layout, type(content).__name__)
    for name, spec in layout.items.items():
        value = getattr(content, name)
        if value is None and not isinstance(spec, (Settings, Free)):
            if not getattr(spec, "optional", False):
                raise InputError(f"{type(content).__name__}: {name} is missing; give it")
            continue
        found.put(name, spec, value)
    for name, spec in layout.derived.items():
        found.put(name, spec, getattr(content, name))
    return found.finished()


class _Encoder:
    """Collects what a record holds."""

    def __init__(self, layout: Layout, name: str) -> None:
        self.layout = layout
        self.name = name
        self.plain = Plain()
        self.sizes: dict[str, int] = {key: dim.size for key, dim in layout.dims.items() if dim.size is not None}
        self.expanded: dict[str, tuple[str, ...]] = {}

    def put(self, name: str, spec: Spec, value: Any) -> None:
        match spec:
            case Array():
                self.add(spec, value)
            case Attribute():
                self.plain.attributes[spec.name] = _KINDS[spec.kind](value)
            case Layers():
                for n, part in enumerate(value):
                    self.add(spec.item.numbered(n), part)
                self.expanded[name] = tuple(spec.item.numbered(n).name for n in range(len(value)))
            case Ragged():
                self.add(spec.item, np.diff(value))
            case Rows():
                if not value:
                    raise InputError(f"{self.name}: {name} is empty")
                self.plain.attributes[spec.names] = [str(key) for key in value]
                self.sizes[spec.dim] = len(value)
                for column, values in _columns(spec, value):
                    self.add(column, values)
            case Counters():
                for key in spec.keys:
                    self.plain.attributes[f"{spec.prefix}_{key}"] = int(value.get(key, 0))
            case Free():
                own = {attribute.name for attribute in self.layout.attributes}
                known = {attribute.name for attribute in spec.known}
                self.plain.attributes.update({key: v for key, v in value.items() if key not in own - known})
            case Settings():
                plain: Any = dataclasses.asdict(value) if dataclasses.is_dataclass(type(value)) else value
                self.plain.groups[spec.name] = Plain(attributes=dict(plain))
            case Group():
                self.plain.groups[spec.name] = encode(value, spec.type)
            case Table():
                self.put_table(spec, value)

    def put_table(self, spec: Table, columns: Mapping[str, Any]) -> None:
        apart = self if not spec.group else _Encoder(self.layout, f"{self.name}.{spec.group}")
        for name in columns:
            item = spec.columns.get(name)
            if item is None:
                if spec.further is None:
                    raise InputError(f"{self.name}: {name!r} is no dataset of the format; see the file format page")
                unit = spec.unit_of(name) if spec.unit_of else spec.further.unit
                doc = spec.further.doc or name.replace("_", " ")
                item = dataclasses.replace(spec.further, name=name, unit=unit, doc=doc)
            apart.add(item, columns[name])
        if apart is not self:
            self.plain.groups[spec.group] = apart.finished(all_dims=False)

    def add(self, spec: Array, value: Any) -> None:
        values = stored_values(spec, value, self.name)
        dims = tuple(name for dim in spec.dims for name in self.expanded.get(dim, (dim,)))
        if values.ndim != len(dims):
            raise InputError(f"{self.name}: {spec.name!r} has {values.ndim} dimensions, not {len(dims)}; check it")
        for dim, size in zip(dims, values.shape, strict=True):
            known = self.sizes.setdefault(dim, size)
            if size != known:
                raise InputError(f"{self.name}: {spec.name!r} has {size} values along {dim!r}, not {known}")
        about: dict[str, Any] = {"units": spec.unit, "long_name": spec.doc}
        if spec.flags is not None:
            about["flag_values"] = np.array(list(spec.flags), dtype=file_type(spec))
            about["flag_meanings"] = " ".join(spec.flags.values())
        if spec.dtype == "bool":
            about |= {"flag_values": np.array([0, 1], np.uint8), "flag_meanings": "false true", "dtype": "bool"}
        self.plain.variables[spec.name] = Variable(dims, values, about)

    def finished(self, *, all_dims: bool = True) -> Plain:
        """All that was put, and the coordinates of dimensions that only count."""
        used = {dim for variable in self.plain.variables.values() for dim in variable.dims}
        for dim, size in self.sizes.items():
            if (all_dims or dim in used) and dim not in self.plain.variables:
                spec = self.layout.coordinate(dim)
                assert spec is not None, dim
                self.add(spec, np.arange(size))
        return self.plain


def stored_values(spec: Array, value: Any, where: str) -> NDArray[Any]:
    """The values of an array in the type of the file.

    Raises:
        InputError: words that the format does not have, or numbers that its type does not hold.
    """
    if spec.words:
        assert spec.flags is not None
        numbers = dict(zip(spec.python_words, spec.flags, strict=True))
        words = np.asarray(value, dtype=np.str_)
        found = [numbers.get(word) for word in words.ravel().tolist()]
        if None in found:
            wrong = words.ravel()[found.index(None)]
            raise InputError(f"{where}: {spec.name} {str(wrong)!r} is none of {', '.join(filter(None, numbers))}")
        return np.array(found, dtype=file_type(spec)).reshape(words.shape)
    values = np.asarray(value)
    if values.dtype == object:
        raise InputError(f"{where}: {spec.name} is no array of numbers")
    stored = values.astype(file_type(spec))
    if stored.dtype.kind in "iu" and not np.array_equal(stored, values):
        raise InputError(f"{where}: {spec.name} holds a number that the file's type, {spec.dtype}, does not")
    return stored


def _columns(spec: Rows, value: Mapping[str, Any]) -> Iterator[tuple[Array, NDArray[Any]]]:
    if spec.item is not None:
        (column,) = row_arrays(spec)
        yield column, np.stack([np.asarray(row) for row in value.values()])
        return
    assert spec.type is not None
    names = stored_fields(spec.type)
    for name, column in zip(names, row_arrays(spec), strict=True):
        yield column, np.array([getattr(row, name) for row in value.values()])


def decode(kind: type, source: Source) -> Any:
    """The record, or what it stands for, that was encoded as what ``source`` holds.

    Raises:
        ResultFileError: a part is missing or does not fit the others. What the class itself finds wrong is raised as
            the error that it raises.
    """
    layout = layout_of(kind)
    values = {name: _decoded(spec, source, layout) for name, spec in layout.items.items()}
    try:
        made = kind(**values)
        return made.content if hasattr(kind, "content") else made
    except LandscapeError as error:
        raise type(error)(f"{source.where}: {error}; make the file again") from error
    except (ValueError, TypeError) as error:
        raise ResultFileError(f"{source.where}: {error}; make the file again") from error


def _decoded(spec: Spec, source: Source, layout: Layout) -> Any:
    match spec:
        case Array():
            return None if spec.optional and spec.name not in source.names else _read(spec, source)
        case Attribute():
            return _attribute(spec, source)
        case Layers():
            names = source.names
            count = next(n for n in range(len(names) + 1) if spec.item.numbered(n).name not in names)
            return [_read(spec.item.numbered(n), source) for n in range(max(count, spec.least))]
        case Ragged():
            return np.concatenate([[0], np.cumsum(_read(spec.item, source))]).astype(np.int64)
        case Rows():
            return _rows(spec, source)
        case Counters():
            return {key: int(_required(source, f"{spec.prefix}_{key}")) for key in spec.keys}
        case Free():
            own = {attribute.name for attribute in layout.attributes} - {known.name for known in spec.known}
            return {name: value for name, value in source.attributes.items() if name not in own}
        case Settings():
            found = source.group(spec.name)
            return {} if found is None else dict(found.attributes)
        case Group():
            found = source.group(spec.name)
            if found is None and not spec.optional:
                raise ResultFileError(f"{source.where} has no group {spec.name!r}; make the file again")
            return None if found is None else decode(spec.type, found)
        case Table():
            return _table(spec, source, layout)


def _table(spec: Table, source: Source, layout: Layout) -> dict[str, Any]:
    if spec.group:
        apart = source.group(spec.group)
        if apart is None:
            raise ResultFileError(f"{source.where} has no group {spec.group!r}; make the file again")
        source, others = apart, apart.names
    else:
        others = tuple(name for name in source.names if layout.named(name) is None)
    # Those that are known first, in their order, which is that of the tables of a report.
    known = [item for item in spec.columns.values() if item.name in source.names or not item.optional]
    found = [*known, *(item for name in others if name not in spec.columns and (item := spec.item(name)) is not None)]
    return {item.name: _read(item, source) for item in found}


def _rows(spec: Rows, source: Source) -> dict[str, Any]:
    names = [str(name) for name in _required(source, spec.names)]
    columns = [_read(dataclasses.replace(column, make=None), source) for column in row_arrays(spec)]
    if any(len(column) != len(names) for column in columns):
        raise ResultFileError(f"{source.where}: {spec.names!r} names {len(names)} rows, but there are others")
    if spec.item is not None:
        return dict(zip(names, columns[0], strict=True))
    assert spec.type is not None
    specs: dict[str, Any] = stored_fields(spec.type)
    made = {}
    for row, name in enumerate(names):
        values = {key: _made(item, column[row]) for (key, item), column in zip(specs.items(), columns, strict=True)}
        made[name] = spec.type(name, **values)
    return made


def _attribute(spec: Attribute, source: Source) -> Any:
    if spec.optional and spec.name not in source.attributes:
        return None
    value = _required(source, spec.name)
    try:
        return _KINDS[spec.kind](value)
    except (TypeError, ValueError):
        raise ResultFileError(
            f"{source.where}: the attribute {spec.name!r} is {value!r}, not of the type {spec.kind!r}"
        ) from None


def _required(source: Source, name: str) -> Any:
    if name not in source.attributes:
        raise ResultFileError(f"{source.where} has no attribute {name!r}; make the file again")
    return source.attributes[name]


def _read(spec: Array, source: Source) -> Any:
    if spec.name not in source.names:
        raise ResultFileError(
            f"{source.where} has no dataset {spec.name!r}; run 'landscape validate' on the file, or make it again"
        )
    values = source.array(spec.name)
    if spec.words:
        return _words(spec, values, source)
    kind = _PYTHON_TYPES.get(spec.dtype, values.dtype.newbyteorder("="))
    return _made(spec, values.astype(kind, copy=False))


def _made(spec: Array, values: Any) -> Any:
    return values if spec.make is None else spec.make(values)


def _words(spec: Array, numbers: NDArray[Any], source: Source) -> NDArray[np.str_]:
    assert spec.flags is not None
    known = np.array(list(spec.flags), dtype=np.int64)
    order = np.argsort(known)
    place = np.clip(np.searchsorted(known[order], numbers), 0, known.size - 1)
    wrong = known[order][place] != numbers
    if wrong.any():
        raise ResultFileError(
            f"{source.where}/{spec.name} holds {numbers[wrong][0]}, which means nothing; "
            "run 'landscape validate' on the file, or make it again"
        )
    return np.array(spec.python_words, dtype=np.str_)[order][place]
