"""How a record says what it holds, once, in the fields of its class.

A *record* is what one HDF5 group holds: arrays over named dimensions, attributes, and records within. Its class is a
dataclass made by :func:`record`, each of whose fields says by one of the functions below what it is called, over which
dimensions it is, in which unit, and which values it may take. Writing, reading, checking, the page of the format and
the way to xarray all follow from that, and nothing else is stated per kind of record::

    @record("peaks", of="line", title="peaks", doc="Highest points of a line.", dims={"peak": "number of the peak"})
    class Peaks:
        position: FloatArray = array("peak", "where it is", ascending=True)
        height: FloatArray = array("peak", "loss there", unit="nat")
        count: int = attribute("integer", "number of lines", lowest=0)

        def problems(self) -> Iterator[str]:
            ...  # what does not fit together, one line each; optional

A field of such a class that is made by none of these functions is not stored, and needs a default.

A class that is no record can be stored as one, its stand-in (a field made by :func:`group`): the stand-in has a class
method ``of(value)``, which makes it, and a property ``content``, which gives back what it stands for.

Types in double backquotes are those of :mod:`landscape.h5.layout`. This module imports neither h5py nor xarray.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, replace
from typing import Any, TypeVar, dataclass_transform

from landscape.h5.layout import (
    Array,
    Attribute,
    Counters,
    Dim,
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
    stored_fields,
)

__all__ = [
    "RECORDS",
    "Dim",
    "array",
    "attribute",
    "attributes",
    "counters",
    "group",
    "layers",
    "ragged",
    "record",
    "rows",
    "settings",
    "table",
]

Record = TypeVar("Record", bound=type)
Dims = str | tuple[str, ...]

#: All classes that were made records.
RECORDS: list[type] = []


def array(
    dims: Dims,
    doc: str,
    *,
    default: Any = MISSING,
    unit: str = "1",
    dtype: str = "f8",
    **options: Any,
) -> Any:
    """A field with an array; the arguments are those of ``Array``. With a default it is optional."""
    return _field(Array(dims=_dims(dims), doc=doc, unit=unit, dtype=dtype, **_optional(options, default)), default)


def layers(name: str, dims: Dims, doc: str, *, least: int = 1, most: int | None = None, **options: Any) -> Any:
    """A field with a list of arrays, stored as ``name`` with ``{n}`` in it for 0, 1, 2, ...; ``dims`` and ``doc`` may
    hold ``{n}``, and ``dims`` ``{n-1}``, for which -1 is the input.
    """
    return _field(Layers(item=Array(name=name, dims=_dims(dims), doc=doc, **options), least=least, most=most))


def ragged(dim: str, doc: str, *, of: str, **options: Any) -> Any:
    """A field with where the things along ``dim`` begin and end along ``of``, (n + 1,); each has at least one."""
    return _field(Ragged(item=Array(dims=(dim,), doc=doc, dtype="i4", lowest=1, **options), of=of))


def attribute(kind: str, doc: str, *, default: Any = MISSING, **options: Any) -> Any:
    """A field with an attribute of the group; ``kind`` is one of ``KINDS``. With a default it is optional."""
    return _field(Attribute(kind=kind, doc=doc, **_optional(options, default)), default)


def table(
    columns: Mapping[str, Any],
    *,
    further: Any = None,
    group: str = "",
    unit_of: Callable[[str], str] | None = None,
) -> Any:
    """A field with a mapping of columns; see :class:`~landscape.h5.layout.Table`. Columns are made by :func:`array`."""
    known = {name: replace(spec_of(column), name=name) for name, column in columns.items()}
    other = None if further is None else spec_of(further)
    return _field(Table(columns=known, further=other, group=group, unit_of=unit_of))


def rows(dim: str, names: str, item: Any) -> Any:
    """A field with a mapping of rows; see ``Rows``. ``item`` is an array or a class with stored fields."""
    return _field(Rows(dim=dim, names=names, **({"type": item} if isinstance(item, type) else {"item": spec_of(item)})))


def counters(prefix: str, keys: tuple[str, ...], doc: str) -> Any:
    """A field with a mapping of counts; see :class:`~landscape.h5.layout.Counters`."""
    return _field(Counters(prefix=prefix, keys=keys, doc=doc))


def group(kind: type, *, default: Any = MISSING, name: str = "") -> Any:
    """A field with a record in a subgroup. With a default it is optional."""
    return _field(Group(name=name, type=kind, optional=default is not MISSING), default)


def settings(doc: str, *, name: str = "", default_factory: Any = dict) -> Any:
    """A field with attributes in a subgroup of their own; see :class:`~landscape.h5.layout.Settings`."""
    return field(default_factory=default_factory, metadata={"h5": Settings(name=name, doc=doc)})


def attributes(known: Mapping[str, Any] | None = None, *, default_factory: Any = dict) -> Any:
    """A field with further attributes; see ``Free``. Those that are known are made by :func:`attribute`."""
    named = tuple(replace(spec_of(made), name=name) for name, made in (known or {}).items())
    return field(default_factory=default_factory, metadata={"h5": Free(known=named)})


# To a type checker all fields have defaults: it cannot follow functions that make fields by these functions.
@dataclass_transform(eq_default=False, frozen_default=True)
def record(
    group: str = "",
    *,
    of: str = "",
    name: str = "",
    title: str = "",
    doc: str = "",
    dims: Mapping[str, str | Dim] | None = None,
    derived: Mapping[str, Any] | None = None,
    frozen: bool = True,
) -> Callable[[Record], Record]:
    """Make a class a record; see :class:`~landscape.h5.layout.Layout` for the arguments.

    Returns:
        What turns the class into a dataclass without comparison, with its layout as the attribute ``layout``.
    """

    def make(cls: Record) -> Record:
        made: Any = dataclass(frozen=frozen, eq=False)(cls)
        made.layout = Layout(
            group=group,
            of=of,
            name=name or group,
            title=title or group,
            doc=doc,
            dims={key: Dim(dim) if isinstance(dim, str) else dim for key, dim in (dims or {}).items()},
            items=stored_fields(made),
            derived={key: replace(spec_of(value), name=key) for key, value in (derived or {}).items()},
        )
        _check_dims(made)
        RECORDS.append(made)
        return made

    return make


def spec_of(made: Any) -> Any:
    """What a field says that one of the functions of this module made."""
    return made.metadata["h5"]


def _dims(dims: Dims) -> tuple[str, ...]:
    return (dims,) if isinstance(dims, str) else tuple(dims)


def _optional(options: dict[str, Any], default: Any) -> dict[str, Any]:
    return {"optional": default is not MISSING} | options


def _field(spec: Spec, default: Any = MISSING) -> Any:
    return field(default=default, metadata={"h5": spec})


def _check_dims(cls: type) -> None:
    """Refuse a class that names a dimension of which it does not say what it counts."""
    layout = layout_of(cls)
    known = {*layout.dims, "channel"} | {spec.name for spec in layout.arrays if spec.is_coordinate}
    known |= {name for name, spec in layout.items.items() if isinstance(spec, Layers)}
    for spec in layout.arrays:
        for dim in spec.dims:
            if dim.replace("{n-1}", "{n}") not in known:
                raise TypeError(f"{cls.__name__}.{spec.name}: say in `dims` what {dim!r} counts")
