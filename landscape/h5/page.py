"""What classes of records say of themselves, as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from landscape.h5.layout import Array, Group, Layers, Layout, Table, layout_of

__all__ = ["tables"]

_TYPES = {"f8": "float64", "i4": "int32", "u1": "uint8", "i1": "int8", "bool": "uint8"}


def tables(kinds: Sequence[type]) -> str:
    """A section for each class of records, and after it one for each that is a part of it, each once."""
    return "\n".join(line for kind in _with_parts(kinds) for line in _section(layout_of(kind)))


def _with_parts(kinds: Sequence[type]) -> Iterator[type]:
    found: dict[type, None] = {}

    def visit(kind: type) -> None:
        if kind not in found:
            found[kind] = None
            for part in layout_of(kind).groups.values():
                if isinstance(part, Group) and part.type not in kinds:
                    visit(part.type)

    for kind in kinds:
        visit(kind)
    yield from found


def _section(layout: Layout) -> Iterator[str]:
    yield f"### `{layout.title}`" if layout.title == "/" else f"### {layout.title}"
    yield ""
    yield layout.doc
    yield ""
    rows = [*_array_rows(layout)]
    if rows:
        yield "| dataset | dimensions | type | unit | required | what |"
        yield "|---|---|---|---|---|---|"
        yield from rows
        yield ""
    if layout.attributes or layout.is_open:
        yield "| attribute | type | required | what |"
        yield "|---|---|---|---|"
        for attribute in layout.attributes:
            required = "" if attribute.optional else "yes"
            yield f"| `{attribute.name}` | {attribute.kind} | {required} | {attribute.doc} |"
        if layout.is_open:
            yield "| any other | text or number | | |"
        yield ""


def _array_rows(layout: Layout) -> Iterator[str]:
    numbered = {name: spec.item.name for name, spec in layout.items.items() if isinstance(spec, Layers)}
    for name in layout.dims:
        coordinate = Array(name=name, dims=(name,), doc=layout.dims[name].doc, dtype="i4")
        yield _row(coordinate, name, required=all(name not in spec.dims or not spec.optional for spec in layout.arrays))
    for spec in layout.arrays:
        yield _row(spec, ", ".join(numbered.get(dim, dim) for dim in spec.dims) or "scalar", required=not spec.optional)
    for table in (item for item in layout.items.values() if isinstance(item, Table)):
        if table.further is not None:
            place = f"`{table.group}/...`" if table.group else "any other"
            yield f"| {place} | {', '.join(table.further.dims) or 'scalar'} | float64 | | | {table.further.doc} |"


def _row(spec: Array, dims: str, *, required: bool) -> str:
    what = spec.doc
    flags = {0: "false", 1: "true"} if spec.dtype == "bool" else spec.flags
    if flags is not None:
        what += ": " + ", ".join(f"{value} {meaning}" for value, meaning in flags.items())
    return f"| `{spec.name}` | {dims} | {_TYPES[spec.dtype]} | {spec.unit} | {'yes' if required else ''} | {what} |"
