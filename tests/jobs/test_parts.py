"""Slices in parts: how they divide, what a part must be to get into a result, and studies over several seeds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic import studies
from synthetic.noting import Noting

from landscape.config import Config, parse_config
from landscape.errors import ConfigError, ResultFileError
from landscape.experiment import Experiment, Plan, Progress, plan_of
from landscape.experiment.piece import Values
from landscape.experiment.store import State, Store
from landscape.experiment.tasks.sweep import blocks_of
from landscape.h5.files import DamagedFileError
from landscape.results import ResultFile, validate

PLANE = "sweep.qif_seed1.plane"


# --- how slices divide ---


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


def described(plan: Plan) -> list[tuple[object, ...]]:
    return [(piece.file_name, piece.needs, piece.cost) for piece in plan.pieces]


def test_the_division_depends_on_the_experiment_alone_and_costs_are_balanced() -> None:
    plan = plan_of(studies.study())
    assert described(plan) == described(plan_of(studies.study("description=other words")))
    costs = [part.cost for part in studies.task_of(plan, PLANE).parts]
    assert len(costs) > 20
    assert max(costs) < 1.5 * min(costs)
    few = plan_of(studies.study("jobs.max_shards=4"))
    assert all(2 <= len(studies.task_of(few, f"sweep.qif_seed{seed}.plane").parts) <= 4 for seed in (1, 2))


def test_how_a_slice_divides_does_not_change_its_values(finished: Path, tmp_path: Path) -> None:
    Experiment(studies.study("jobs.shard_cost=1000.0"), tmp_path / "whole", threads=1).analyze()
    assert not [path for path in (tmp_path / "whole" / "pieces").iterdir() if path.is_dir()]
    studies.assert_same_data(finished / "landscape.h5", tmp_path / "whole" / "landscape.h5")
    assert validate(finished / "landscape.h5") == []


def test_a_part_says_where_it_comes_from(finished: Path) -> None:
    experiment = Experiment(studies.study(), finished)
    attributes = experiment.store.attributes(studies.task_of(experiment.plan, PLANE).parts[3])
    assert attributes["config"] == studies.study().to_toml()
    assert attributes["seed_qif_seed1"] == 1
    assert {"host", "created", "data_hash", "version_landscape", "version_numba", "seconds"} <= attributes.keys()
    surface = ResultFile(finished / "landscape.h5").surface("qif_seed1", "plane")
    assert surface.attributes["hosts"] == attributes["host"]


# --- what may not get into a result ---


@pytest.mark.parametrize("fault", ["another shape", "an array less", "no sizes"])
def test_parts_that_somebody_else_sealed_are_refused_by_their_folder(results: Path, fault: str) -> None:
    studies.remove(results, f"{PLANE}.*.h5")
    experiment = Experiment(studies.study(), results)
    part = studies.task_of(experiment.plan, PLANE).parts[1]
    values = experiment.store.read(part)
    arrays, attributes = dict(values.arrays), dict(values.attributes)
    if fault == "no sizes":
        part = studies.task_of(experiment.plan, PLANE).parts[0]
        del attributes["hidden_sizes"]
    else:
        arrays["loss"] = arrays["loss"][:-1]
    if fault == "an array less":
        part = studies.task_of(experiment.plan, PLANE).parts[0]
        del arrays["spike_count"]
    origin = experiment.store.attributes(part)
    experiment.store.write(part, Values(arrays, attributes), origin)
    with pytest.raises(ResultFileError, match=r"sweep\.qif_seed1\.plane\.[0-9a-f]{16}: .* no parts of .*; remove it"):
        Experiment(studies.study(), results).analyze()


def test_damaged_parts_are_named_and_computed_again(results: Path) -> None:
    studies.remove(results, f"{PLANE}.*.h5")
    paths = studies.parts_of(results, PLANE)[2:6]
    studies.flip_a_bit(paths[0])
    # The last one loses the end of its checksum only.
    for path, left in zip(paths[1:], (slice(-100), slice(0), slice(-1)), strict=True):
        path.write_bytes(path.read_bytes()[left])
    before = studies.identities(results)
    told = Noting()
    Experiment(studies.study(), results, progress=told).analyze()
    names = {studies.name_of(path) for path in paths}
    assert names == {line.partition(":")[0] for line in told.said if line.endswith(": damaged, computed again")}
    assert studies.rewritten(before, studies.identities(results)) == names


@pytest.mark.parametrize(
    ("fixture", "config", "task"),
    [("finished", studies.study(), PLANE), ("finished_census", studies.census(), "census.lif.line")],
    ids=["sweep", "census"],
)
def test_every_flipped_bit_of_a_part_is_told(
    request: pytest.FixtureRequest, tmp_path: Path, fixture: str, config: Config, task: str
) -> None:
    piece = studies.task_of(plan_of(config), task).parts[0]
    content = Store(request.getfixturevalue(fixture) / "pieces").path(piece).read_bytes()
    store = Store(tmp_path)
    path = store.path(piece)
    path.parent.mkdir()
    path.write_bytes(content)
    assert store.read(piece).arrays
    for position in np.random.default_rng(5).integers(0, 8 * len(content), 150):
        changed = bytearray(content)
        changed[position // 8] ^= 1 << (position % 8)
        path.unlink()
        path.write_bytes(changed)
        assert store.state(piece) is State.DAMAGED
        with pytest.raises(DamagedFileError):
            store.read(piece)


def test_a_part_of_another_experiment_is_refused_by_name(results: Path) -> None:
    studies.remove(results, f"{PLANE}.*.h5")
    others = studies.parts_of(results, "sweep.qif_seed2.plane")
    studies.parts_of(results, PLANE)[2].write_bytes(others[2].read_bytes())
    with pytest.raises(ResultFileError, match=r"00002\.h5: belongs to another experiment .*left as it is"):
        Experiment(studies.study(), results).analyze()


def test_a_renamed_piece_of_another_experiment_is_refused_by_name(results: Path) -> None:
    (results / "landscape.h5").unlink()
    one, other = (next((results / "pieces").glob(f"train.qif_seed{n}.*.h5")) for n in (1, 2))
    one.write_bytes(other.read_bytes())
    with pytest.raises(ResultFileError, match=r"train\.qif_seed1.*belongs to another experiment"):
        Experiment(studies.study(), results).train()


def test_changed_data_make_other_pieces(tmp_path: Path) -> None:
    from landscape.datasets import yin_yang

    config = studies.study(f"data.source={tmp_path / 'd.h5'}", "data.test_fraction=0.5")
    yin_yang(40, seed=1).save(tmp_path / "d.h5")
    first = {piece.file_name for piece in plan_of(config).pieces}
    (tmp_path / "d.h5").unlink()
    yin_yang(40, seed=2).save(tmp_path / "d.h5")
    assert not first & {piece.file_name for piece in plan_of(config).pieces}


# --- slices that cannot be made, interrupts ---


def test_a_slice_that_cannot_be_made_has_no_parts_and_says_why(tmp_path: Path) -> None:
    config = studies.study("slice.line.directions=line", "training.epochs=0", "slice.plane.points=[2, 3]")
    Experiment(config, tmp_path / "r").analyze()
    result = ResultFile(tmp_path / "r" / "landscape.h5")
    assert "line" in result.skipped("qif_seed1")
    assert result.slices("qif_seed1") == ["plane"]
    assert not studies.parts_of(tmp_path / "r", "sweep.*.line")


def test_an_interrupt_keeps_the_finished_parts(results: Path, finished: Path) -> None:
    studies.remove(results, f"{PLANE}.*.h5")
    for path in studies.parts_of(results, PLANE)[5:]:
        path.unlink()
    kept = studies.identities(results)

    class Stop(Progress):
        def advance(self, done: float, note: str = "") -> None:
            if done > 80:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Experiment(studies.study(), results, progress=Stop()).sweep()
    assert 5 < len(studies.parts_of(results, PLANE)) < len(studies.parts_of(finished, PLANE))
    assert not list((results / "pieces").glob(f"{PLANE}.*.h5"))
    kept |= studies.identities(results)
    Experiment(studies.study(), results).analyze()
    assert studies.rewritten(kept, studies.identities(results)) == set()
    studies.assert_same_data(results / "landscape.h5", finished / "landscape.h5")


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
