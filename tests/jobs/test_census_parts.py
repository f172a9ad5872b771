"""Censuses in shards: the same result as in one piece, and nothing that is not to be trusted gets into it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import studies
import tiny_experiment
from noting import Noting

from landscape.config import Config, parse_config
from landscape.experiment import Experiment, Piece, Plan, Progress
from landscape.jobs import compute_pieces, merge, missing_pieces, stages, study_status
from landscape.results import DamagedFileError, ResultFile, validate

LINE = ("slice.line.directions=random", "slice.line.range=[-0.8, 0.8]", "slice.line.census=true")
ONE_PIECE = "jobs.shard_cost=1000.0"


def tiny(*overrides: str) -> Config:
    """Two networks and a line with 20 samples, whose census is cut into some shards each."""
    cut = "jobs.shard_cost=0.04"
    return parse_config(tiny_experiment.TOML, origin="tiny.toml", overrides=[*LINE, cut, *overrides])


@pytest.fixture(scope="module", autouse=True)
def few_confirmations() -> Iterator[None]:
    """One discontinuity in extended precision tells as much here as three, and takes less time."""
    from landscape.experiment import census

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(census, "CONFIRMED", 1)
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The experiment without shards; not to be changed."""
    folder = tmp_path_factory.mktemp("whole") / "tiny"
    Experiment(tiny(ONE_PIECE), folder, threads=1).analyze()
    return folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The experiment in shards; not to be changed."""
    folder = tmp_path_factory.mktemp("finished") / "tiny"
    Experiment(tiny(), folder, threads=2).analyze()
    return folder


@pytest.fixture
def results(finished: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return Path(shutil.copytree(finished, tmp_path / "tiny"))


def shard_paths(folder: Path, model: str = "lif") -> list[Path]:
    (found,) = (folder / "pieces").glob(f"census_shards-{model}-line-*")
    return sorted(found.glob("*.h5"))


def forget(folder: Path, *patterns: str) -> None:
    """Remove what was put together from shards, and what is given."""
    (folder / "landscape.h5").unlink(missing_ok=True)
    for pattern in ("census-lif-line-*.h5", *patterns):
        for path in (folder / "pieces").glob(pattern):
            path.unlink()


def shards(plan: Plan, model: str = "lif") -> list[Piece]:
    return [piece for piece in plan.pieces() if piece.kind == "census-shard" and piece.model == model]


# --- how a census is cut ---


def test_a_census_is_cut_by_its_cost_which_samples_there_are_or_not() -> None:
    plan = Plan(tiny())
    lif, qif = shards(plan), shards(plan, "qif")
    assert 3 <= len(lif) <= 20
    assert 2 <= len(qif) <= 20
    assert len({piece.cost for piece in lif}) == 1
    census = next(piece for piece in plan.pieces() if piece.kind == "census" and piece.model == "lif")
    assert set(census.needs[2:]) == {piece.file_name for piece in lif}
    assert [piece.kind for piece in Plan(tiny("jobs.max_shards=2")).pieces()].count("census-shard") == 4
    assert not [piece for piece in Plan(tiny(ONE_PIECE)).pieces() if piece.part_of]
    levels = {piece.kind: number for number, stage in enumerate(stages(plan.pieces())) for piece in stage}
    assert levels["train"] < levels["census-directions"] < levels["census-shard"] < levels["census"]
    assert levels["census"] < levels["anatomy"]


def test_every_sample_is_in_one_shard() -> None:
    from landscape.experiment.census_shards import samples_of_shard

    pieces = shards(Plan(tiny()))
    for n_samples in (1, 2, 7, 20, 1000):
        samples = [sample for piece in pieces for sample in samples_of_shard(piece, n_samples)]
        assert sorted(samples) == list(range(n_samples))
        sizes = [len(samples_of_shard(piece, n_samples)) for piece in pieces]
        assert max(sizes) - min(sizes) <= 1


def test_how_a_census_is_cut_does_not_change_the_result(whole: Path, finished: Path, tmp_path: Path) -> None:
    studies.assert_same_data(finished / "landscape.h5", whole / "landscape.h5")
    assert validate(finished / "landscape.h5") == []
    folder = tmp_path / "r"
    shutil.copytree(whole, folder)
    (folder / "landscape.h5").unlink()
    for path in (folder / "pieces").glob("census*"):
        path.unlink()
    Experiment(tiny("jobs.max_shards=3"), folder, threads=1).analyze()
    assert len(shard_paths(folder)) == 3
    studies.assert_same_data(folder / "landscape.h5", whole / "landscape.h5")


def test_a_shard_of_few_samples_may_have_none(whole: Path, tmp_path: Path) -> None:
    """As where the data are fewer than was estimated before they were loaded."""
    from landscape.experiment import cost

    folder = Path(shutil.copytree(whole, tmp_path / "r"))
    for path in [*(folder / "pieces").glob("census*"), folder / "landscape.h5"]:
        path.unlink()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cost, "census_samples", lambda config, entry: 22)
        config = tiny("jobs.shard_cost=0.001")
        assert len(shards(Plan(config))) == 22
        Experiment(config, folder, threads=1).analyze()
    studies.assert_same_data(folder / "landscape.h5", whole / "landscape.h5")


# --- resuming, merging, looking ---


def test_finished_shards_are_not_computed_again(results: Path, finished: Path) -> None:
    forget(results)
    taken = shard_paths(results)[1::2]
    for path in taken:
        path.unlink()
    kept = studies.identities(results)
    Experiment(tiny(), results).analyze()
    now = studies.identities(results)
    assert {name for name in kept if now[name] != kept[name]} == set()
    studies.assert_same_data(results / "landscape.h5", finished / "landscape.h5")


def test_an_interrupt_keeps_the_finished_shards(results: Path, finished: Path) -> None:
    forget(results)
    for path in shard_paths(results)[1:]:
        path.unlink()
    kept = studies.identities(results)

    class Stop(Progress):
        def begin(self, label: str, total: float, unit: str) -> None:
            self.active = label == "lif: census of line"

        def advance(self, done: float, note: str = "") -> None:
            if self.active and done > 12:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Experiment(tiny(), results, threads=1, progress=Stop()).analyze()
    assert 1 < len(shard_paths(results)) < len(shard_paths(finished))
    kept |= studies.identities(results)
    told: list[float] = []

    class Watch(Stop):
        def advance(self, done: float, note: str = "") -> None:
            if self.active:
                told.append(done)

    Experiment(tiny(), results, progress=Watch()).analyze()
    assert told == sorted(told)
    assert told[-1] == 20
    now = studies.identities(results)
    assert {name for name in kept if now[name] != kept[name]} == set()
    studies.assert_same_data(results / "landscape.h5", finished / "landscape.h5")


def test_a_merge_puts_a_census_together_whose_shards_are_all_there(results: Path, finished: Path) -> None:
    forget(results)
    merged = merge(Experiment(tiny(), results))
    assert merged.complete
    studies.assert_same_data(results / "landscape.h5", finished / "landscape.h5")
    assert not merge(Experiment(tiny(), results)).changed


def test_a_census_with_a_shard_missing_is_left_out_of_a_merge(results: Path, finished: Path) -> None:
    forget(results)
    lost = shard_paths(results)[2]
    lost.unlink()
    merged = merge(Experiment(tiny(), results))
    name = f"{lost.parent.name}/{lost.name}"
    assert merged.missing[0] == name
    assert [other.rsplit("-", 1)[0] for other in merged.missing[1:]] == ["census-lif-line"]
    result = ResultFile(results / "landscape.h5")
    assert result.census("lif", "line") is None
    assert result.census("qif", "line") is not None
    assert validate(result.path) == []
    status = study_status(Experiment(tiny(), results))
    (group,) = (group for group in status.groups if group.name == "census-shard lif line")
    assert (group.done, group.missing) == (group.total - 1, 1)
    wanted = [piece.file_name for piece in missing_pieces(Experiment(tiny(), results))]
    assert name in wanted
    # What is made with the census may come out different, and is looked at; what is not, is not.
    assert {other.partition("-")[0] for other in wanted} == {"census_shards", "census", "anatomy", "fragments"}
    Experiment(tiny(), results).analyze()
    studies.assert_same_data(results / "landscape.h5", finished / "landscape.h5")


def test_processes_that_are_given_single_pieces_give_the_same(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "r"
    for stage in stages(Plan(tiny()).pieces()):
        for part in (stage[1::2], stage[::2]):
            compute_pieces(Experiment(tiny(), folder, threads=1), reversed(part))
    assert missing_pieces(Experiment(tiny(), folder)) == []
    assert merge(Experiment(tiny(), folder)).complete
    studies.assert_same_data(folder / "landscape.h5", whole / "landscape.h5")


# --- what may not get into a result ---


@pytest.mark.parametrize("damage", ["flip", "truncate"])
def test_a_damaged_shard_is_named_and_computed_again(results: Path, finished: Path, damage: str) -> None:
    forget(results)
    path = shard_paths(results)[2]
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 4
    path.write_bytes(content if damage == "flip" else content[:-100])
    name = f"{path.parent.name}/{path.name}"
    assert name in merge(Experiment(tiny(), results)).problems
    told = Noting()
    Experiment(tiny(), results, progress=told).analyze()
    assert f"{name}: damaged, computed again" in told.said
    studies.assert_same_data(results / "landscape.h5", finished / "landscape.h5")


def test_every_flipped_bit_of_a_shard_is_told(finished: Path, tmp_path: Path) -> None:
    import numpy as np

    from landscape.experiment.sample_censuses import read_census_shard

    source = shard_paths(finished)[0]
    name = f"{source.parent.name}/{source.name}"
    assert len(read_census_shard(source, name).finished) > 1
    content = source.read_bytes()
    path = tmp_path / "shard.h5"
    for position in np.random.default_rng(6).integers(0, 8 * len(content), 100):
        changed = bytearray(content)
        changed[position // 8] ^= 1 << (position % 8)
        path.unlink(missing_ok=True)
        path.write_bytes(changed)
        with pytest.raises(DamagedFileError):
            read_census_shard(path, name)


def test_a_sample_that_cannot_be_simulated_is_told_as_without_shards(
    whole: Path, results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from landscape.fragmentation.census import samples

    original = samples.census_of_sample
    bad = [Experiment(tiny(), whole).data[1].times[slice(*ends)] for ends in _ends(whole, 4, 11)]

    def refuse(*arguments):
        found = original(*arguments)
        unfit = any(arguments[5].tobytes() == times.tobytes() for times in bad)
        return found._replace(fine=False) if unfit else found

    monkeypatch.setattr(samples, "census_of_sample", refuse)
    reasons = []
    in_one = Path(shutil.copytree(whole, tmp_path / "whole"))
    for folder, config in ((results, tiny()), (in_one, tiny(ONE_PIECE))):
        forget(folder, "census_shards-lif-line-*/*.h5")
        Experiment(config, folder, threads=2).analyze()
        assert ResultFile(folder / "landscape.h5").census("lif", "line") is None
        reasons.append(ResultFile(folder / "landscape.h5").surface("lif", "line").attributes["census_skipped"])
    assert reasons[0] == reasons[1]
    assert reasons[0].startswith("sample 4 cannot be simulated")


def _ends(folder: Path, *numbers: int) -> list[tuple[int, int]]:
    _, test = Experiment(tiny(), folder).data
    return [(int(test.offsets[number]), int(test.offsets[number + 1])) for number in numbers]


def test_a_line_that_cannot_be_made_has_no_shards(tmp_path: Path) -> None:
    # Nothing is learned: the best network is the initial one, and no line joins it to itself.
    config = tiny("training.learning_rate=1e-300", "slice.line.directions=line")
    for _ in range(2):
        Experiment(config, tmp_path / "r").analyze()
    assert set(ResultFile(tmp_path / "r" / "landscape.h5").skipped("lif")) == {"line"}
    assert not list((tmp_path / "r" / "pieces").glob("census_shards-*"))
    for path in (tmp_path / "r" / "pieces").glob("census*.h5"):
        if "directions" not in path.name:
            path.unlink()
    assert merge(Experiment(config, tmp_path / "r")).complete
