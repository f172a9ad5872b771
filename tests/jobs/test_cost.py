"""Estimated costs: near what was measured, the same everywhere, and told by the experiment and its data files alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from landscape.config import load_config
from landscape.config.loading import config_folder
from landscape.datasets import yin_yang
from landscape.experiment import plan_of
from landscape.experiment.costs import Costs


def costs(name: str, *overrides: str) -> dict[str, float]:
    config = load_config(config_folder() / f"{name}.toml", [*overrides, "jobs.shard_cost=1e9"])
    return {task.name: task.whole.cost for task in plan_of(config).tasks}


def sized(neurons: int) -> tuple[str, ...]:
    hidden = (f"model.lif.hidden=[{neurons}]", f"model.qif.hidden=[{neurons}]")
    return (*hidden, "training.epochs=10", "slice.line.census_samples=4", "slice.plane.points=11")


#: Processor seconds of pieces with one thread and compiled kernels, on a virtual machine of 2026.
MEASURED = [
    ("quickstart", (), {"train.lif": 2.25, "train.qif": 2.25, "sweep.lif.plane": 6.0, "sweep.qif.plane": 6.3}),
    ("quickstart", (), {"sweep.lif.close": 1.0, "sweep.qif.line": 1.2, "census.lif.line": 15.2}),
    ("quickstart", (), {"census.qif.line": 0.40, "anatomy.lif.line": 2.9, "anatomy.qif.line": 0.44}),
    ("quickstart", (), {"curves.lif.close": 5.8, "curves.qif.close": 1.3, "fragments.lif.line": 2.2}),
    ("quickstart", sized(10), {"train.lif": 0.23, "sweep.lif.plane": 0.27, "sweep.qif.line": 0.43}),
    ("quickstart", sized(10), {"census.lif.line": 1.31, "census.qif.line": 0.088, "anatomy.lif.line": 1.24}),
    ("quickstart", sized(20), {"census.lif.line": 2.9, "census.qif.line": 0.078, "sweep.lif.line": 0.53}),
    ("quickstart", sized(40), {"census.lif.line": 7.8, "census.qif.line": 0.138, "sweep.lif.line": 0.73}),
    ("quickstart", sized(80), {"census.lif.line": 17.3, "census.qif.line": 0.22, "sweep.qif.line": 1.35}),
    ("quickstart", sized(160), {"census.lif.line": 34.6, "census.qif.line": 0.44, "anatomy.lif.line": 7.5}),
    ("quickstart", sized(160), {"train.lif": 1.42, "sweep.lif.line": 2.5, "sweep.qif.zoom": 3.0}),
    (
        "yin-yang",
        ("training.epochs=5", "slice.plane.points=5", "slice.line.census_samples=6"),
        {"train.lif": 19.2, "train.qif": 2.05, "sweep.lif.plane": 2.4, "sweep.qif.plane": 1.34, "census.lif.line": 7.0},
    ),
]


@pytest.mark.parametrize(("name", "overrides", "measured"), MEASURED)
def test_estimates_are_within_a_factor_of_three_of_what_was_measured(
    name: str, overrides: tuple[str, ...], measured: dict[str, float]
) -> None:
    estimated = costs(name, *overrides)
    ratios = {piece: estimated[piece] / seconds for piece, seconds in measured.items()}
    assert {piece: ratio for piece, ratio in ratios.items() if not 1 / 3 < ratio < 3} == {}


def test_estimates_grow_with_what_there_is_to_do() -> None:
    base = costs("quickstart")
    for override, grows in [
        ("training.epochs=120", "train.lif"),
        ("slice.plane.points=62", "sweep.lif.plane"),
        ("slice.line.census_samples=24", "census.lif.line"),
        ("slice.close.census_points=14", "curves.qif.close"),
        ("slice.line.range=[-1, 1]", "census.lif.line"),
        ("data.bins=", "sweep.qif.plane"),
    ]:
        assert costs("quickstart", override)[grows] > base[grows]


def test_estimates_depend_on_how_many_samples_a_data_file_holds(tmp_path: Path) -> None:
    found = []
    for n_samples in (50, 500):
        path = tmp_path / f"{n_samples}.h5"
        yin_yang(n_samples, seed=1).save(path)
        source = (f"data.source={path}", f"data.test_source={path}", "data.samples=", "data.test_samples=")
        config = load_config(config_folder() / "yin-yang.toml", source)
        there = Costs(config).samples
        assert (there.train, there.test, there.classes, there.spikes) == (n_samples, n_samples, 3, 5.0)
        found.append(costs("yin-yang", *source)["sweep.qif.plane"])
    assert 9 < found[1] / found[0] < 11
    # What is wrong with a file is told when its data are loaded.
    path.write_bytes(b"nonsense")
    assert Costs(config).samples.train > 1000
