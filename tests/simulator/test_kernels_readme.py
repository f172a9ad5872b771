"""What the page on kernels shows works as shown."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from landscape import compilation

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "landscape/simulator/KERNELS.md").read_text(encoding="utf-8")


def test_the_example_runs(tmp_path):
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    file = tmp_path / "example.py"
    file.write_text(example, encoding="utf-8")
    exec(compile(example, str(file), "exec"), {"__name__": "example"})


def test_every_mark_that_it_explains_is_there_and_the_readme_links_it():
    for mark in re.findall(r"^\| `@(\w+)` \|", PAGE, flags=re.MULTILINE):
        assert inspect.isfunction(getattr(compilation, mark))
    assert "(landscape/simulator/KERNELS.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_file_that_it_names_exists():
    for name in re.findall(r"`((?:\w+/)*\w+\.py)`", PAGE):
        assert list((ROOT / "landscape").rglob(name)), name
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (ROOT / "landscape/simulator" / target).exists(), target
