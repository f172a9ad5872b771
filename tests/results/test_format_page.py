"""The page of the file format says what the records say."""

from __future__ import annotations

from landscape.h5.kinds import kinds
from landscape.h5.layout import layout_of
from landscape.results.page import PAGE, page_tables, page_with_tables
from landscape.slices.surface import Surface


def test_the_tables_of_the_page_are_those_of_the_records():
    text = PAGE.read_text(encoding="utf-8")
    assert text == page_with_tables(text), "run: python -m landscape.results"


def test_every_name_that_a_record_has_is_on_the_page():
    tables = page_tables()
    for kind in (*kinds(), Surface):
        layout = layout_of(kind)
        assert layout.doc in tables
        for name in (*layout.dims, *(spec.name for spec in layout.arrays), *(a.name for a in layout.attributes)):
            assert f"| `{name}` |" in tables
