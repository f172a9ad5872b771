"""What the page beside the package shows is true: every example on it runs and prints what it says."""

from __future__ import annotations

import doctest
import re
from importlib.resources import files


def test_the_examples_on_the_page_run_in_their_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = files("landscape.datasets").joinpath("README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) > 8
    names: dict[str, object] = {"__name__": "page"}
    runner = doctest.DocTestRunner()
    for number, block in enumerate(blocks):
        if ">>>" in block:
            example = doctest.DocTestParser().get_doctest(block, names, f"example {number}", None, 0)
            report: list[str] = []
            runner.run(example, out=report.append, clear_globs=False)
            names.update(example.globs)
            assert not runner.failures, "".join(report)
        else:
            exec(block, names)
    assert names["SOURCE"].load().n_spikes == 4
