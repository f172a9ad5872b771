"""The tables of the format page, from the schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from landscape.storage.layout import AXES
from landscape.storage.schema import LAYOUT


def page_tables() -> str:
    """The tables of the format page, in Markdown."""
    return "\n".join(_page_lines())


def _page_lines() -> Iterator[str]:
    for layout in LAYOUT.values():
        yield f"### `{layout.path}`" if layout.path == "/" else f"### {layout.path}"
        yield ""
        yield layout.description
        yield ""
        if layout.entries or layout.further_dims is not None:
            yield "| dataset | dimensions | type | unit | required | what |"
            yield "|---|---|---|---|---|---|"
            for entry in layout.entries:
                dims = ", ".join("axis_0[, axis_1]" if dim == AXES else dim for dim in entry.dims) or "scalar"
                required = {True: "yes", False: "", "2D": "in 2D"}[entry.required]
                what = entry.description
                if entry.flags:
                    values = entry.flags["flag_values"]
                    meanings = str(entry.flags["flag_meanings"]).split()
                    pairs = zip(values, meanings, strict=True)  # type: ignore[call-overload]
                    what += ": " + ", ".join(f"{value} {meaning}" for value, meaning in pairs)
                yield (f"| `{entry.name}` | {dims} | {TYPE_NAMES[entry.dtype]} | {entry.unit} | {required} | {what} |")
            if layout.further_dims is not None:
                dims = ", ".join(layout.further_dims) or "scalar"
                yield f"| any other | {dims} | float64 | | | |"
            yield ""
        if layout.attributes or layout.further_attributes:
            yield "| attribute | type | required | what |"
            yield "|---|---|---|---|"
            for attribute in layout.attributes:
                yield (
                    f"| `{attribute.name}` | {attribute.kind} | {'yes' if attribute.required else ''} "
                    f"| {attribute.description} |"
                )
            if layout.further_attributes:
                yield "| any other | text or number | | |"
            yield ""


TYPE_NAMES = {"<f8": "float64", "<i4": "int32", "|u1": "uint8", "|i1": "int8"}

PAGE = Path(__file__).with_name("README.md")
PAGE_START, PAGE_END = "<!-- tables: start -->", "<!-- tables: end -->"


def page_with_tables(text: str) -> str:
    """The text of the format page with its tables replaced by those of this module."""
    before, rest = text.split(PAGE_START)
    after = rest.split(PAGE_END)[1]
    return f"{before}{PAGE_START}\n\n{page_tables()}\n{PAGE_END}{after}"
