"""Slices in shards: how they are cut, what a shard must be to get into a result, and studies over several seeds."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import studies
from hypothesis import given
from hypothesis import strategies as st
from noting import Noting

from landscape.config import parse_config
from landscape.errors import ConfigError, ResultFileError
from landscape.experiment import Experiment, Plan, Progress
from landscape.experiment.shards import blocks_of
from landscape.results import ResultFile, validate


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study, swept in shards; not to be changed."""
    folder = tmp_path_factory.mktemp("finished") / "study"
    Experiment(studies.study(), folder, threads=2).analyze()
    return folder


@pytest.fixture
def results(finished: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return Path(shutil.copytree(finished, tmp_path / "study"))


def shard_paths(folder: Path, name: str = "shards-qif_seed1-plane-*") -> list[Path]:
    (found,) = (folder / "pieces").glob(name)
    return sorted(found.glob("*.h5"))


def forget(folder: Path, name: str = "sweep-qif_seed1-plane-*.h5") -> None:
    """Remove what was put together from shards."""
    (folder / "landscape.h5").unlink(missing_ok=True)
    for path in (folder / "pieces").glob(name):
        path.unlink()


# --- how slices are cut ---


@given(
    st.one_of(st.tuples(st.integers(1, 50)), st.tuples(st.integers(1, 30), st.integers(1, 30))),
    st.integers(1, 400),
)
def test_blocks_hold_every_point_once_and_no_more_than_allowed(shape: tuple[int, ...], most: int) -> None:
    counts = np.zeros(shape, int)
    blocks = blocks_of(shape, most)
    for block in blocks:
        counts[block.index] += 1
        assert block.n_points == counts[block.index].size <= most
    assert (counts == 1).all()
    row = 1 if most >= shape[-1] else 0
    unit = shape[-1] if len(shape) == 2 and row else 1
    assert max(b.n_points for b in blocks) - min(b.n_points for b in blocks) <= unit


def test_the_cut_depends_on_the_experiment_alone_and_costs_are_balanced() -> None:
    pieces = Plan(studies.study()).pieces()
    assert pieces == Plan(studies.study("description=other words")).pieces()
    shards = [piece for piece in pieces if piece.kind == "shard" and piece.slice == "plane"]
    costs = [piece.cost for piece in shards]
    assert len(shards) > 20
    assert max(costs) < 1.5 * min(costs)
    few = [p for p in Plan(studies.study("jobs.max_shards=4")).pieces() if p.kind == "shard" and p.slice == "plane"]
    assert len(few) <= 2 * 4


def test_how_a_slice_is_cut_does_not_change_its_values(finished: Path, tmp_path: Path) -> None:
    Experiment(studies.study("jobs.shard_cost=1000.0"), tmp_path / "whole", threads=1).analyze()
    assert not list((tmp_path / "whole" / "pieces").glob("shards-*"))
    studies.assert_same_data(finished / "landscape.h5", tmp_path / "whole" / "landscape.h5")
    assert validate(finished / "landscape.h5") == []


def test_a_shard_says_where_it_comes_from(finished: Path) -> None:
    from landscape.experiment.shards import read_shard

    path = shard_paths(finished)[3]
    attributes = read_shard(path, f"{path.parent.name}/{path.name}").attributes
    assert attributes["config"] == studies.study().to_toml()
    assert attributes["seed_qif_seed1"] == 1
    assert {"host", "created", "data_hash", "version_landscape", "version_numba", "seconds"} <= attributes.keys()
    surface = ResultFile(finished / "landscape.h5").surface("qif_seed1", "plane")
    assert surface.attributes["hosts"] == attributes["host"]


# --- what may not get into a result ---


@pytest.mark.parametrize("damage", ["flip", "truncate", "empty", "tail"])
def test_a_damaged_shard_is_named_and_computed_again(results: Path, damage: str) -> None:
    forget(results)
    path = shard_paths(results)[2]
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 4
    path.write_bytes({"flip": content, "truncate": content[:-100], "empty": b"", "tail": content[:-1]}[damage])
    before = studies.identities(results)
    told = Noting()
    Experiment(studies.study(), results, progress=told).analyze()
    name = str(path.relative_to(results / "pieces"))
    assert f"{name}: damaged, computed again" in told.said
    after = studies.identities(results)
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {f"pieces/{name}"}


def test_every_flipped_bit_of_a_shard_is_told(finished: Path, tmp_path: Path) -> None:
    from landscape.experiment.shards import read_shard
    from landscape.results import DamagedFileError

    source = shard_paths(finished)[0]
    name = f"{source.parent.name}/{source.name}"
    content = source.read_bytes()
    rng = np.random.default_rng(5)
    path = tmp_path / "shard.h5"
    for position in rng.integers(0, 8 * len(content), 200):
        changed = bytearray(content)
        changed[position // 8] ^= 1 << (position % 8)
        path.unlink(missing_ok=True)
        path.write_bytes(changed)
        with pytest.raises(DamagedFileError):
            read_shard(path, name)


def test_a_shard_of_another_experiment_is_refused_by_name(results: Path, tmp_path: Path) -> None:
    forget(results)
    shard_paths(results)[2].write_bytes(shard_paths(results, "shards-qif_seed2-plane-*")[2].read_bytes())
    with pytest.raises(ResultFileError, match=r"00002\.h5: belongs to another experiment .*left as it is"):
        Experiment(studies.study(), results).analyze()


def test_a_renamed_piece_of_another_experiment_is_refused_by_name(results: Path) -> None:
    (results / "landscape.h5").unlink()
    one, other = (next((results / "pieces").glob(f"train-qif_seed{n}-*.h5")) for n in (1, 2))
    one.write_bytes(other.read_bytes())
    with pytest.raises(ResultFileError, match=r"train-qif_seed1.*belongs to another experiment"):
        Experiment(studies.study(), results).train()


def test_shards_around_a_network_that_is_no_more_are_computed_again(results: Path) -> None:
    """As when the network was lost, and trained again on a machine that rounds otherwise."""
    from landscape.experiment.pieces import read_piece, write_piece
    from landscape.experiment.shards import read_directions_piece

    forget(results)
    path = next((results / "pieces").glob("train-qif_seed1-*.h5"))
    content = read_piece(path, "qif_seed1")
    content.network.weights[0][0, 0] *= 1.0 + 1e-15
    attributes = ResultFile(path).attributes
    write_piece(path, "qif_seed1", content, attributes)
    made = next((results / "pieces").glob("directions-qif_seed1-plane-*.h5"))
    before, around = studies.identities(results), read_directions_piece(made, made.name).around
    told = Noting()
    Experiment(studies.study(), results, progress=told).analyze()
    assert read_directions_piece(made, made.name).around != around
    after = studies.identities(results)
    for shard in shard_paths(results):
        assert before[str(shard.relative_to(results))] != after[str(shard.relative_to(results))]
    assert any("made from another network" in line for line in told.said)


def test_changed_data_make_other_shards(tmp_path: Path) -> None:
    from landscape.datasets import yin_yang

    config = studies.study(f"data.source={tmp_path / 'd.h5'}", "data.test_fraction=0.5")
    yin_yang(40, seed=1).save(tmp_path / "d.h5")
    first = {piece.file_name for piece in Plan(config).pieces()}
    (tmp_path / "d.h5").unlink()
    yin_yang(40, seed=2).save(tmp_path / "d.h5")
    assert not first & {piece.file_name for piece in Plan(config).pieces()}


# --- slices that cannot be made, interrupts ---


def test_a_slice_that_cannot_be_made_has_no_shards_and_says_why(tmp_path: Path) -> None:
    config = studies.study("slice.line.directions=line", "training.epochs=0", "slice.plane.points=[2, 3]")
    Experiment(config, tmp_path / "r").analyze()
    result = ResultFile(tmp_path / "r" / "landscape.h5")
    assert "line" in result.skipped("qif_seed1")
    assert result.slices("qif_seed1") == ["plane"]
    assert not list((tmp_path / "r" / "pieces").glob("shards-*-line-*"))


def test_an_interrupt_keeps_the_finished_shards(results: Path) -> None:
    forget(results)
    paths = shard_paths(results)
    for path in paths[5:]:
        path.unlink()
    kept = studies.identities(results)

    class Stop(Progress):
        def advance(self, done: float, note: str = "") -> None:
            if done > 80:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Experiment(studies.study(), results, progress=Stop()).sweep()
    assert len(shard_paths(results)) > 5
    assert not list((results / "pieces").glob("sweep-qif_seed1-plane-*"))
    kept |= studies.identities(results)
    Experiment(studies.study(), results).analyze()
    after = studies.identities(results)
    assert all(after[name] == kept[name] for name in kept)


# --- several seeds ---


def test_a_model_and_a_slice_with_seeds_stand_for_one_each() -> None:
    config = studies.study("slice.plane.seeds=[4, 5]")
    assert config.model_names == ["qif_seed1", "qif_seed2"]
    assert config.slice_names == ["plane_seed4", "plane_seed5", "line"]
    assert [config.training_of(model).seed for model in config.model] == [1, 2]
    assert parse_config(config.to_toml()).to_toml() == config.to_toml()


@pytest.mark.parametrize(
    ("override", "text"),
    [
        ("model.qif.seed=3", "seed and seeds are both set"),
        ("model.qif.seeds=[1, 1]", "seeds must differ"),
        ("model.qif.seeds=[]", "at least 1"),
        (f"model.qif.name={'a' * 60}", "shorten it"),
    ],
)
def test_seeds_that_cannot_be_meant_are_refused(override: str, text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        studies.study(override)
