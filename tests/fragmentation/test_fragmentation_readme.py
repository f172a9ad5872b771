"""What the page on measures of fragmentation shows works as shown."""

from __future__ import annotations

import re
from pathlib import Path

import landscape.fragmentation
from landscape.fragmentation import Fidelity, Fragments
from landscape.measures import Measure

PAGE = Path(landscape.fragmentation.__file__).parent / "README.md"


def test_the_example_runs_and_gives_what_it_names():
    names: dict[str, object] = {}
    for example in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL):
        exec(compile(example, str(PAGE), "exec"), names)
    measured, fidelity = names["measured"], names["fidelity"]
    assert isinstance(measured, Fragments)
    assert isinstance(fidelity, Fidelity)
    share = measured["jump_share_of_variation"]
    added = names["MEASURE"]
    assert isinstance(added, Measure)
    assert added.lacks() == []
    assert 0.0 < share.low < share.value < share.high < 1.0


def test_the_names_it_tells_are_there():
    page = PAGE.read_text(encoding="utf-8")
    for name in ("trace_curves", "check_curves", "compare", "compare_tables", "saddle_minimum_distance"):
        assert f"`{name}" in page
        assert callable(getattr(landscape.fragmentation, name))
