"""Result files and records in xarray."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import xarray
from synthetic import anatomy as synthetic_anatomy
from synthetic import results as synthetic

from landscape.errors import InputError
from landscape.fragmentation import compare_tables
from landscape.h5.labelled import to_xarray
from landscape.h5.layout import layout_of
from landscape.h5.tree import parts_of_slices
from landscape.results import write_results
from landscape.slices.surface import Surface


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A file with every kind of result."""
    models = synthetic.results(("lif", "qif"), (5, 4), 9)
    for name, model in models.items():
        census = model.slices["line"].census
        model.slices["line"] = model.slices["line"].changed(
            surface=synthetic.surface(name, (9,), samples=7), anatomy=synthetic_anatomy.anatomy(census)
        )
        axes = [np.linspace(-1.0, 1.0, 5), np.linspace(-0.5, 0.5, 4)]
        model.slices["plane"] = model.slices["plane"].changed(curves=synthetic_anatomy.curves(axes, crossing=True))
    values = np.random.default_rng(0).uniform(0.0, 1.0, (2, 3, 2))
    comparison = compare_tables(("lif", "qif"), {"total_jump": values}, primary="total_jump", resamples=9)
    path = tmp_path_factory.mktemp("tree") / "landscape.h5"
    write_results(path, models, comparison=comparison)
    return path


def test_a_file_with_every_kind_of_result_opens_as_a_tree(written):
    with xarray.open_datatree(written, engine="h5netcdf") as tree:
        tree.load()
        line = tree["lif/line"]
        assert line["loss"].dims == ("axis_0",)
        assert line["discontinuities/jump"].dims == ("discontinuity",)
        assert line["discontinuities/spike_layer"].dims == ("discontinuity",)
        np.testing.assert_array_equal(line["directions"].coords["direction"], [0])
        assert {node.path for node in tree.subtree} >= {
            "/lif/plane/curves",
            "/qif/line/anatomy",
            "/lif/training/initial/constants",
            "/comparison",
        }


def test_no_group_has_an_array_of_the_name_of_a_coordinate_that_it_inherits():
    for kind in parts_of_slices().values():
        own = {spec.name for spec in layout_of(kind).arrays if not spec.is_coordinate}
        assert not own & set(layout_of(Surface).dims), kind


def test_layers_have_one_numbering_in_the_whole_file(written):
    with xarray.open_datatree(written, engine="h5netcdf") as tree:
        np.testing.assert_array_equal(tree["lif/plane"].coords["layer"], [0, 1])
        assert set(tree["lif/plane/hidden_neuron_layer"].values) == {0}
        assert set(tree["lif/plane/regions/region_layer"].values) == {0}
        assert set(tree["lif/raster/layer"].values) == {-1, 0, 1}
        assert tree["lif/network/weights_0"].dims == ("neuron_0", "channel")


@pytest.mark.parametrize(
    ("group", "made"),
    [
        ("lif/plane", lambda: synthetic.results(("lif",), (5, 4), 9)["lif"].slices["plane"].surface),
        ("lif/line/discontinuities", synthetic.census),
        ("lif/raster", synthetic.raster),
        ("lif/training", synthetic.training),
        ("lif/network", synthetic.network),
    ],
)
def test_a_record_makes_the_dataset_that_the_file_gives(written, group, made):
    expected = to_xarray(made())
    with xarray.open_dataset(written, group=group, engine="h5netcdf") as data:
        xarray.testing.assert_equal(data.load(), expected)
        for name, variable in expected.variables.items():
            assert data[name].attrs["units"] == variable.attrs["units"]


def test_without_xarray_there_is_one_line_that_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(InputError, match=r"install spiking-landscape\[xarray\]"):
        to_xarray(synthetic.raster())
