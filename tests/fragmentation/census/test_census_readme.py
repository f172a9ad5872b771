"""What the page on the census shows works as shown."""

from __future__ import annotations

import re
from pathlib import Path

from landscape.fragmentation import census

PAGE = Path(census.__file__).parent / "README.md"


def test_the_example_runs_and_gives_what_it_names():
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(example, str(PAGE), "exec"), names)
    found, first = names["census"], names["first"]
    assert isinstance(found, census.Census)
    assert isinstance(first, census.Census)
    assert 0 < len(first) <= len(found)
    assert (found.confirmed == 1).sum() == 3


def test_every_file_it_links_exists():
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE.read_text(encoding="utf-8")):
        assert (PAGE.parent / target).exists(), target
