"""An experiment that takes a second, for the tests of stages and commands."""

from __future__ import annotations

from pathlib import Path

from landscape.config import Config, parse_config

TOML = """
name = "tiny"
description = "two small networks on a few points of Yin-Yang"
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

[[model]]
name = "qif"
neuron = "qif"
hidden = [6]

[[slice]]
name = "plane"
directions = ["random", "random"]
points = [7, 4]

[[slice]]
name = "line"
directions = "line"
range = [-1.5, 0.5]
points = 9

[figures]
formats = ["png"]
"""

#: Overrides with which the line is random and has its discontinuities found.
CENSUS = ("slice.line.directions=random", "slice.line.range=[-0.8, 0.8]", "slice.line.census=true")


def tiny(*overrides: str) -> Config:
    """The experiment, some keys changed."""
    return parse_config(TOML, origin="tiny.toml", overrides=overrides)


def piece(folder: Path, task: str) -> Path:
    """Return the file of a task in a results folder."""
    (path,) = (folder / "pieces").glob(f"{task}.*.h5")
    return path


def write(folder: Path, text: str = TOML, name: str = "tiny.toml") -> Path:
    """Write the experiment to a file in ``folder``."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a results folder that a reader may use, by its path."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
