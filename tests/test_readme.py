"""What the README shows works as shown."""

from __future__ import annotations

import re
from pathlib import Path

import landscape as ls

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_example_runs_and_gives_what_it_names():
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(example, "README.md", "exec"), names)
    surface = names["surface"]
    assert isinstance(surface, ls.Surface)
    assert surface.loss.shape == (7, 5)
    assert surface.complete


def test_run_and_test_have_their_commands_directly_below():
    for heading, word in (("### Run", "landscape run quickstart"), ("### Test", "pytest")):
        block = re.search(rf"^{heading}\n\n```sh\n(.*?)```", README, flags=re.DOTALL | re.MULTILINE)
        assert block is not None
        assert word in block.group(1)


def test_every_linked_page_and_picture_exists():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target


def test_the_layout_names_what_is_there():
    section = README.split("## How it is built")[1].split("## How to cite")[0]
    for entry in (ROOT / "landscape").iterdir():
        if entry.is_dir() and not entry.name.startswith("_"):
            assert re.search(rf"\b{entry.name}/", section), entry.name
