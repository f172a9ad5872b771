"""The figures of the census: what is drawn where, and that any census can be drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection
from synthetic import anatomy as synthetic_anatomy
from synthetic import results as synthetic

from landscape.figures import draw_all
from landscape.figures.kinds.comparison import comparison_figure, shown_measures
from landscape.figures.kinds.curves import curve_figure
from landscape.figures.kinds.discontinuities import curve_with_jumps, discontinuity_figure
from landscape.figures.kinds.fragments import distinct_numbers, fragment_figure
from landscape.figures.kinds.jumps import jump_size_figure
from landscape.figures.kinds.potential import potential_figure
from landscape.figures.kinds.spikes import spike_map_figure
from landscape.figures.material import Material
from landscape.figures.style import MECHANISMS, SETTINGS, style
from landscape.fragmentation import Curves, analyze
from landscape.fragmentation.anatomy_record import Anatomy
from landscape.fragmentation.census import Census
from landscape.fragmentation.comparison import compare_tables
from landscape.results import ModelResult, SliceResult, write_results


def line_results(models=("lif", "qif"), count=12, anatomies=True, **options):
    found: dict[str, ModelResult] = {}
    most = None
    for number, kind in enumerate(models):
        census = synthetic.census(kind, count, samples=100, seed=number, **options)
        line = synthetic.surface(kind, (41,), seed=number)
        most = int(np.bincount(census.sample, minlength=1).argmax()) if most is None else most
        anatomy = synthetic_anatomy.anatomy(census, sample=most, seed=number) if anatomies else None
        result = SliceResult(line, **analyze(line), census=census, anatomy=anatomy)
        found[kind] = ModelResult(network=synthetic.network(kind), slices={"line": result})
    return found


def material_of(path, results, **records):
    write_results(path, results, **records)
    return Material.read(path)


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    return material_of(tmp_path_factory.mktemp("census") / "r.h5", line_results())


def caption(figure):
    return " ".join(figure.texts[-1].get_text().split())


def render(figure):
    figure.set_dpi(60)
    FigureCanvasAgg(figure).draw()


def drawn_texts(axes):
    return " ".join(" ".join(text.get_text().split()) for text in axes.texts)


def test_every_discontinuity_has_a_tick_in_the_lane_and_the_colour_of_its_mechanism(material):
    with style():
        figure = discontinuity_figure(material, "line")
    lanes = figure.axes[4]
    census = material.of(Census, "line")["lif"]
    assert [label.get_text() for label in lanes.get_yticklabels()] == ["order", "grazing", "trial end"]
    shown = {}
    for lane in lanes.collections:
        segments = lane.get_segments()
        shown[round(float(np.mean(segments[0][:, 1])))] = sorted(segment[0, 0] for segment in segments)
    for number, mechanism in enumerate(MECHANISMS):
        np.testing.assert_array_equal(shown[-number], np.sort(census.position[census.mechanism == mechanism]))


def test_sizes_of_jumps_of_the_mean_loss_are_drawn_at_their_positions(material):
    with style():
        figure = discontinuity_figure(material, "line")
    census = material.of(Census, "line")["lif"]
    lines = [line for line in figure.axes[2].get_lines() if line.get_marker() in "^os"]
    places = np.concatenate([line.get_xdata() for line in lines])
    sizes = np.concatenate([line.get_ydata() for line in lines])
    order = np.argsort(places)
    np.testing.assert_array_equal(places[order], census.position)
    np.testing.assert_array_equal(sizes[order], np.abs(census.jump) / 100)


def test_a_model_without_discontinuities_says_so_with_the_number_of_transitions(material):
    with style():
        figure = discontinuity_figure(material, "line")
    assert drawn_texts(figure.axes[3]) == "no discontinuity at 1,000 transitions examined"
    assert not figure.axes[3].collections
    assert "QIF: no discontinuity at 1,000 transitions" in caption(figure)
    assert "LIF: 12 discontinuities (4 order, 4 grazing, 4 trial end)" in caption(figure)
    assert "over 100 samples" in caption(figure)


def test_models_share_the_scales_of_all_rows(material):
    with style():
        figures = [discontinuity_figure(material, "line"), spike_map_figure(material, "line")]
    for figure in figures:
        for left, right in np.array(figure.axes).reshape(3, 2):
            assert left.get_ylim() == right.get_ylim()
            assert left.get_xlim() == right.get_xlim()


def test_a_curve_jumps_where_and_by_how_much_the_loss_does_and_passes_through_the_points():
    x = np.array([0.0, 1.0, 2.0])
    position, jump = np.array([0.25, 0.5, 1.5]), np.array([3.0, -1.0, 2.0])
    y = 0.5 * x + np.array([0.0, 2.0, 4.0])
    places, values, sides = curve_with_jumps(x, y, position, jump)
    np.testing.assert_allclose(sides, [[0.125, 3.125], [3.25, 2.25], [2.75, 4.75]])
    np.testing.assert_array_equal(places[np.isnan(values)], position)
    for point, value in zip(x, y, strict=True):
        assert values[places == point] == [value]
    assert np.all(np.diff(places) >= 0.0)


def test_a_point_on_a_jump_is_on_its_right():
    places, values, _ = curve_with_jumps(
        np.array([0.0, 1.0, 2.0]), np.array([0.0, 5.0, 5.0]), np.array([1.0]), np.array([5.0])
    )
    np.testing.assert_array_equal(places, [0.0, 1.0, 1.0, 1.0, 2.0])
    np.testing.assert_array_equal(values, [0.0, 0.0, np.nan, 5.0, 5.0])


def test_a_census_over_fewer_samples_does_not_change_the_curve_of_the_mean_loss(tmp_path):
    results = line_results(("lif",), anatomies=False)
    line = results["lif"].slices["line"]
    fewer = line.changed(census=replace(line.census, n_samples=50))
    material = material_of(tmp_path / "r.h5", {"lif": results["lif"].changed(slices={"line": fewer})})
    with style():
        figure = discontinuity_figure(material, "line")
    assert any(np.array_equal(drawn.get_ydata(), line.surface.loss) for drawn in figure.axes[0].get_lines())
    assert "over more samples than the discontinuities" in caption(figure)
    assert figure.axes[0].get_title() == "LIF: jumps of 50 of 100 samples"


def test_where_the_loss_of_each_sample_is_known_the_curve_is_that_of_the_samples_of_the_census(tmp_path):
    results = line_results(("lif",), anatomies=False)
    line = results["lif"].slices["line"]
    rng = np.random.default_rng(1)
    numbers = np.arange(0, 100, 10)
    losses = rng.uniform(1.0, 2.0, (line.surface.n_points, 100))
    census = replace(line.census, n_samples=10, samples=numbers)
    fewer = line.changed(surface=replace(line.surface, sample_loss=losses), census=census)
    material = material_of(tmp_path / "r.h5", {"lif": results["lif"].changed(slices={"line": fewer})})
    with style():
        figure = discontinuity_figure(material, "line")
    assert figure.axes[0].get_title() == "LIF"
    drawn = np.concatenate([drawn.get_ydata() for drawn in figure.axes[0].get_lines()])
    assert np.isin(losses[:, numbers].mean(axis=1), drawn).all()
    assert "Mean loss of 10 samples along the slice 'line' and every discontinuity of it" in caption(figure)


def test_infinite_jumps_and_unresolved_pieces_can_be_drawn_and_are_said(tmp_path):
    results = line_results(("lif",), unresolved=2)
    line = results["lif"].slices["line"]
    jump, loss = line.census.jump.copy(), line.census.loss.copy()
    jump[3], loss[3, 1] = np.inf, np.inf
    changed = line.changed(census=replace(line.census, jump=jump, loss=loss))
    material = material_of(tmp_path / "r.h5", {"lif": results["lif"].changed(slices={"line": changed})})
    with style():
        figure = discontinuity_figure(material, "line")
        render(figure)
        assert "infinite loss" in caption(figure)
        assert "not told apart (2 of LIF)" in caption(figure)
        sizes = jump_size_figure(material, "line")
        assert "11 jumps of 100 samples" in caption(sizes)
        assert "1 infinite" in caption(sizes)


def test_thousands_of_discontinuities_are_drawn_as_pixels(tmp_path):
    material = material_of(tmp_path / "r.h5", line_results(("lif",), 4000, anatomies=False))
    with style():
        figure = discontinuity_figure(material, "line")
    assert all(lane.get_rasterized() for lane in figure.axes[2].collections)


def test_jump_sizes_are_a_survival_function_per_sample_and_length(material):
    with style():
        figure = jump_size_figure(material, "line")
    census = material.of(Census, "line")["lif"]
    sizes, share = figure.axes[0].get_lines()[0].get_data()
    np.testing.assert_array_equal(sizes, np.sort(np.abs(census.jump)))
    np.testing.assert_allclose(share, np.arange(12, 0, -1) / (100 * 2.0))
    assert "QIF: no discontinuity at 1,000 transitions of 100 samples" in caption(figure)


def test_bars_of_shares_fill_their_rows(material):
    with style():
        figure = jump_size_figure(material, "line")
    rows = {}
    for bar in figure.axes[1].patches:
        rows[bar.get_y()] = rows.get(bar.get_y(), 0.0) + bar.get_width()
    assert len(rows) == 4
    np.testing.assert_allclose(list(rows.values()), 1.0)


def test_two_models_with_jumps_stand_in_one_axis_with_bars_of_their_own(tmp_path):
    material = material_of(tmp_path / "r.h5", line_results(("lif", "oscillatory_lif")))
    with style():
        figure = jump_size_figure(material, "line")
        render(figure)
    labels = [label.get_text() for label in figure.axes[1].get_yticklabels()]
    assert len(labels) == 8
    assert labels[0] == "LIF: mechanism, by number"


def test_the_spike_map_shows_every_curve_and_breaks_the_loss_at_discontinuities(material):
    with style():
        figure = spike_map_figure(material, "line")
    anatomy = material.of(Anatomy, "line")["lif"]
    collections = [c for axes in figure.axes[2::2] for c in axes.collections if isinstance(c, LineCollection)]
    assert sum(len(collection.get_segments()) for collection in collections) == anatomy.curve_layer.size
    loss = figure.axes[0].get_lines()[0].get_ydata()
    own = material.of(Census, "line")["lif"].of_sample(anatomy.sample)
    assert np.count_nonzero(np.isnan(loss)) == len(own)
    np.testing.assert_array_equal(loss[~np.isnan(loss)], anatomy.loss)
    assert "QIF: the sample's loss has no discontinuity" in caption(figure)
    assert f"sample {anatomy.sample} of the census (class 1)" in caption(figure)
    upright = [line for line in figure.axes[0].get_lines()[1:] if len(set(line.get_xdata())) == 1]
    assert sorted(line.get_xdata()[0] for line in upright) == own.position.tolist()


def test_networks_of_different_depth_have_the_layers_that_they_have(tmp_path):
    results = line_results()
    line = results["qif"].slices["line"]
    deep = line.changed(anatomy=synthetic_anatomy.anatomy(line.census, sizes=(20, 4, 5, 3)))
    results["qif"] = results["qif"].changed(slices={"line": deep})
    material = material_of(tmp_path / "r.h5", results)
    with style():
        figure = spike_map_figure(material, "line")
        render(figure)
    assert len(figure.axes) == 8


@pytest.mark.parametrize("mechanism", ["order", "grazing", "trial_end"])
def test_both_sides_of_a_discontinuity_are_drawn_and_explained(tmp_path, mechanism):
    results = line_results(("lif",))
    line = results["lif"].slices["line"]
    own = line.census.of_sample(line.anatomy.sample)
    own = replace(own, mechanism=np.full(len(own), mechanism))
    sides = synthetic_anatomy.both_sides(own)
    changed = line.changed(anatomy=replace(line.anatomy, both_sides=sides))
    material = material_of(tmp_path / "r.h5", {"lif": results["lif"].changed(slices={"line": changed})})
    with style():
        figure = potential_figure(material, "line")
        render(figure)
    whole = figure.axes[0]
    curves = [np.asarray(line.get_ydata()) for line in whole.get_lines()]
    for side in (0, 1):
        assert any(np.array_equal(curve, sides.potential[sides.side == side]) for curve in curves)
    said = {
        "order": "coincides with a spike of input channel 7 (weight \N{MINUS SIGN}0.9)",
        "grazing": "touches the threshold at 2",
        "trial_end": "at the trial's end",
    }[mechanism]
    assert said in caption(figure)
    assert f"{own.jump[0]:+.3g} nats".replace("-", "\N{MINUS SIGN}") in caption(figure)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert ("incoming spike" in labels) == (mechanism == "order")


def test_files_without_a_census_have_no_figures_of_it(tmp_path):
    write_results(tmp_path / "r.h5", {"lif": ModelResult(slices={"line": synthetic.surface("lif", (5,))})})
    material = Material.read(tmp_path / "r.h5")
    with style():
        for draw in (discontinuity_figure, jump_size_figure, spike_map_figure, potential_figure):
            assert draw(material, "line") is None


def test_the_figures_of_a_census_are_drawn_under_stable_names(tmp_path, monkeypatch):
    monkeypatch.setitem(SETTINGS, "savefig.dpi", 50.0)
    write_results(tmp_path / "r.h5", line_results(("lif",)))
    files = draw_all(tmp_path / "r.h5", tmp_path / "figures", ("png",))
    kinds = ["profiles", "discontinuities", "jumps", "spikes", "potential"]
    assert [path.stem for path in files] == [f"{kind}_line" for kind in kinds]


def test_neighbouring_polygons_differ():
    squares = [
        np.array([[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1], [i, j]], float) for i in range(5) for j in range(4)
    ]
    numbers = np.array(distinct_numbers(squares, 3)).reshape(5, 4)
    assert np.all(np.diff(numbers, axis=0) != 0)
    assert np.all(np.diff(numbers, axis=1) != 0)
    star = [np.array([[0, 0], [k, 1], [k + 1, 1]], float) for k in range(6)]
    assert len(set(distinct_numbers(star[:2], 1))) == 2


@pytest.fixture(scope="module")
def plane_material(tmp_path_factory):
    path = tmp_path_factory.mktemp("plane") / "r.h5"
    planes = {kind: synthetic.surface(kind, (7, 4)) for kind in ("lif", "qif")}
    curves = {kind: synthetic_anatomy.curves(planes[kind].axes, crossing=kind == "lif") for kind in planes}
    slices = {kind: SliceResult(plane, curves=curves[kind]) for kind, plane in planes.items()}
    return material_of(path, {kind: ModelResult(slices={"plane": content}) for kind, content in slices.items()})


def test_curves_are_drawn_in_the_colours_of_their_mechanisms_over_the_loss(plane_material):
    with style():
        figure = curve_figure(plane_material, "plane")
        render(figure)
    curves = plane_material.of(Curves, "plane")["lif"]
    drawn = [c for c in figure.axes[0].collections if isinstance(c, LineCollection)]
    points = np.concatenate([segment for lines in drawn for segment in lines.get_segments()])
    assert sorted(map(tuple, points)) == sorted(map(tuple, curves.point))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["order", "grazing"]
    assert drawn_texts(figure.axes[1]) == "no discontinuity"
    assert figure.axes[0].get_xlim() == (curves.axes[0][0], curves.axes[0][-1])
    assert "LIF: 2 curves of 3 samples through 4 exact points (50% order, 50% grazing)" in caption(figure)
    assert "7 x 4 grid lines" in caption(figure)
    assert "50.0% (LIF) of the cells" in caption(figure)


def test_fragments_are_filled_with_different_colours(plane_material):
    with style():
        figure = fragment_figure(plane_material, "plane")
        render(figure)
    filled = next(c for c in figure.axes[0].collections if isinstance(c, PolyCollection))
    assert len(filled.get_paths()) == 4
    assert len({tuple(color) for color in filled.get_facecolors()}) == 4
    assert drawn_texts(figure.axes[1]) == "one fragment"
    assert "LIF: 4 over 3 samples" in caption(figure)
    assert "QIF: one" in caption(figure)


def test_planes_without_curves_have_no_figures_of_them(material):
    with style():
        assert curve_figure(material, "line") is None
        assert fragment_figure(material, "line") is None


def comparison_of(values, primary="discontinuities_per_length_of_samples"):
    return compare_tables(
        ("lif", "qif"), {primary: values, "other_measure": values[::-1]}, primary=primary, resamples=99
    )


def compared(folder, comparison):
    """Material of two models and their comparison."""
    models = {kind: ModelResult(network=synthetic.network(kind)) for kind in ("lif", "qif")}
    return material_of(folder / "r.h5", models, comparison=comparison)


def test_a_comparison_shows_every_pair_the_difference_and_the_verdict(tmp_path):
    values = np.random.default_rng(0).uniform(5.0, 6.0, (2, 4, 3))
    values[1] = 0.0
    values[0, 1, 2] = np.nan
    comparison = comparison_of(values)
    with style():
        figure = comparison_figure(compared(tmp_path, comparison))
        render(figure)
    pairs = [line.get_ydata() for line in figure.axes[0].get_lines() if len(line.get_ydata()) == 2]
    for number in range(4):
        mean = np.nanmean(values[0, number])
        assert any(np.allclose(pair, [mean, 0.0]) for pair in pairs)
    beside = figure.axes[2]
    found = comparison["discontinuities_per_length_of_samples"].difference
    segment = beside.collections[0].get_segments()[0][:, 1]
    np.testing.assert_allclose(segment, [found.low, found.high])
    # The difference stands level with the second model's mean.
    level = [axes.transData.transform((0.0, y))[1] for axes, y in ((figure.axes[0], 0.0), (beside, found.value))]
    assert level[0] == pytest.approx(level[1], abs=0.1)
    assert comparison.verdict_on("LIF", "QIF") in caption(figure)
    assert caption(figure).startswith("QIF is less fragmented than LIF: ")
    assert "Networks: 4 per model; lines: 11." in caption(figure)


def test_one_network_and_equal_values_can_be_compared_in_a_figure(tmp_path):
    for values in (np.ones((2, 1, 1)), np.zeros((2, 3, 2))):
        with style():
            figure = comparison_figure(compared(tmp_path, comparison_of(values)))
            render(figure)
        assert "not stated" in caption(figure)


def test_measures_without_a_value_are_not_drawn_and_the_deciding_one_comes_first(material, tmp_path):
    values = np.random.default_rng(0).uniform(5.0, 6.0, (2, 4, 3))
    nan = np.full_like(values, np.nan)
    comparison = compare_tables(("lif", "qif"), {"a": values, "b": nan, "c": values}, primary="c", resamples=9)
    assert shown_measures(comparison) == ["c", "a"]
    nothing = compare_tables(("lif", "qif"), {"b": nan}, primary="b", resamples=9)
    with style():
        assert comparison_figure(compared(tmp_path, nothing)) is None
        assert comparison_figure(material) is None
