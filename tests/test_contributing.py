"""What CONTRIBUTING.md shows is what the tests use, and its map that of the house."""

from __future__ import annotations

import re
from pathlib import Path

from test_house import FLOORS

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TOYS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "plugins").glob("toy_*.py")}


def test_the_map_has_the_floors_that_imports_are_held_to() -> None:
    table = PAGE.split("| floor |")[1].split("\n\n")[0]
    floors = [tuple(re.findall(r"`([^`]+)`", row.split("|")[1])) for row in table.splitlines()[2:]]
    assert floors == FLOORS


def test_each_walk_has_a_whole_file_that_the_tests_use() -> None:
    walks = PAGE.split("| to add |")[1].split("\n\n")[0]
    named = set(re.findall(r"\(tests/plugins/(toy_\w+\.py)\)", walks))
    assert named == {*TOYS}
    used = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "plugins").glob("test_*.py"))
    for name in named:
        assert f'"{name}"' in used or f'"{name.removeprefix("toy_").removesuffix(".py")}"' in used, name


def test_what_is_shown_is_such_a_file() -> None:
    shown = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    assert shown
    for block in shown:
        assert block in TOYS.values()


def test_each_thing_is_defined_under_its_name_in_its_folder() -> None:
    walks = PAGE.split("| to add |")[1].split("\n\n")[0].splitlines()[2:]
    for row in walks:
        _, _, attribute, folder, toy, _, _ = row.split("|")
        (where,) = re.findall(r"`(landscape/[^`]+)`", folder)
        assert (ROOT / where).is_dir()
        if name := re.fullmatch(r" `([A-Z]+)` ", attribute):
            (file,) = re.findall(r"\[(\w+\.py)\]", toy)
            defined = re.compile(rf"^{name.group(1)} = ", re.MULTILINE)
            assert defined.search(TOYS[file])
            own = [path for path in (ROOT / where).glob("*.py") if not path.name.startswith("_")]
            assert any(defined.search(path.read_text(encoding="utf-8")) for path in own), where


def test_the_page_is_short() -> None:
    assert len(PAGE.splitlines()) <= 260
