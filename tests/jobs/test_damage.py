"""Bytes of a results folder that change: what is damaged is named and computed again, or refused, and never used.

``LANDSCAPE_DAMAGES=300`` damages as often as that; the number that runs by default shows the same in less time.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from synthetic import studies
from synthetic.noting import Noting

from landscape.config import Config, parse_config
from landscape.errors import InputError
from landscape.experiment import Experiment
from landscape.results import validate

DAMAGES = int(os.environ.get("LANDSCAPE_DAMAGES", "24"))
#: Files that are damaged before the study goes on.
AT_ONCE = 4

SMALL = (
    "slice.plane.points=[7, 4]",
    "slice.line.directions=random",
    "slice.line.range=[-0.2, 0.2]",
    "slice.line.census=true",
    "jobs.shard_cost=0.01",
)


def config() -> Config:
    text = studies.SMALL.replace("hidden = [12]", "hidden = [5]").replace("samples = 40", "samples = 10")
    return parse_config(text, origin="study.toml", overrides=SMALL)


@pytest.fixture(scope="module", autouse=True)
def no_confirmations() -> Iterator[None]:
    """They take most of the time, and nothing here is about them."""
    from landscape.experiment.tasks import census

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(census, "CONFIRMED", 0)
        yield


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed") / "study"
    Experiment(config(), folder, threads=1).run()
    return folder


def damage(path: Path, draw: random.Random) -> str:
    """Change a file in one of the ways in which disks and copies do; return which."""
    content = bytearray(path.read_bytes())
    place = draw.randrange(len(content))
    kind = draw.choice(["bit", "bit", "byte", "zeros", "end of zeros", "end lost", "a part twice"])
    if kind == "bit":
        content[place] ^= 1 << draw.randrange(8)
    elif kind == "byte":
        content[place] = draw.randrange(256)
    elif kind == "zeros":
        content[place : place + 512] = bytes(len(content[place : place + 512]))
    elif kind == "end of zeros":
        content[place:] = bytes(len(content) - place)
    elif kind == "end lost":
        del content[place:]
    else:
        content[place:place] = content[place : place + 512]
    path.write_bytes(content)
    return f"{path.name}: {kind} at {place}"


def assert_mends_itself(folder: Path, damaged: list[Path], undisturbed: Path, what: str) -> None:
    """Go on with the study in a folder with damaged files; the result must be the undisturbed one, to the last bit."""
    changed = [path for path in damaged if path.read_bytes() != (undisturbed / path.relative_to(folder)).read_bytes()]
    noting, refused = Noting(), ""
    experiment = Experiment(config(), folder, threads=1, progress=noting)
    # What is drawn depends on the result and these two alone.
    go_on = Experiment.run if any(path.suffix != ".h5" for path in changed) else Experiment.analyze
    result = folder / "landscape.h5"
    try:
        go_on(experiment)
    except InputError as error:
        refused = str(error)
    if refused:
        # The result itself is nobody's to replace: it may have been meant to be something else.
        assert result in changed, what
        assert refused.startswith(f"{result}: "), what
        assert "\n" not in refused, what
        with pytest.raises(InputError):
            experiment.plot()
        result.unlink()
        go_on(Experiment(config(), folder, threads=1, progress=noting))
    for path in changed:
        if path != result and path.suffix == ".h5":
            assert any(path.name in line and "damaged, computed again" in line for line in noting.said), what
    studies.assert_same_data(result, undisturbed / "landscape.h5")
    assert validate(result) == [], what
    for figure in (undisturbed / "figures").iterdir():
        assert (folder / "figures" / figure.name).read_bytes() == figure.read_bytes(), what


@pytest.mark.slow
def test_whatever_byte_of_a_results_folder_changes_the_result_does_not(undisturbed: Path, tmp_path: Path) -> None:
    draw = random.Random(11)
    files = [path for path in sorted(undisturbed.rglob("*")) if path.is_file() and not path.name.startswith(".")]
    # Parts are read where the whole is missing only.
    parts = [path for path in files if path.parent.parent.name == "pieces"]
    whole = [path for path in files if path not in parts]
    assert len(parts) > 10
    assert len(whole) > 8
    folder = tmp_path / "r"
    for number in range(DAMAGES // AT_ONCE):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(undisturbed, folder)
        kind = parts if number % 2 else whole
        if kind is parts:
            for made in [*folder.glob("pieces/sweep.*.h5"), *folder.glob("pieces/census.*.h5")]:
                made.unlink()
        damaged = [folder / path.relative_to(undisturbed) for path in draw.sample(kind, AT_ONCE)]
        what = f"{number}: {', '.join([damage(path, draw) for path in damaged])}"
        assert_mends_itself(folder, damaged, undisturbed, what)
