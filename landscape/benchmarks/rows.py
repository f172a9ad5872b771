"""A row of the table that ``landscape bench`` prints, and what is aimed at."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["TARGETS", "Row", "table"]

TARGETS = {  # how many times as fast as spikegd: loss, loss and gradient, slice
    ("W1", "lif"): (10, 10, None),
    ("W1", "qif"): (40, 40, None),
    ("W2", "lif"): (30, 50, 150),
    ("W2", "qif"): (100, 150, 500),
}


class Row(NamedTuple):
    """One measurement, or a line that says why there is none (``value`` is None)."""

    what: str
    value: float | None = None
    unit: str = ""
    work: float | None = None  # processor time of all threads, in the same unit
    ratio: float | None = None  # to what ``against`` names
    against: str = ""
    wanted: str = ""


def table(rows: list[Row]) -> str:
    """The rows as a table for people."""
    lines = []
    for row in rows:
        if row.value is None:
            lines.append(row.what)
            continue
        work = f"{_number(row.work)} cpu" if row.work is not None else ""
        ratio = f"{row.ratio:.3g} x {row.against}" if row.ratio is not None else ""
        what = f"{row.what:<78} {_number(row.value):>8} {row.unit:<11}"
        lines.append(f"{what} {work:>12}  {ratio:<26} {row.wanted}".rstrip())
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
