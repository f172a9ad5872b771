"""What is measured with a census: the spikes of a telling sample, fragments, the curves on a plane."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from synthetic import tiny_experiment
from synthetic.noting import Noting, Stop
from synthetic.tiny_experiment import piece

from landscape.config import Config, ModelConfig
from landscape.experiment import Experiment
from landscape.experiment.tasks import curves
from landscape.experiment.tasks.training import Training
from landscape.fragmentation.census.samples import UnfitSampleError
from landscape.network import Network
from landscape.results import ResultFile, validate


def tiny(*overrides: str) -> Config:
    return tiny_experiment.tiny(*tiny_experiment.CENSUS, *overrides)


def network_of(experiment: Experiment, model: ModelConfig) -> Network:
    """The trained network of a model."""
    found: Network = experiment.context.result(experiment.plan.of(Training, model)).best
    return found


def test_all_models_are_seen_with_the_same_sample_the_one_that_tells_most(with_census: Path) -> None:
    from landscape.fragmentation.anatomy import telling_sample

    result = ResultFile(with_census / "landscape.h5")
    census = result.census("lif", "line")
    assert census is not None
    for model in ("lif", "qif"):
        seen = result.anatomy(model, "line")
        assert seen is not None
        assert seen.sample == telling_sample(census)
        assert (seen.position[0], seen.position[-1]) == (-0.8, 0.8)
        assert result.anatomy(model, "plane") is None
    assert result.anatomy("lif", "line").both_sides is not None


def test_anatomies_are_made_anew_where_a_census_is_another(censused: Path) -> None:
    before = {path.name for path in (censused / "pieces").glob("anatomy.*.h5")}
    Experiment(tiny("model.qif.seed=8"), censused).analyze()
    after = {path.name for path in (censused / "pieces").glob("anatomy.*.h5")}
    # Both: the sample is chosen by what was found for all models.
    assert len(after - before) == 2
    assert validate(censused / "landscape.h5") == []


def test_the_anatomy_of_a_finished_census_is_drawn(censused: Path) -> None:
    experiment = Experiment(tiny(), censused)
    drawn = {path.stem for path in experiment.plot()}
    assert {"spikes_line", "potential_line"} <= drawn


def test_measures_are_of_the_samples_of_the_census(censused: Path) -> None:
    from landscape.fragmentation import fragments, gradient_cosines, gradient_fidelity, sample_profile
    from landscape.report import write_report

    experiment = Experiment(tiny("slice.line.census_samples=6"), censused)
    experiment.analyze()
    result = ResultFile(censused / "landscape.h5")
    census, stored = result.census("lif", "line"), result.fragments("lif", "line")
    assert census is not None
    assert stored is not None
    assert result.fragments("lif", "plane") is None
    _, test = experiment.context.data
    surface = result.surface("lif", "line")
    lif = experiment.config.model[0]
    profile = sample_profile(
        network_of(experiment, lif),
        surface.directions[0],
        surface.axes[0],
        test.select(indices=census.samples),
        experiment.context.objective(lif),
    )
    direct = fragments(census, profile, seed=experiment.config.seed)
    around = (test.select(indices=census.samples), experiment.context.objective(lif))
    line = (network_of(experiment, lif), surface.directions[0])
    seed = experiment.config.seed
    cosines = gradient_cosines(*line, surface.axes[0], *around, direct.position, seed=seed)
    assert set(stored.estimates) == {*direct.estimates, *cosines}
    for name, estimate in (direct.estimates | cosines).items():
        np.testing.assert_array_equal(stored[name], estimate, err_msg=name)
    assert stored.fidelity is not None
    fidelity = gradient_fidelity(*line, (census.low, census.high), *around, seed=seed)
    np.testing.assert_array_equal(stored.fidelity.error, fidelity.error)
    np.testing.assert_array_equal(stored.fidelity.downhill_interval, fidelity.downhill_interval)
    assert validate(result.path) == []
    (censused / "figures").mkdir(exist_ok=True)
    (censused / "figures" / "none.png").touch()
    text = write_report(result.path, censused)[0].read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| Summed jumps of the mean loss (nats) |"))
    assert "[" in row.split("|")[2]
    assert row.split("|")[3].strip() == "0"
    assert "| Median cosine between gradients at neighbouring points |" in text
    (head,) = [line for line in text.splitlines() if line.startswith("| Step |")]
    assert [cell.strip() for cell in head.split("|")[2:4]] == ["LIF: error", "LIF: downhill"]


def test_other_points_make_new_measures_and_no_new_anatomy(censused: Path) -> None:
    before = {path.name for path in (censused / "pieces").glob("*.h5")}
    Experiment(tiny("slice.line.points=5"), censused).analyze()
    new = {path.name.rsplit(".", 2)[0] for path in (censused / "pieces").glob("*.h5") if path.name not in before}
    assert new == {"sweep.lif.line", "sweep.qif.line", "fragments.lif.line", "fragments.qif.line"}


def test_the_census_of_a_plane_traces_its_curves(censused: Path, computed: list[str]) -> None:
    from landscape.fragmentation import trace_curves

    plane = ("slice.plane.census=true", "slice.plane.census_samples=3", "slice.plane.census_points=3")
    experiment = Experiment(tiny(*plane), censused)
    experiment.run()
    assert set(computed) == {"curves.lif.plane", "curves.qif.plane"}
    result = ResultFile(censused / "landscape.h5")
    lif = experiment.config.model[0]
    curves, surface = result.curves("lif", "plane"), result.surface("lif", "plane")
    assert curves is not None
    assert result.curves("lif", "line") is None
    _, test = experiment.context.data
    chosen = test.select(indices=curves.samples)
    # The axis of four points is shifted, and the census is of what is swept.
    lines = [np.linspace(axis[0], axis[-1], 3) for axis in surface.axes]
    direct = trace_curves(
        network_of(experiment, lif), surface.directions, lines, chosen, experiment.context.objective(lif)
    )
    for name in ("point", "jump", "mechanism", "region_area", "ambiguous"):
        np.testing.assert_array_equal(getattr(curves, name), getattr(direct, name), err_msg=name)
    qif = result.curves("qif", "plane")
    assert qif is not None
    assert (len(qif), qif.fragments) == (0, 1)
    assert validate(result.path) == []
    for name in ("curves_plane", "fragments_plane"):
        assert (censused / "figures" / f"{name}.png").is_file()
    text = (censused / "report.md").read_text(encoding="utf-8")
    assert f"| Fragments of the mean loss | {curves.fragments:,} | 1 |" in text
    before = tiny_experiment.contents(censused)
    Experiment(tiny(*plane), censused).run()
    assert tiny_experiment.contents(censused) == before


@pytest.mark.parametrize("damage", ["none", "broken"])
def test_interrupted_curves_go_on_after_the_last_finished_part(
    censused: Path, with_census: Path, computed: list[str], damage: str
) -> None:
    plane = ("slice.plane.census=true", "slice.plane.census_samples=2", "slice.plane.census_points=2")
    config = tiny(*plane, "jobs.shard_cost=0.05")
    with pytest.raises(KeyboardInterrupt):
        Experiment(config, censused, progress=Stop("lif: curves of plane", 1.5)).analyze()
    (folder,) = (path for path in (censused / "pieces").glob("curves.lif.plane.*") if path.is_dir())
    (part,) = folder.iterdir()
    before = part.stat()
    if damage == "broken":
        part.write_bytes(part.read_bytes()[:-300])
    computed.clear()
    progress = Noting()
    Experiment(config, censused, progress=progress).analyze()
    again = f"{folder.name}/{part.name}: damaged, computed again"
    assert (again in progress.said) == (damage != "none")
    assert computed.count("curves.lif.plane") == (1 if damage == "none" else 2)
    assert (part.stat().st_mtime_ns == before.st_mtime_ns) == (damage == "none")
    undisturbed = Path(shutil.copytree(with_census, censused.parent / "undisturbed"))
    Experiment(tiny(*plane), undisturbed).analyze()
    for model in ("lif", "qif"):
        one, other = (ResultFile(folder / "landscape.h5").curves(model, "plane") for folder in (censused, undisturbed))
        assert one is not None
        assert other is not None
        for name in ("point", "jump", "mechanism", "joint", "region_area", "ambiguous"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def test_a_plane_that_cannot_be_simulated_throughout_says_so(censused: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments, **options):
        raise UnfitSampleError(2)

    monkeypatch.setattr(curves, "traced_samples", refuse)
    progress = Noting()
    Experiment(tiny("slice.plane.census=true"), censused, progress=progress).analyze()
    reason = str(UnfitSampleError(2))
    assert f"census of slice plane (lif): left out: {reason}" in progress.said
    result = ResultFile(censused / "landscape.h5")
    assert result.curves("lif", "plane") is None
    assert result.surface("lif", "plane").attributes["census_skipped"] == reason
    assert validate(result.path) == []


def test_a_study_is_merged_before_everything_is_measured(censused: Path) -> None:
    from landscape.jobs import merge

    for kind in ("anatomy", "fragments"):
        piece(censused, f"{kind}.lif.line").unlink()
    merged = merge(Experiment(tiny(), censused))
    assert [name.rsplit(".", 2)[0] for name in merged.missing] == ["anatomy.lif.line", "fragments.lif.line"]
    result = ResultFile(censused / "landscape.h5")
    assert (result.anatomy("lif", "line"), result.fragments("lif", "line")) == (None, None)
    for found in (result.census("lif", "line"), result.anatomy("qif", "line"), result.fragments("qif", "line")):
        assert found is not None
    assert validate(result.path) == []
    Experiment(tiny(), censused).analyze()
    assert result.anatomy("lif", "line") is not None
    assert merge(Experiment(tiny(), censused)).complete
