"""Studies of a few seconds whose tasks have many parts, and what the tests of engines do with them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from landscape.config import Config, parse_config
from landscape.experiment import Plan, Task

TOML = """
name = "study"
seed = 3

[data]
source = "yin-yang"
samples = 40
test_samples = 60

[training]
epochs = 2
batch_size = 20

[[model]]
name = "qif"
neuron = "qif"
hidden = [12]
seeds = [1, 2]

[[slice]]
name = "plane"
directions = ["random", "random"]
range = [-1, 1]
points = [25, 12]

[[slice]]
name = "line"
directions = "gradient"
points = 9
sample_losses = true

[jobs]
shard_cost = 0.025

[figures]
formats = ["png"]
"""

#: The same with one model, for engines that take a while to start anything.
SMALL = TOML.replace("seeds = [1, 2]", "seeds = [1]")

#: Two networks of each of two models, compared on two lines each.
COMPARED = """
name = "pairs"
seed = 3

[data]
source = "yin-yang"
samples = 40
test_samples = 20

[training]
epochs = 2
batch_size = 20
learning_rate = 0.01

[[model]]
name = "lif"
neuron = "lif"
hidden = [6]
seeds = [1, 2]

[[model]]
name = "qif"
neuron = "qif"
hidden = [6]
seeds = [1, 2]

[comparison]
models = ["lif", "qif"]
directions = 2
range = [-0.2, 0.2]
points = 11
samples = 6
resamples = 99

[figures]
formats = ["png"]
"""

#: A study of one network whose census has many parts.
CENSUS = """
name = "census"
seed = 3

[data]
source = "yin-yang"
samples = 40
test_samples = 60

[training]
epochs = 2
batch_size = 20

[[model]]
name = "lif"
neuron = "lif"
hidden = [12]

[[slice]]
name = "line"
directions = "random"
range = [-0.8, 0.8]
points = 9
census = true

[jobs]
shard_cost = 0.04

[figures]
formats = ["png"]
"""

#: What may differ between two results of one study: when, where and how fast they were computed.
ORIGIN = re.compile(r"created|git_commit|hosts?|version_\w+|seconds|plan|config")


def study(*overrides: str) -> Config:
    return parse_config(TOML, origin="study.toml", overrides=overrides)


def compared(*overrides: str) -> Config:
    return parse_config(COMPARED, origin="pairs.toml", overrides=overrides)


def small(*overrides: str) -> Config:
    return parse_config(SMALL, origin="study.toml", overrides=overrides)


def census(*overrides: str) -> Config:
    return parse_config(CENSUS, origin="census.toml", overrides=overrides)


def write(folder: Path, text: str = TOML) -> Path:
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def environment(**more: str) -> dict[str, str]:
    """What a command in a process of its own needs to find the package, and no cores beside its own."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"} | more


def command(*arguments: Any) -> list[str]:
    return [sys.executable, "-m", "landscape_cli.main", *map(str, arguments)]


def call(*arguments: Any, status: int = 0, **more: Any) -> subprocess.CompletedProcess[str]:
    options = {"env": environment(), "timeout": 180} | more
    done = subprocess.run(command(*arguments), capture_output=True, text=True, **options)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def data_of(path: Path) -> dict[str, Any]:
    """Everything that a result file holds, to the last bit, but for its origin."""
    found: dict[str, Any] = {}

    def visit(name: str, item: Any) -> None:
        for key, value in item.attrs.items():
            if not ORIGIN.fullmatch(key) and key not in ("REFERENCE_LIST", "DIMENSION_LIST"):
                found[f"{name}@{key}"] = np.asarray(value).tolist()
        if isinstance(item, h5py.Dataset):
            found[name] = (item.dtype.str, item.shape, np.asarray(item[()]).tobytes())

    with h5py.File(path) as file:
        file.visititems(visit)
    assert any(name.endswith(("/loss", "/values")) for name in found)
    return found


def assert_same_data(one: Path, other: Path) -> None:
    a, b = data_of(one), data_of(other)
    assert sorted(name for name in a.keys() | b.keys() if a.get(name) != b.get(name)) == []


# --- the files of pieces ---


def task_of(plan: Plan, name: str) -> Task:
    (found,) = (task for task in plan.tasks if task.name == name)
    return found


def parts_of(folder: Path, task: str) -> list[Path]:
    """The files of the parts of a task that are there."""
    return sorted((folder / "pieces").glob(f"{task}.*/*.h5"))


def name_of(path: Path) -> str:
    """The name of a piece, as it is told, by the path of its file."""
    (folder,) = (parent for parent in path.parents if parent.name == "pieces")
    return path.relative_to(folder).as_posix()


def remove(folder: Path, *patterns: str) -> None:
    """Remove the assembled result, and files of pieces, each pattern some; KIND.MODEL.SLICE.*.h5 are wholes."""
    (folder / "landscape.h5").unlink(missing_ok=True)
    for pattern in patterns:
        found = list((folder / "pieces").glob(pattern))
        assert found, pattern
        for path in found:
            path.unlink()


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def identities(folder: Path) -> dict[str, tuple[int, int]]:
    """Which file each finished piece is: one that is written again is another."""
    found = {}
    for path in (folder / "pieces").rglob("*.h5"):
        state = path.stat()
        found[name_of(path)] = (state.st_ino, state.st_mtime_ns)
    return found


def rewritten(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]) -> set[str]:
    """The pieces of ``before`` that are gone or were written anew."""
    return {name for name in before if after.get(name) != before[name]}


def assert_nothing_is_half_written(folder: Path) -> None:
    """Files appear when they are complete; one that is being written has another name."""
    assert list(folder.rglob("*.partial")) == []
