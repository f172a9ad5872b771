"""Text from outside: shown, and in order."""

from __future__ import annotations

import os
from pathlib import Path

import h5py
import pytest

from landscape.errors import ConfigError
from landscape.results import info
from landscape.text import natural_order, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("naïve 日本 \N{NO-BREAK SPACE}x", "naïve 日本 \N{NO-BREAK SPACE}x"),
        ("\x1b[2J\x9b\x07", "\\x1b[2J\\x9b\\x07"),
        ("a\nb\r\t", "a\\nb\\r\\t"),
        ("x\u202ey\u2066z\u200b\u2028", "x\\u202ey\\u2066z\\u200b\\u2028"),
        (os.fsdecode(b"caf\xe9"), "caf\\xe9"),
        ("\ud83d \U000e0001", "\\ud83d \\U000e0001"),
    ],
)
def test_what_is_no_plain_character_is_shown_as_python_writes_it(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_line_breaks_of_a_page_can_be_kept() -> None:
    assert visible("a\n\x1bb", keep="\n") == "a\n\\x1bb"


def test_an_error_is_as_many_lines_as_it_has_problems_whatever_is_in_them() -> None:
    assert str(ConfigError("a\nb: no \x1b", "c")) == "a\\nb: no \\x1b\nc"


def test_names_with_numbers_are_sorted_by_them() -> None:
    names = ["lif_seed10", "lif_seed2", "b", "lif", "10", "9", "lif_seed2_x", "lif_seed02", "²"]
    assert sorted(names, key=natural_order) == [
        *("9", "10", "b", "lif", "lif_seed02", "lif_seed2", "lif_seed2_x", "lif_seed10", "²")
    ]


def test_groups_of_a_file_are_listed_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for number in (10, 9, 1):
            file.create_group(f"lif_seed{number}")
    listed = [line.split()[-1] for line in info(tmp_path / "a.h5").splitlines()[1:]]
    assert listed == ["lif_seed1/", "lif_seed9/", "lif_seed10/"]
