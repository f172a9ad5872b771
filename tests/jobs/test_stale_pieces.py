"""Results whose network, data or experiment is no longer the one that there is: never reused in silence."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import studies
import tiny_experiment
from noting import Noting

from landscape.config import Config, parse_config
from landscape.errors import DataError
from landscape.experiment import Experiment, Plan, Progress
from landscape.experiment.pieces import read_piece, write_piece
from landscape.jobs import merge, missing_pieces
from landscape.results import ResultFile

EVERYTHING = (
    "slice.line.directions=random",
    "slice.line.range=[-0.8, 0.8]",
    "slice.line.census=true",
    "slice.line.census_samples=2",
    "slice.plane.census=true",
    "slice.plane.census_samples=1",
    "slice.plane.census_points=2",
)
COMPARISON = """
[comparison]
models = ["lif", "qif"]
directions = 1
range = [-0.2, 0.2]
points = 5
samples = 3
resamples = 99
"""
IN_SHARDS = "jobs.shard_cost=0.015"
KINDS = {"raster", "sweep", "census", "anatomy", "fragments", "curves", "compared"}


def tiny(*overrides: str) -> Config:
    """An experiment that has every kind of piece."""
    text = tiny_experiment.TOML + COMPARISON
    return parse_config(text, origin="tiny.toml", overrides=[*EVERYTHING, *overrides])


@pytest.fixture(scope="module", autouse=True)
def no_confirmations() -> Iterator[None]:
    """They take most of the time, and nothing here is about them."""
    from landscape.experiment import census

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(census, "CONFIRMED", 0)
        yield


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished") / "tiny"
    Experiment(tiny(), folder).analyze()
    return folder


@pytest.fixture(scope="module")
def finished_in_shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished") / "tiny"
    Experiment(tiny(IN_SHARDS), folder).analyze()
    return folder


@pytest.fixture
def results(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "tiny"))


def train_anew(folder: Path, model: str = "lif") -> None:
    """Put another network in the place of a trained one, as another machine might have given it."""
    path = next((folder / "pieces").glob(f"train-{model}-*.h5"))
    content = read_piece(path, model)
    content.network.weights[0][0, 0] *= 1.0 + 1e-15
    write_piece(path, model, content, ResultFile(path).attributes)


def train_again(folder: Path, model: str = "lif") -> None:
    """Lose a trained network and compute it again: another file with the same content."""
    next((folder / "pieces").glob(f"train-{model}-*.h5")).unlink()
    Experiment(tiny(), folder).train()


def changed(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]) -> set[str]:
    """Kinds and models of the pieces that were written anew."""
    names = {name.removeprefix("pieces/") for name in before if after.get(name) != before[name]}
    return {"-".join(name.split("-")[:2]) for name in names}


def test_every_kind_of_piece_is_computed_again_around_another_network(results: Path) -> None:
    train_anew(results)
    before = studies.identities(results)
    told = Noting()
    Experiment(tiny(), results, progress=told).analyze()
    # The sample of an anatomy is chosen by the censuses of all models.
    assert changed(before, studies.identities(results)) == {f"{kind}-lif" for kind in KINDS} | {"anatomy-qif"}
    for kind in KINDS - {"raster"}:
        assert any(line.startswith(f"{kind}-lif-") and "made from another network" in line for line in told.said)
    again = studies.identities(results)
    Experiment(tiny(), results).analyze()
    assert studies.identities(results) == again


def test_the_assembled_result_is_not_older_than_its_pieces(results: Path) -> None:
    before = ResultFile(results / "landscape.h5").network("lif").weights[0][0, 0]
    train_anew(results)
    Experiment(tiny(), results).analyze()
    assert ResultFile(results / "landscape.h5").network("lif").weights[0][0, 0] != before


def test_the_same_network_computed_again_makes_nothing_else_stale(results: Path) -> None:
    before = studies.identities(results)
    train_again(results)
    Experiment(tiny(), results).analyze()
    assert changed(before, studies.identities(results)) == {"train-lif"}


def test_stale_pieces_are_named_and_not_merged(results: Path) -> None:
    train_anew(results)
    merged = merge(Experiment(tiny(), results))
    assert {name.split("-")[0] for name in merged.problems} == KINDS
    assert all("made from another network" in text for text in merged.problems.values())
    result = ResultFile(results / "landscape.h5")
    assert (result.slices("lif"), result.slices("qif")) == ([], ["plane", "line"])
    assert not merge(Experiment(tiny(), results)).changed


def test_what_an_engine_is_given_includes_what_may_be_stale(results: Path) -> None:
    assert missing_pieces(Experiment(tiny(), results)) == []
    train_anew(results)
    stale = {piece.file_name for piece in missing_pieces(Experiment(tiny(), results))}
    assert {name.split("-")[0] for name in stale} == KINDS
    assert not any(name.split("-")[1] == "qif" for name in stale if not name.startswith("anatomy"))
    next((results / "pieces").glob("train-qif-*.h5")).unlink()
    wanted = missing_pieces(Experiment(tiny(), results))
    assert [piece.file_name for piece in wanted] == [piece.file_name for piece in Plan(tiny()).pieces()][1:]


def test_a_stale_slice_or_census_is_computed_again_from_the_first_shard(
    finished_in_shards: Path, tmp_path: Path
) -> None:
    results = Path(shutil.copytree(finished_in_shards, tmp_path / "r"))
    train_anew(results)
    before = studies.identities(results)
    wanted = {piece.kind for piece in missing_pieces(Experiment(tiny(IN_SHARDS), results))}
    assert {"directions", "shard", "census-directions", "census-shard"} <= wanted
    Experiment(tiny(IN_SHARDS), results).analyze()
    after = studies.identities(results)
    rewritten = {name for name in before if after[name] != before[name]}
    assert rewritten == {name for name in before if ("-lif-" in name and "train" not in name) or "anatomy" in name}


def test_directions_towards_another_network_are_made_anew_though_the_centre_is_the_same(tmp_path: Path) -> None:
    config = tiny("slice.line.directions=line", "slice.line.centre=initial", "slice.line.range=[-0.2, 0.2]", IN_SHARDS)
    Experiment(config, tmp_path / "r").sweep()
    train_anew(tmp_path / "r")
    before = studies.identities(tmp_path / "r")
    Experiment(config, tmp_path / "r").sweep()
    assert {"directions-lif", "shards-lif", "sweep-lif"} <= changed(before, studies.identities(tmp_path / "r"))


def test_points_of_an_interrupted_sweep_around_another_network_are_not_used(tmp_path: Path) -> None:
    """Along a single weight, which is the same direction around every network."""
    weight = 'slice.line.directions={kind="weight", layer=0, post=1, pre=1}'
    config = tiny(weight, "slice.line.census=false", "slice.line.census_samples=")

    class Stop(Progress):
        def begin(self, label: str, total: float, unit: str) -> None:
            self.active = label == "lif: line"

        def advance(self, done: float, note: str = "") -> None:
            if self.active and done >= 3:
                self.active = False
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Experiment(config, tmp_path / "r", threads=1, progress=Stop()).sweep()
    assert list((tmp_path / "r" / "pieces").glob("sweep-lif-line-*.partial.h5"))
    path = next((tmp_path / "r" / "pieces").glob("train-lif-*.h5"))
    content = read_piece(path, "lif")
    content.network.weights[0][:] *= 1.5
    write_piece(path, "lif", content, ResultFile(path).attributes)
    told = Noting()
    Experiment(config, tmp_path / "r", progress=told).analyze()
    assert any("of another network, the sweep starts anew" in line for line in told.said)
    surface = ResultFile(tmp_path / "r" / "landscape.h5").surface("lif", "line")
    from landscape import sweep

    experiment = Experiment(config, tmp_path / "r")
    model = config.model[0]
    network = experiment.networks(model)["best"]
    direct = sweep(network, surface.directions, surface.axes, experiment.data[1], experiment.objective(model))
    np.testing.assert_array_equal(surface.loss, direct.loss)


def test_drawing_a_result_of_another_experiment_is_said(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import landscape.figures

    monkeypatch.setattr(landscape.figures, "draw_all", lambda *arguments: [])
    for override, expected in (
        ("figures.raster_sample=1", False),
        ("jobs.shard_cost=7.0", False),
        ("slice.line.points=5", True),
        ("training.epochs=3", True),
    ):
        told = Noting()
        Experiment(tiny(override), finished, progress=told).plot()
        assert any("was made with another configuration" in line for line in told.said) is expected


def test_data_that_change_while_they_are_read_are_refused(tmp_path: Path) -> None:
    from landscape.datasets import yin_yang

    source = tmp_path / "d.h5"
    yin_yang(40, seed=1).save(source)
    config = tiny(f"data.source={source}", "data.test_fraction=0.5", "data.samples=", "data.test_samples=")
    experiment = Experiment(config, tmp_path / "r")
    assert experiment.plan.pieces()
    source.unlink()
    yin_yang(40, seed=2).save(source)
    with pytest.raises(DataError, match=r"d\.h5.*changed"):
        experiment.train()
    assert not list((tmp_path / "r").glob("pieces/*.h5"))
    Experiment(config, tmp_path / "r").train()
