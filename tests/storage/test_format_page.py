"""The page of the file format says what the schema says, and the files hold what both say."""

from __future__ import annotations

import h5py
import synthetic_results as synthetic

from landscape.storage.page import PAGE, page_tables, page_with_tables
from landscape.storage.schema import LAYOUT


def test_the_tables_of_the_page_are_those_of_the_schema():
    text = PAGE.read_text(encoding="utf-8")
    assert text == page_with_tables(text), "run: python -m landscape.storage"


def test_every_name_of_the_schema_is_on_the_page():
    tables = page_tables()
    for layout in LAYOUT.values():
        for entry in layout.entries:
            assert f"| `{entry.name}` |" in tables
        for attribute in layout.attributes:
            assert f"| `{attribute.name}` |" in tables


def test_every_dataset_that_is_written_is_in_the_schema_with_its_type_and_unit(tmp_path):
    synthetic.write_example(tmp_path / "r.h5", plane=(3, 4), line=5)
    kinds = {"line": "slice", "initial": "network", "final": "network", "lif": "slice", "qif": "slice"}

    def check(name, item):
        if not isinstance(item, h5py.Dataset):
            return
        *_, parent, own = name.split("/")
        layout = LAYOUT[kinds.get(parent, parent)]
        entry = layout.entry(own)
        if entry is None:
            assert layout.further_dims is not None, name
            return
        assert item.dtype.str == entry.dtype, name
        assert item.attrs["units"] == entry.unit, name
        assert item.attrs["long_name"] == entry.description, name

    with h5py.File(tmp_path / "r.h5") as file:
        file.visititems(check)
