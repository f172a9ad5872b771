"""Results whose network, data or experiment is no longer the one that there is: never reused in silence."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from synthetic import studies, tiny_experiment
from synthetic.noting import Noting

from landscape.config import Config, parse_config
from landscape.errors import DataError
from landscape.experiment import Experiment, Progress, plan_of
from landscape.jobs import merge, missing_pieces
from landscape.results import ResultFile
from landscape.slices.surface import Status

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
#: Kinds of which there is one for each model, beside the training.
KINDS = {"raster", "directions", "sweep", "census", "anatomy", "fragments", "curves", "compared"}
#: Those that are divided here.
DIVIDED = {"sweep", "census"}


def tiny(*overrides: str) -> Config:
    """An experiment that has every kind of task, slices and censuses in parts."""
    text = tiny_experiment.TOML + COMPARISON
    return parse_config(text, origin="tiny.toml", overrides=[*EVERYTHING, "jobs.shard_cost=0.015", *overrides])


@pytest.fixture(scope="module", autouse=True)
def no_confirmations() -> Iterator[None]:
    """They take most of the time, and nothing here is about them."""
    from landscape.experiment.tasks import census

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(census, "CONFIRMED", 0)
        yield


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished") / "tiny"
    Experiment(tiny(), folder).analyze()
    return folder


@pytest.fixture
def results(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "tiny"))


def train_anew(folder: Path, model: str = "lif", factor: float = 1.0 + 1e-15) -> None:
    """Put another network in the place of a trained one, as another machine might have given it."""
    experiment = Experiment(tiny(), folder)
    piece = studies.task_of(experiment.plan, f"train.{model}").whole
    content = experiment.store.read(piece)
    content.network.weights[0][0, 0] *= factor
    experiment.store.write(piece, content, experiment.store.attributes(piece))


def train_again(folder: Path, model: str = "lif") -> None:
    """Lose a trained network and compute it again: another file with the same content."""
    next((folder / "pieces").glob(f"train.{model}.*.h5")).unlink()
    Experiment(tiny(), folder).train()


def tasks(names: Iterable[str]) -> set[str]:
    """Kinds and models of pieces."""
    return {".".join(name.split(".")[:2]) for name in names}


def around(names: Iterable[str], model: str) -> set[str]:
    """The pieces made around a model that are made from its network; of anatomies and of the comparison all."""
    return {
        name
        for name in names
        if (f".{model}." in name and not name.startswith("train")) or name.startswith(("anatomy", "comparison"))
    }


def test_every_piece_around_another_network_is_computed_again_and_named(results: Path) -> None:
    train_anew(results)
    before = studies.identities(results)
    told = Noting()
    Experiment(tiny(), results, progress=told).analyze()
    after = studies.identities(results)
    # The sample of an anatomy is chosen by the censuses of all models.
    assert studies.rewritten(before, after) == around(before, "lif")
    assert {name.split(".")[0] for name in around(before, "lif")} == {*KINDS, "comparison"}
    assert {kind for kind in KINDS if len(studies.parts_of(results, f"{kind}.lif")) > 1} == DIVIDED
    for name in around(before, "lif"):
        assert any(line.startswith(f"{name}: made from another network") for line in told.said)
    Experiment(tiny(), results).analyze()
    assert studies.identities(results) == after


def test_the_assembled_result_is_not_older_than_its_pieces(results: Path) -> None:
    before = ResultFile(results / "landscape.h5").network("lif").weights[0][0, 0]
    train_anew(results)
    Experiment(tiny(), results).analyze()
    assert ResultFile(results / "landscape.h5").network("lif").weights[0][0, 0] != before


def test_the_same_network_computed_again_makes_nothing_else_stale(results: Path) -> None:
    before = studies.identities(results)
    train_again(results)
    Experiment(tiny(), results).analyze()
    assert tasks(studies.rewritten(before, studies.identities(results))) == {"train.lif"}


def test_stale_pieces_are_named_and_not_merged(results: Path) -> None:
    train_anew(results)
    merged = merge(Experiment(tiny(), results))
    assert merged.problems.keys() == around(studies.identities(results), "lif")
    assert all("made from another network" in text for text in merged.problems.values())
    result = ResultFile(results / "landscape.h5")
    assert (result.slices("lif"), result.slices("qif")) == ([], ["plane", "line"])
    assert result.census("qif", "line") is not None
    comparison = result.comparison
    assert comparison is not None
    assert (comparison.status[0] == Status.PENDING).all()
    assert (comparison.status[1] == Status.DONE).all()
    assert not merge(Experiment(tiny(), results)).changed


def test_a_damaged_network_is_named_and_what_was_made_around_it_is_not(results: Path) -> None:
    path = next((results / "pieces").glob("train.lif.*.h5"))
    studies.flip_a_bit(path)
    merged = merge(Experiment(tiny(), results))
    assert merged.problems == {path.name: f"{path}: damaged"}
    result = ResultFile(results / "landscape.h5")
    assert result.slices("lif") == ["plane", "line"]
    before = studies.identities(results)
    Experiment(tiny(), results).analyze()
    assert studies.rewritten(before, studies.identities(results)) == {path.name}


def wanted_of(folder: Path) -> list[str]:
    experiment = Experiment(tiny(), folder)
    return [piece.file_name for piece in missing_pieces(experiment.plan, experiment.store)]


def test_what_an_engine_is_given_includes_what_may_be_stale(results: Path) -> None:
    assert wanted_of(results) == []
    train_anew(results)
    assert set(wanted_of(results)) == around(studies.identities(results), "lif")
    next((results / "pieces").glob("train.qif.*.h5")).unlink()
    assert wanted_of(results) == [piece.file_name for piece in plan_of(tiny()).pieces][1:]


def test_directions_towards_another_network_are_made_anew_though_the_centre_is_the_same(tmp_path: Path) -> None:
    config = tiny("slice.line.directions=line", "slice.line.centre=initial", "slice.line.range=[-0.2, 0.2]")
    Experiment(config, tmp_path / "r").sweep()
    train_anew(tmp_path / "r")
    before = studies.identities(tmp_path / "r")
    Experiment(config, tmp_path / "r").sweep()
    changed = studies.rewritten(before, studies.identities(tmp_path / "r"))
    assert changed == around(before, "lif")


def test_parts_of_an_interrupted_sweep_around_another_network_are_not_used(tmp_path: Path) -> None:
    """Along a single weight, which is the same direction around every network."""
    weight = 'slice.line.directions={kind="weight", layer=0, post=1, pre=1}'
    config = tiny(weight, "slice.line.census=false", "slice.line.census_samples=", "jobs.shard_cost=0.001")

    class Stop(Progress):
        def begin(self, label: str, total: float, unit: str) -> None:
            self.active = label == "lif: line"

        def advance(self, done: float, note: str = "") -> None:
            if self.active and done >= 5:
                self.active = False
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Experiment(config, tmp_path / "r", threads=1, progress=Stop()).sweep()
    begun = studies.parts_of(tmp_path / "r", "sweep.lif.line")
    assert begun
    assert not list((tmp_path / "r" / "pieces").glob("sweep.lif.line.*.h5"))
    train_anew(tmp_path / "r", factor=1.5)
    told = Noting()
    experiment = Experiment(config, tmp_path / "r", progress=told)
    experiment.analyze()
    for path in begun:
        assert any(line.startswith(f"{studies.name_of(path)}: made from another network") for line in told.said)
    surface = ResultFile(tmp_path / "r" / "landscape.h5").surface("lif", "line")
    from landscape import sweep

    network = experiment.context.result(studies.task_of(experiment.plan, "train.lif")).best
    _, data = experiment.context.data
    objective = experiment.context.objective(config.model[0])
    direct = sweep(network, surface.directions, surface.axes, data, objective)
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
    assert experiment.plan.pieces
    source.unlink()
    yin_yang(40, seed=2).save(source)
    with pytest.raises(DataError, match=r"d\.h5.*changed"):
        experiment.train()
    assert not list((tmp_path / "r").glob("pieces/*.h5"))
    Experiment(config, tmp_path / "r").train()
