"""Censuses in parts: the same result as in one piece, and nothing that is not to be trusted gets into it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from synthetic import studies, tiny_experiment
from synthetic.noting import Noting

from landscape.config import Config, parse_config
from landscape.experiment import Experiment, Plan, Progress, Task, plan_of
from landscape.jobs import compute_pieces, merge, missing_pieces, stages, study_status
from landscape.results import ResultFile, validate

LINE = ("slice.line.directions=random", "slice.line.range=[-0.8, 0.8]", "slice.line.census=true")
ONE_PIECE = "jobs.shard_cost=1000.0"
CENSUS = "census.lif.line"


def tiny(*overrides: str) -> Config:
    """Two networks and a line with 20 samples, whose censuses have some parts each."""
    divided = "jobs.shard_cost=0.04"
    return parse_config(tiny_experiment.TOML, origin="tiny.toml", overrides=[*LINE, divided, *overrides])


@pytest.fixture(scope="module", autouse=True)
def few_confirmations() -> Iterator[None]:
    """One discontinuity in extended precision tells as much here as three, and takes less time."""
    from landscape.experiment.tasks import census

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(census, "CONFIRMED", 1)
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The experiment in one piece per task; not to be changed."""
    folder = tmp_path_factory.mktemp("whole") / "tiny"
    Experiment(tiny(ONE_PIECE), folder, threads=1).analyze()
    return folder


@pytest.fixture(scope="module")
def finished(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The experiment with its census in parts; not to be changed."""
    folder = Path(shutil.copytree(whole, tmp_path_factory.mktemp("finished") / "tiny"))
    studies.remove(folder, "sweep.*", "census.*", "fragments.*", "anatomy.*")
    Experiment(tiny(), folder, threads=2).analyze()
    return folder


@pytest.fixture
def results(finished: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return Path(shutil.copytree(finished, tmp_path / "tiny"))


def census(plan: Plan, model: str = "lif") -> Task:
    return studies.task_of(plan, f"census.{model}.line")


# --- how a census divides ---


def test_a_census_divides_by_its_cost_whatever_samples_there_are() -> None:
    plan = plan_of(tiny())
    lif, qif = census(plan), census(plan, "qif")
    assert 3 <= len(lif.parts) <= 20
    assert 2 <= len(qif.parts) <= 20
    assert len({part.cost for part in lif.parts}) == 1
    assert set(lif.whole.needs[2:]) == {part.file_name for part in lif.parts}
    few = plan_of(tiny("jobs.max_shards=2"))
    assert [len(census(few, model).parts) for model in ("lif", "qif")] == [2, 2]
    assert not [piece for piece in plan_of(tiny(ONE_PIECE)).pieces if piece.part is not None]
    level = {piece.group: number for number, stage in enumerate(stages(plan.pieces)) for piece in stage}
    assert level["train.lif"] < level["directions.lif.line"] < level[f"{CENSUS} parts"] < level[CENSUS]
    assert level[CENSUS] < level["anatomy.lif.line"]


def test_every_sample_is_in_one_part() -> None:
    from landscape.experiment.tasks.census import samples_of_part

    task = census(plan_of(tiny()))
    for n_samples in (1, 2, 7, 20, 1000):
        parts = [samples_of_part(task, part, n_samples) for part in range(task.n_parts)]
        assert sorted(sample for part in parts for sample in part) == list(range(n_samples))
        assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_how_a_census_divides_does_not_change_the_result(whole: Path, finished: Path, tmp_path: Path) -> None:
    studies.assert_same_data(finished / "landscape.h5", whole / "landscape.h5")
    assert validate(finished / "landscape.h5") == []
    folder = Path(shutil.copytree(whole, tmp_path / "r"))
    studies.remove(folder, "census.*")
    Experiment(tiny("jobs.max_shards=3"), folder, threads=1).analyze()
    assert len(studies.parts_of(folder, CENSUS)) == 3
    studies.assert_same_data(folder / "landscape.h5", whole / "landscape.h5")


def test_a_part_of_few_samples_may_have_none(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the data are fewer than was estimated before they were loaded."""
    from landscape.experiment.costs import Costs

    folder = Path(shutil.copytree(whole, tmp_path / "r"))
    studies.remove(folder, "census.*")
    monkeypatch.setattr(Costs, "census_samples_of", lambda costs, entry: 22)
    config = tiny("jobs.shard_cost=0.001")
    assert len(census(plan_of(config)).parts) == 22
    Experiment(config, folder, threads=1).analyze()
    studies.assert_same_data(folder / "landscape.h5", whole / "landscape.h5")


# --- resuming, merging, looking ---


def test_finished_parts_are_not_computed_again(results: Path, finished: Path) -> None:
    studies.remove(results, f"{CENSUS}.*.h5")
    for path in studies.parts_of(results, CENSUS)[1::2]:
        path.unlink()
    kept = studies.identities(results)
    Experiment(tiny(), results).analyze()
    assert studies.rewritten(kept, studies.identities(results)) == set()
    studies.assert_same_data(results / "landscape.h5", finished / "landscape.h5")


def test_an_interrupt_keeps_the_finished_parts(results: Path, finished: Path) -> None:
    studies.remove(results, f"{CENSUS}.*.h5")
    for path in studies.parts_of(results, CENSUS)[1:]:
        path.unlink()
    kept = studies.identities(results)

    class Watch(Progress):
        stop_after = 12.0

        def __init__(self) -> None:
            self.told: list[float] = []

        def begin(self, label: str, total: float, unit: str) -> None:
            self.active = label == "lif: census of line"

        def advance(self, done: float, note: str = "") -> None:
            if self.active:
                self.told.append(done)
                if done > self.stop_after:
                    raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Experiment(tiny(), results, threads=1, progress=Watch()).analyze()
    assert 1 < len(studies.parts_of(results, CENSUS)) < len(studies.parts_of(finished, CENSUS))
    kept |= studies.identities(results)
    watch = Watch()
    watch.stop_after = 20.0
    Experiment(tiny(), results, progress=watch).analyze()
    assert watch.told == sorted(watch.told)
    assert watch.told[-1] == 20
    assert studies.rewritten(kept, studies.identities(results)) == set()
    studies.assert_same_data(results / "landscape.h5", finished / "landscape.h5")


def test_a_merge_puts_a_census_together_whose_parts_are_all_there(results: Path, finished: Path) -> None:
    studies.remove(results, f"{CENSUS}.*.h5")
    merged = merge(Experiment(tiny(), results))
    assert merged.complete
    studies.assert_same_data(results / "landscape.h5", finished / "landscape.h5")
    assert not merge(Experiment(tiny(), results)).changed


def test_a_census_with_a_part_missing_is_left_out_of_a_merge(results: Path, finished: Path) -> None:
    studies.remove(results, f"{CENSUS}.*.h5")
    lost = studies.parts_of(results, CENSUS)[2]
    lost.unlink()
    experiment = Experiment(tiny(), results)
    assert merge(experiment).missing == [studies.name_of(lost), census(experiment.plan).whole.file_name]
    result = ResultFile(results / "landscape.h5")
    assert result.census("lif", "line") is None
    assert result.census("qif", "line") is not None
    assert validate(result.path) == []
    (group,) = (group for group in study_status(experiment).groups if group.name == f"{CENSUS} parts")
    assert (group.done, group.missing) == (group.total - 1, 1)
    wanted = [piece.file_name for piece in missing_pieces(experiment.plan, experiment.store)]
    assert studies.name_of(lost) in wanted
    # What is made with the census may come out different, and is looked at; what is not, is not.
    assert {other.partition(".")[0] for other in wanted} == {"census", "anatomy", "fragments"}
    assert [other for other in wanted if "/" in other] == [studies.name_of(lost)]
    Experiment(tiny(), results).analyze()
    studies.assert_same_data(results / "landscape.h5", finished / "landscape.h5")


def test_processes_that_are_given_single_pieces_give_the_same(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "r"
    for stage in stages(plan_of(tiny()).pieces):
        for some in (stage[1::2], stage[::2]):
            compute_pieces(Experiment(tiny(), folder, threads=1), reversed(some))
    experiment = Experiment(tiny(), folder)
    assert missing_pieces(experiment.plan, experiment.store) == []
    assert merge(experiment).complete
    studies.assert_same_data(folder / "landscape.h5", whole / "landscape.h5")


# --- what may not get into a result ---


def test_damaged_parts_are_named_and_computed_again(results: Path, finished: Path) -> None:
    studies.remove(results, f"{CENSUS}.*.h5")
    flipped, truncated = studies.parts_of(results, CENSUS)[1:3]
    studies.flip_a_bit(flipped)
    truncated.write_bytes(truncated.read_bytes()[:-100])
    names = {studies.name_of(flipped), studies.name_of(truncated)}
    assert merge(Experiment(tiny(), results)).problems.keys() == names
    told = Noting()
    Experiment(tiny(), results, progress=told).analyze()
    assert {f"{name}: damaged, computed again" for name in names} <= set(told.said)
    studies.assert_same_data(results / "landscape.h5", finished / "landscape.h5")


def test_a_sample_that_cannot_be_simulated_is_told_as_without_parts(
    whole: Path, results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from landscape.fragmentation.census import samples

    original = samples.census_of_sample
    _, data = Experiment(tiny(), whole).context.data
    bad = [data[number][0] for number in (4, 11)]

    def refuse(*arguments):
        found = original(*arguments)
        unfit = any(arguments[5].tobytes() == times.tobytes() for times in bad)
        return found._replace(fine=False) if unfit else found

    monkeypatch.setattr(samples, "census_of_sample", refuse)
    reasons = []
    in_one = Path(shutil.copytree(whole, tmp_path / "whole"))
    for folder, config in ((results, tiny()), (in_one, tiny(ONE_PIECE))):
        for path in studies.parts_of(folder, CENSUS):
            path.unlink()
        studies.remove(folder, f"{CENSUS}.*.h5")
        Experiment(config, folder, threads=2).analyze()
        assert ResultFile(folder / "landscape.h5").census("lif", "line") is None
        reasons.append(ResultFile(folder / "landscape.h5").surface("lif", "line").attributes["census_skipped"])
    assert reasons[0] == reasons[1]
    assert reasons[0].startswith("sample 4 cannot be simulated")


def test_a_line_that_cannot_be_made_has_no_parts(tmp_path: Path) -> None:
    # Nothing is learned: the best network is the initial one, and no line joins it to itself.
    config = tiny("training.learning_rate=1e-300", "slice.line.directions=line")
    for _ in range(2):
        Experiment(config, tmp_path / "r").analyze()
    assert set(ResultFile(tmp_path / "r" / "landscape.h5").skipped("lif")) == {"line"}
    assert not studies.parts_of(tmp_path / "r", "*.line")
    studies.remove(tmp_path / "r", "census.*.h5")
    assert merge(Experiment(config, tmp_path / "r")).complete
