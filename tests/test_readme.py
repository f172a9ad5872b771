"""What the pages show works as shown, and names what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from synthetic.results import write_example

import landscape as ls
from landscape.experiment import Experiment

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [
    *ROOT.glob("*.md"),
    *(page for folder in ("configs", "landscape", "results") for page in (ROOT / folder).rglob("*.md")),
]
EXAMPLES = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def test_the_python_example_runs_and_gives_what_it_names() -> None:
    names: dict[str, object] = {}
    exec(compile(EXAMPLES[0], "README.md", "exec"), names)
    surface = names["surface"]
    assert isinstance(surface, ls.Surface)
    assert surface.loss.shape == (7, 5)
    assert surface.complete


def test_the_example_of_an_experiment_reads_what_a_run_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("xarray")

    def run(experiment: Experiment) -> None:
        experiment.folder.path.mkdir(parents=True)
        write_example(experiment.folder.result_file)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Experiment, "run", run)
    assert len(EXAMPLES) == 2
    names = {"ls": ls}
    exec(compile(EXAMPLES[1], "README.md", "exec"), names)
    assert isinstance(names["file"], ls.ResultFile)


def test_run_and_test_have_their_commands_directly_below() -> None:
    for heading, word in (("### Run", "landscape run quickstart"), ("### Test", "pytest")):
        block = re.search(rf"^{heading}\n\n```sh\n(.*?)```", README, flags=re.DOTALL | re.MULTILINE)
        assert block is not None
        assert word in block.group(1)


def test_brackets_in_commands_are_quoted_for_every_shell() -> None:
    for page in PAGES:
        for line in page.read_text(encoding="utf-8").splitlines():
            if re.match(r"(    |\.venv/bin/)\S*(landscape|pip) ", line):
                assert "[" not in re.sub(r"'[^']*'|\"[^\"]*\"|#.*", "", line), f"{page.name}: {line}"


def anchors(page: Path) -> set[str]:
    """What links into a page may name."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_linked_page_picture_and_heading_exists(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http", "figures/")):
            linked = (page.parent / target) if target else page
            assert linked.exists(), target
            if anchor:
                assert anchor in anchors(linked), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_of_the_project_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if page.name == "CHANGELOG.md":
        text = text.split("## [0.1.0]")[0]
    for path in re.findall(r"(?<![\w./-])((?:landscape|tests|configs|cli|\.ci)/[\w./*-]*[\w/*])", text):
        folder = page.parent if (page.parent / path).exists() else ROOT
        assert any(folder.glob(path)), path


def test_the_layout_names_what_is_there() -> None:
    layout = README.split("## How it is built")[1].split("| page |")[0]
    named = set(re.findall(r"^ +(\w+)/ ", layout, flags=re.MULTILINE))
    for entry in (ROOT / "landscape").iterdir():
        if entry.is_dir() and not entry.name.startswith("_"):
            assert entry.name in named
    for name in named:
        assert (ROOT / name).is_dir() or any(path.is_dir() for path in (ROOT / "landscape").rglob(name)), name
    for line in re.findall(r"^        (\w+(?:, \w+)*)  ", layout, flags=re.MULTILINE):
        for name in line.split(", "):
            assert (ROOT / "landscape" / f"{name}.py").exists(), name
    for name in re.findall(r"\b(\w+_\w+)\b", layout.split("compilation")[1].split("arithmetic")[0]):
        assert (ROOT / "landscape" / f"{name}.py").exists(), name


def test_the_table_of_pages_has_every_page() -> None:
    linked = {(ROOT / target).resolve() for target in re.findall(r"\]\(([^)#]+\.md)", README)}
    assert {page for page in PAGES if page.parent != ROOT} - linked == {ROOT / "results" / "README.md"}
