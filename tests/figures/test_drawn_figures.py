"""The figures: what is drawn where, and that any result file can be drawn."""

from __future__ import annotations

from types import SimpleNamespace

import h5py
import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from mpl_toolkits.mplot3d import Axes3D
from synthetic import results as synthetic

from landscape.errors import InputError, ResultFileError
from landscape.figures import draw_all, plot_data
from landscape.figures.kinds.gradient_norm import gradient_norm_figure
from landscape.figures.kinds.profiles import profile_figure
from landscape.figures.kinds.raster import raster_figure
from landscape.figures.kinds.silent import silent_figure
from landscape.figures.kinds.surface import loss_figure
from landscape.figures.kinds.surface3d import surface_figure
from landscape.figures.kinds.training import training_figure
from landscape.figures.material import Material
from landscape.figures.saving import save_figure, settle
from landscape.figures.scales import cell_edges, common_scale
from landscape.figures.style import SETTINGS, model_colors, style
from landscape.fragmentation import analyze
from landscape.results import ModelResult, SliceResult, write_results
from landscape.simulator.raster_record import RasterData
from landscape.slices.surface import Status
from landscape.training.record import TrainingRecord

NAMES = [
    "surface_plane",
    "surface3d_plane",
    "gradient_norm_plane",
    "silent_plane",
    "profiles_line",
    "discontinuities_line",
    "jumps_line",
    "training",
    "raster",
]


def material_of(tmp_path, planes=None, lines=None, models=None):
    """Material from surfaces by model."""
    names = list(planes or lines or {})
    results = models or {}
    for name in names:
        slices = {"plane": planes[name]} if planes else {}
        if lines:
            slices["line"] = lines[name]
        results[name] = ModelResult(
            network=synthetic.network(name),
            slices={key: SliceResult(value, **analyze(value)) for key, value in slices.items()},
        )
    write_results(tmp_path / "r.h5", results)
    return Material.read(tmp_path / "r.h5")


def caption(figure):
    """The text under the axes, on one line."""
    return " ".join(figure.texts[-1].get_text().split())


def render(figure):
    """Draw a figure to memory as it would be saved; returns its pixels."""
    figure.set_dpi(60)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


@pytest.fixture(scope="module")
def result_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "landscape.h5"
    synthetic.write_example(path, plane=(7, 4), line=15)
    return path


@pytest.fixture(scope="module")
def drawn_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("drawn") / "landscape.h5"
    synthetic.write_example(path, models=("lif",), plane=(5, 4), line=15)
    return path


@pytest.fixture(scope="module", autouse=True)
def coarse_pixels():
    """Fewer dots per inch than in print: these tests look at what is drawn, not at how finely."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SETTINGS, "savefig.dpi", 50.0)
        yield


@pytest.fixture(scope="module")
def drawn(drawn_path):
    return draw_all(drawn_path, drawn_path.parent / "figures", ("png",))


def test_all_figures_are_drawn_under_stable_names(drawn):
    assert [path.name for path in drawn] == [f"{name}.png" for name in NAMES]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in drawn)
    assert sorted(p.name for p in drawn[0].parent.iterdir()) == sorted(path.name for path in drawn)


def test_each_figure_is_drawn_in_every_format_and_text_in_pdf_is_truetype(tmp_path):
    write_results(tmp_path / "r.h5", {"lif": ModelResult(raster=synthetic.raster())})
    files = draw_all(tmp_path / "r.h5", tmp_path, ("pdf", "png", "svg"))
    assert [path.name for path in files] == ["raster.pdf", "raster.png", "raster.svg"]
    content = files[0].read_bytes()
    assert content.startswith(b"%PDF")
    assert b"/CIDFontType2" in content or b"/TrueType" in content
    assert b"/Type3" not in content


def test_the_same_file_gives_the_same_bytes(drawn, drawn_path, tmp_path):
    material = Material.read(drawn_path)
    with style():
        for name, figure in (
            ("silent_plane.png", silent_figure(material, "plane")),
            ("surface3d_plane.png", surface_figure(material, "plane")),
        ):
            settle(figure)
            again = save_figure(figure, tmp_path / name)
            assert again.read_bytes() == next(p for p in drawn if p.name == name).read_bytes(), name


def test_drawing_leaves_the_settings_of_matplotlib_alone_and_is_not_changed_by_them(result_path, tmp_path):
    with mpl.rc_context({"font.size": 31.0, "axes.grid": True, "lines.linewidth": 9.0, "image.cmap": "jet"}):
        before = dict(mpl.rcParams)
        with style():
            pixels = render(silent_figure(Material.read(result_path), "plane"))
        assert dict(mpl.rcParams) == before
    with style():
        usual = render(silent_figure(Material.read(result_path), "plane"))
    np.testing.assert_array_equal(pixels, usual)


def test_the_first_axis_runs_to_the_right_on_a_grid_that_is_not_square(tmp_path):
    plane = synthetic.surface("qif", (7, 4))
    plane.loss = np.arange(7.0)[:, None] + 10.0 * np.arange(4.0)
    material = material_of(tmp_path, {"qif": plane})
    with style():
        figure = loss_figure(material, "plane")
    mesh = figure.axes[0].collections[0]
    corners = mesh.get_coordinates()
    values = mesh.get_array().reshape(4, 7)
    for i in range(7):
        for j in range(4):
            x = corners[j : j + 2, i : i + 2, 0].mean()
            y = corners[j : j + 2, i : i + 2, 1].mean()
            assert (x, y) == pytest.approx((plane.axes[0][i], plane.axes[1][j]))
            assert values[j, i] == plane.loss[i, j]
    assert figure.axes[0].get_xlim()[1] > 1.0
    assert figure.axes[0].get_xlabel() == "Position along direction 1"


def test_the_surface_in_three_dimensions_is_not_transposed(tmp_path, monkeypatch):
    plane = synthetic.surface("qif", (7, 4))
    seen = []
    monkeypatch.setattr(Axes3D, "plot_surface", lambda self, x, y, z, **options: seen.append((x, y, z)))
    with style():
        surface_figure(material_of(tmp_path, {"qif": plane}), "plane")
    x, y, z = seen[0]
    for i in range(7):
        for j in range(4):
            assert (x[i, j], y[i, j], z[i, j]) == (plane.axes[0][i], plane.axes[1][j], plane.loss[i, j])


def test_models_stand_side_by_side_on_one_scale(result_path):
    material = Material.read(result_path)
    with style():
        figure = loss_figure(material, "plane")
        lines = profile_figure(material, "line")
    limits = {axes.collections[0].get_clim() for axes in figure.axes[:2]}
    assert len(limits) == 1
    low, high = limits.pop()
    losses = [surface.loss for surface in material.surfaces["plane"].values()]
    assert (low, high) == (min(loss.min() for loss in losses), max(loss.max() for loss in losses))
    assert [axes.get_title() for axes in figure.axes[:2]] == ["LIF", "QIF"]
    for row in np.array(lines.axes).reshape(4, 2):
        assert row[0].get_ylim() == row[1].get_ylim()
        assert row[0].get_xlim() == row[1].get_xlim()


@pytest.mark.parametrize("make", [loss_figure, surface_figure, gradient_norm_figure, silent_figure])
def test_captions_say_model_data_directions_seed_and_samples(result_path, make):
    with style():
        text = caption(make(Material.read(result_path), "plane"))
    for words in (
        "20-8-3",
        "synthetic digits (test)",
        "Gaussian random",
        "weight norm",
        "seed 0 (LIF) / seed 1 (QIF)",
    ):
        assert words in text
    assert "100 samples" in text
    assert "missing_spike_increase" in text


def test_axes_keys_and_caption_do_not_run_into_one_another(tmp_path):
    plane = synthetic.partly_finished(synthetic.surface("lif", (21, 21)))
    write_results(
        tmp_path / "r.h5",
        {
            "lif": ModelResult(network=synthetic.network(), slices={"plane": SliceResult(plane, **analyze(plane))}),
            "qif": ModelResult(slices={"plane": synthetic.surface("qif", (21, 21))}, training=synthetic.training()),
        },
    )
    material = Material.read(tmp_path / "r.h5")
    with style():
        for figure in (gradient_norm_figure(material, "plane"), training_figure(material)):
            render(figure)
            boxes = [axes.get_tightbbox() for axes in figure.axes]
            keys = figure.legends[0].get_window_extent()
            assert min(box.y0 for box in boxes) >= figure.texts[-1].get_window_extent().y1
            assert max(box.y1 for box in boxes) <= keys.y0
            assert keys.y1 <= figure.bbox.y1
            assert min(box.x0 for box in boxes) >= 0.0
            assert max(box.x1 for box in boxes) <= figure.bbox.x1
            assert figure.texts[-1].get_window_extent().x1 <= figure.bbox.x1


def test_training_curves_say_the_settings_and_show_every_column(result_path):
    material = Material.read(result_path)
    with style():
        figure = training_figure(material)
    assert "optimizer adam" in caption(figure)
    assert "Training on digits" in caption(figure)
    drawn_losses = [line.get_ydata() for line in figure.axes[0].get_lines()]
    for record in material.of(TrainingRecord).values():
        for name in ("train_loss", "test_loss"):
            assert any(np.array_equal(values, record.history[name]) for values in drawn_losses)


def test_the_raster_shows_every_spike_once(result_path):
    material = Material.read(result_path)
    with style():
        figure = raster_figure(material)
    shown = sum(line.get_xdata().size for axes in figure.axes[::2] for line in axes.get_lines())
    assert shown == material.of(RasterData)["lif"].time.size
    assert "Predicted class: LIF: 3; QIF: 3" in caption(figure)


def test_many_networks_of_one_model_share_a_colour_a_key_and_a_raster(tmp_path):
    names = [f"{kind}_seed{k}" for kind in ("lif", "qif") for k in range(1, 5)]
    models = synthetic.results(("lif", "qif"), plane=(3, 2), line=3)
    write_results(tmp_path / "r.h5", {name: models[name[:3]].changed(slices={}) for name in names})
    material = Material.read(tmp_path / "r.h5")
    with style():
        training, raster = training_figure(material), raster_figure(material)
    assert [text.get_text() for text in training.legends[0].get_texts()][:2] == ["LIF", "QIF"]
    assert "(LIF seeds 1 to 4, QIF seeds 1 to 4)" in caption(training)
    assert "Remedies in training: LIF seeds 1 to 4: missing_spike_increase" in caption(training)
    assert len(raster.axes) == 2 * 3
    assert "Predicted class: LIF seed 1: 3; QIF seed 1: 3" in caption(raster)


def test_points_without_a_value_are_hatched_and_not_made_up(tmp_path):
    plane = synthetic.partly_finished(synthetic.surface(shape=(21, 21)))
    line = synthetic.partly_finished(synthetic.surface(shape=(101,)), 60)
    material = material_of(tmp_path, {"lif": plane}, {"lif": line})
    with style():
        figure = loss_figure(material, "plane")
        mesh = next(c for c in figure.axes[0].collections if type(c).__name__ == "QuadMesh")
        mask = np.ma.getmaskarray(mesh.get_array()).reshape(21, 21).T
        np.testing.assert_array_equal(mask, plane.status != Status.DONE)
        labels = [text.get_text() for text in figure.legends[0].get_texts()]
        assert labels == ["not evaluated", "failed or not finite"]
        assert f"{np.count_nonzero(mask)} without a value" in caption(figure)
        profile = profile_figure(material, "line")
        drawn_loss = profile.axes[0].get_lines()[-1].get_ydata()
        np.testing.assert_array_equal(np.isnan(drawn_loss), line.status != Status.DONE)
        assert "not evaluated" in caption(profile)
        render(surface_figure(material, "plane"))


def test_a_wide_range_of_losses_is_drawn_on_a_logarithmic_scale_and_said(tmp_path):
    plane, line = synthetic.surface("lif", (9, 9)), synthetic.surface("lif", (41,))
    for surface in (plane, line):
        surface.loss = 10.0 ** (4.0 * surface.loss - 4.0)
    plane.loss[0, 0] = 0.0
    line.directional_derivative[20] = 1e6
    material = material_of(tmp_path, {"lif": plane}, {"lif": line})
    with style():
        figure, profile = loss_figure(material, "plane"), profile_figure(material, "line")
        assert "Logarithmic colour scale" in caption(figure)
        assert any("log scale" in axes.get_ylabel() for axes in figure.axes)
        assert [text.get_text() for text in figure.legends[0].get_texts()] == ["exactly 0"]
        assert profile.axes[0].get_yscale() == "log"
        assert "log scale" in profile.axes[0].get_ylabel()
        assert profile.axes[2].get_yscale() == "symlog"
        assert "logarithmic beyond" in caption(profile)
        for each in (profile, surface_figure(material, "plane")):
            render(each)


def test_constant_and_infinite_losses_and_single_points_can_be_drawn(tmp_path):
    constant = synthetic.surface("lif", (5, 5))
    constant.loss[...] = np.log(3.0)
    constant.gradient_norm[...] = 0.0
    constant.directional_derivative[...] = 0.0
    nothing = synthetic.surface("qif", (5, 5))
    for values in (nothing.loss, nothing.gradient_norm):
        values[...] = np.inf
    nothing.status[...] = Status.NOT_FINITE
    flat = synthetic.surface("lif", (11,))
    flat.loss[...] = 2.0
    flat.directional_derivative[...] = 0.0
    material = material_of(
        tmp_path, {"lif": constant, "qif": nothing}, {"lif": flat, "qif": synthetic.surface("qif", (1,))}
    )
    with style():
        figures = [
            loss_figure(material, "plane"),
            gradient_norm_figure(material, "plane"),
            silent_figure(material, "plane"),
            surface_figure(material, "plane"),
            profile_figure(material, "line"),
        ]
        for figure in figures[1::2]:
            render(figure)
    assert [text.get_text() for text in figures[1].legends[0].get_texts()] == [
        "exactly 0",
        "failed or not finite",
    ]


def test_a_plane_none_of_whose_points_is_finite_can_be_drawn(tmp_path):
    nothing = synthetic.surface("qif", (3, 5))
    nothing.loss[...] = np.nan
    nothing.status[...] = Status.PENDING
    material = material_of(tmp_path, {"qif": nothing})
    with style():
        render(loss_figure(material, "plane"))
        assert silent_figure(material, "plane") is not None
        assert surface_figure(material, "plane") is None


def test_layers_have_rows_of_their_own_in_the_silent_map(tmp_path):
    deep = {
        "lif": synthetic.surface("lif", (5, 5), hidden_sizes=(3, 4)),
        "qif": synthetic.surface("qif", (5, 5)),
    }
    write_results(tmp_path / "r.h5", {name: ModelResult(slices={"plane": s}) for name, s in deep.items()})
    with style():
        figure = silent_figure(Material.read(tmp_path / "r.h5"), "plane")
    labels = [axes.get_ylabel().splitlines()[0] for axes in figure.axes[:4:2]]
    assert labels == ["Hidden layer 1", "Hidden layer 2"]


def test_four_models_one_of_them_without_everything_can_be_drawn(tmp_path):
    path = tmp_path / "r.h5"
    models = synthetic.results(("lif", "qif", "theta"), plane=(5, 5), line=7)
    write_results(path, {**models, "oscillatory_lif": ModelResult()}, {"config": "not = [toml"})
    material = Material.read(path)
    assert len(set(material.colors.values())) == 4
    with style():
        render(surface_figure(material, "plane"))
        assert len(loss_figure(material, "plane").axes) == 4
        assert len(raster_figure(material).axes) == 9
        assert training_figure(material) is not None


def test_an_empty_result_file_gives_no_figures(tmp_path):
    write_results(tmp_path / "r.h5", {"lif": ModelResult()})
    assert draw_all(tmp_path / "r.h5", tmp_path / "figures") == []


def test_models_of_the_same_neuron_differ_in_colour():
    colors = model_colors(["lif", "lif-remedies", "lif-large", "qif"], ["lif", "lif", "lif", "qif"])
    assert len(set(colors)) == 4
    assert colors[0] == "#D55E00"


def test_networks_of_one_model_are_shades_of_its_colour():
    names = [f"{kind}_seed{k}" for kind in ("lif", "qif") for k in range(1, 11)]
    colors = model_colors(names, [name[:3] for name in names])
    assert (colors[0], colors[10]) == ("#D55E00", "#0072B2")
    assert len(set(colors)) == 20


def test_bad_requests_name_the_remedy(result_path, tmp_path):
    with pytest.raises(InputError, match="figure format 'jpeg': use pdf, png, svg"):
        draw_all(result_path, tmp_path, ("jpeg",))
    with pytest.raises(ResultFileError, match="no such file"):
        draw_all(tmp_path / "none.h5", tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="choose a folder"):
        draw_all(result_path, tmp_path / "file" / "figures", ("png",))


class TestDataRasters:
    def data(self, n_samples=9, n_channels=20):
        rng = np.random.default_rng(0)
        sizes = rng.integers(0, 40, n_samples)
        offsets = np.concatenate(([0], np.cumsum(sizes)))
        return SimpleNamespace(
            times=np.concatenate([np.sort(rng.random(n)) for n in sizes]),
            channels=rng.integers(0, n_channels, offsets[-1]),
            offsets=offsets,
            labels=np.arange(n_samples) % 4,
            n_channels=n_channels,
            n_classes=4,
        )

    def test_one_sample_of_each_class_is_shown_where_none_is_chosen(self, tmp_path):
        figure = plot_data(self.data(), tmp_path / "data.png", name="made up")
        assert [axes.get_title("left") for axes in figure.axes[:4]] == [f"class {k}" for k in range(4)]
        assert "made up: 4 of 9 samples, 20 channels, 4 classes" in caption(figure)
        assert (tmp_path / "data.png").read_bytes().startswith(b"\x89PNG")

    def test_every_spike_of_a_chosen_sample_is_shown(self):
        data = self.data()
        figure = plot_data(data, samples=[5])
        assert figure.axes[0].get_lines()[0].get_xdata().size == data.offsets[6] - data.offsets[5]

    def test_bad_requests_name_the_remedy(self, tmp_path):
        with pytest.raises(InputError, match="sample 9: the data set has samples 0 to 8"):
            plot_data(self.data(), samples=[9])
        with pytest.raises(InputError, match="at least one"):
            plot_data(self.data(), samples=[])
        with pytest.raises(InputError, match=r"use .pdf, .png or .svg"):
            plot_data(self.data(), tmp_path / "data.bmp")


def test_cells_meet_half_way_between_the_points():
    np.testing.assert_allclose(cell_edges(np.array([0.0, 1.0, 3.0])), [-0.5, 0.5, 2.0, 4.0])
    np.testing.assert_allclose(cell_edges(np.array([2.0])), [1.5, 2.5])


def test_a_scale_spans_all_panels_and_is_logarithmic_only_for_wide_positive_values():
    assert common_scale([np.array([np.nan])]) is None
    linear = common_scale([np.array([-1e6, 2.0]), np.array([5.0, np.inf])])
    assert linear is not None
    assert (linear.low, linear.high, linear.logarithmic) == (-1e6, 5.0, False)
    wide = common_scale([np.array([0.0, 1e-2, 1e3])])
    assert wide is not None
    assert (wide.low, wide.high, wide.logarithmic) == (1e-2, 1e3, True)
    same = common_scale([np.full(3, 2.0)])
    assert same is not None
    assert same.constant
    assert same.low < 2.0 < same.high


def test_figures_are_drawn_from_the_file_alone(result_path, tmp_path):
    """Other numbers in the file give other figures: nothing is recomputed or remembered."""
    path = tmp_path / "r.h5"
    path.write_bytes(result_path.read_bytes())
    with h5py.File(path, "a") as file:
        file["qif/plane/loss"][...] += 1.0
    with style():
        changed = loss_figure(Material.read(path), "plane")
    assert changed.axes[1].collections[0].get_array().min() > 1.0
