"""Writing and reading result files, here and with other programs."""

from __future__ import annotations

import os
import pickle
from dataclasses import fields, replace
from datetime import datetime

import h5py
import numpy as np
import pytest
import xarray
from synthetic import results as synthetic

from landscape.errors import InputError, LandscapeError, ResultFileError
from landscape.results import ModelResult, ResultFile, SliceResult, info, provenance, validate, write_results
from landscape.slices.surface import Surface


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("results") / "landscape.h5"
    synthetic.write_example(path, plane=(7, 4), line=21)
    return path


def test_what_was_written_is_read_back_and_can_be_written_again(written, tmp_path):
    original = synthetic.results(plane=(7, 4), line=21)
    file = ResultFile(written)
    assert file.models == ["lif", "qif"]
    for model in file.models:
        assert file.slices(model) == ["plane", "line"]
        for name in file.slices(model):
            expected = original[model].slices[name]
            surface = file.surface(model, name)
            np.testing.assert_array_equal(surface.loss, expected.surface.loss)
            np.testing.assert_array_equal(surface.silent, expected.surface.silent)
            for expected_record, found in (
                (expected.regions, file.regions(model, name)),
                (expected.summary, file.summary(model, name)),
            ):
                assert type(found) is type(expected_record)
                for item in fields(found):
                    values = getattr(expected_record, item.name)
                    np.testing.assert_array_equal(getattr(found, item.name), values, err_msg=item.name)
        network = file.network(model)
        assert network.neuron == model
        assert network.constants == original[model].network.constants
        assert network.duration == 4.0
        for mine, theirs in zip(network.weights, original[model].network.weights, strict=True):
            np.testing.assert_array_equal(mine, theirs)
        raster = file.raster(model)
        assert raster is not None
        np.testing.assert_array_equal(raster.time, original[model].raster.time)
        assert raster.prediction == 3
    write_results(tmp_path / "again.h5", file.read(), file.attributes)
    assert validate(tmp_path / "again.h5") == []
    assert info(tmp_path / "again.h5").splitlines()[1:] == info(written).splitlines()[1:]


def test_the_training_record_is_read_back(written):
    expected = synthetic.training("lif")
    found = ResultFile(written).training("lif")
    assert found is not None
    assert found.best_epoch == expected.best_epoch
    assert found.history.keys() == expected.history.keys()
    for name, column in expected.history.items():
        np.testing.assert_array_equal(found.history[name], column, err_msg=name)
    np.testing.assert_array_equal(found.trajectory, expected.trajectory)
    np.testing.assert_array_equal(found.trajectory_epochs, expected.trajectory_epochs)
    assert found.initial is not None
    np.testing.assert_array_equal(found.initial.weights[0], expected.initial.weights[0])
    assert found.settings == {key: value for key, value in expected.settings.items() if value is not None}
    assert found.at_best("test_loss") == expected.history["test_loss"][expected.best_epoch]


def test_a_history_column_of_ones_own_is_kept(tmp_path):
    record = synthetic.training("lif", epochs=3)
    record = replace(record, history={**record.history, "dropped_samples": np.arange(4.0)})
    write_results(tmp_path / "r.h5", {"lif": ModelResult(training=record)})
    found = ResultFile(tmp_path / "r.h5").training("lif")
    assert found is not None
    np.testing.assert_array_equal(found.history["dropped_samples"], np.arange(4.0))
    assert validate(tmp_path / "r.h5") == []


@pytest.mark.parametrize("group", ["lif/plane", "lif/line"])
def test_xarray_opens_a_slice_with_coordinates_units_and_booleans(written, group):
    surface = Surface.load(written, group)
    with xarray.open_dataset(written, group=group, engine="h5netcdf") as data:
        axes = [f"axis_{number}" for number in range(len(surface.axes))]
        assert data.loss.dims == tuple(axes)
        assert data.directional_derivative.dims == (*axes, "direction")
        assert data.spike_count.dims == (*axes, "layer")
        np.testing.assert_array_equal(data.loss, surface.loss)
        for name, axis in zip(axes, surface.axes, strict=True):
            np.testing.assert_array_equal(data.coords[name], axis)
        assert data.loss.attrs["units"] == "nat"
        assert data.silent.dtype == np.bool_
        np.testing.assert_array_equal(data.silent, surface.silent)
        assert data.status.attrs["flag_meanings"] == "pending done failed not_finite"
        assert data.attrs["objective"] == "first_spike"


def test_xarray_opens_every_group_of_the_file(written):
    with h5py.File(written) as file:
        groups: list[str] = []
        file["lif"].visititems(lambda name, item: groups.append(name) if isinstance(item, h5py.Group) else None)
    assert "training/initial/constants" in groups
    for group in groups:
        with xarray.open_dataset(written, group=f"lif/{group}", engine="h5netcdf") as data:
            data.load()


def test_the_file_holds_only_what_other_hdf5_readers_understand(written):
    """No enumerations (h5py's booleans), no compounds, no datasets of variable length: MATLAB reads none of
    them well.
    """

    def check(name, item):
        if isinstance(item, h5py.Dataset):
            assert item.dtype.kind in "fiu", name
            assert h5py.check_enum_dtype(item.dtype) is None, name
            assert item.id.get_create_plist().get_nfilters() == 0 or item.compression == "gzip", name
            assert {"units", "long_name"} <= set(item.attrs), name
        for key, value in item.attrs.items():
            if key not in ("DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME"):
                assert isinstance(value, (str, np.integer, np.floating, np.ndarray)), (name, key)
                assert np.asarray(value).dtype.kind != "b", (name, key)

    with h5py.File(written) as file:
        file.visititems(check)
        assert file["lif/plane/silent"].dtype == np.uint8


def test_the_first_index_is_the_first_axis_also_on_a_grid_that_is_not_square(written):
    with h5py.File(written) as file:
        assert file["lif/plane/loss"].shape == (7, 4)
        assert file["lif/plane/loss"].dims[0][0].name == "/lif/plane/axis_0"
        assert file["lif/plane/loss"].dims[1][0].name == "/lif/plane/axis_1"


def test_root_attributes_tell_where_the_result_comes_from(written):
    attributes = ResultFile(written).attributes
    assert attributes["format"] == "landscape"
    assert attributes["format_version"] == 2
    assert attributes["config"] == synthetic.CONFIG
    assert attributes["seed"] == 1
    assert datetime.fromisoformat(attributes["created"]).utcoffset().total_seconds() == 0
    assert attributes["version_numpy"] == np.__version__


def test_provenance_names_seeds_versions_and_the_machine_only_when_asked():
    attributes = provenance("a = 1", {"seed": 3, "data": 4}, "abc")
    assert attributes["seed"] == 3
    assert attributes["seed_data"] == 4
    assert "version_landscape" in attributes
    assert "host" not in attributes
    assert "host" in provenance(host=True)


def test_a_slice_that_is_not_sampled_yet_keeps_its_place(tmp_path):
    path = tmp_path / "r.h5"
    line = synthetic.surface(shape=(5,))
    write_results(path, {"lif": ModelResult(slices={"plane": None, "line": line})})
    file = ResultFile(path)
    assert file.slices("lif") == ["line"]
    np.testing.assert_array_equal(file.surface("lif").loss, line.loss)
    assert list(file.model("lif").slices) == ["plane", "line"]
    with h5py.File(path) as raw:
        assert "loss" in raw["lif/line"]
        assert "plane" not in raw["lif"]
    assert validate(path) == []


def test_models_and_slices_keep_the_order_of_the_experiment(tmp_path):
    surfaces = {name: synthetic.surface(shape=(3,)) for name in ("z", "b", "a")}
    names = ("qif", "lif", "aa")
    write_results(tmp_path / "r.h5", {name: ModelResult(slices=surfaces) for name in names})
    file = ResultFile(tmp_path / "r.h5")
    assert tuple(file.models) == names
    assert file.slices("lif") == ["z", "b", "a"]
    assert list(file.read()) == list(names)


def test_a_network_without_hidden_layers_and_an_empty_model_can_be_written(tmp_path):
    path = tmp_path / "r.h5"
    bare = synthetic.surface(shape=(3,), hidden_sizes=())
    write_results(path, {"lif": ModelResult(slices={"line": bare}), "qif": ModelResult()})
    assert validate(path) == []
    assert ResultFile(path).surface("lif").hidden_sizes == ()
    assert ResultFile(path).training("qif") is None
    assert ResultFile(path).raster("qif") is None


def test_a_reader_survives_pickling_and_the_replacement_of_the_file(written, tmp_path):
    path = tmp_path / "r.h5"
    path.write_bytes(written.read_bytes())
    file = pickle.loads(pickle.dumps(ResultFile(path)))
    write_results(path, {"theta": ModelResult()})
    assert file.models == ["theta"]


def test_a_file_that_xarray_holds_open_can_be_read_and_replaced(written, tmp_path):
    path = tmp_path / "r.h5"
    path.write_bytes(written.read_bytes())
    with xarray.open_dataset(path, group="lif/plane", engine="h5netcdf") as data:
        assert ResultFile(path).models == ["lif", "qif"]
        write_results(path, {"theta": ModelResult()})
        assert data.loss.shape == (7, 4)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(written, tmp_path):
    path = tmp_path / "r.h5"
    path.write_bytes(written.read_bytes())
    before = path.read_bytes()
    bad = replace(synthetic.raster(), layer=np.arange(3))
    with pytest.raises(InputError, match="/bad/raster: RasterData: 'layer' has 3 values along 'spike', not"):
        write_results(path, {"lif": ModelResult(network=synthetic.network()), "bad": ModelResult(raster=bad)})
    with pytest.raises(InputError, match="'no_such_measure' is no kind of record that goes here; there are"):
        SliceResult(synthetic.surface(shape=(3,)), no_such_measure=1.0)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["r.h5"]


def test_a_folder_that_cannot_be_written_to_is_named_with_the_remedy(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(InputError, match=r"cannot write there .*; choose a folder"):
        write_results(blocked / "r.h5", {})

    path = tmp_path / "r.h5"
    write_results(path, {"lif": ModelResult()})
    before = path.read_bytes()

    def refuse(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(InputError, match="Permission denied"):
        write_results(path, {})
    monkeypatch.undo()
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(InputError, match="writing failed"):
        write_results(path, {})
    assert path.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["file", "r.h5"]


@pytest.mark.parametrize("name", ["network", "comparison", "a/b", "", ".", "no spaces"])
def test_names_that_mean_something_else_are_refused(tmp_path, name):
    with pytest.raises(InputError, match="name"):
        write_results(tmp_path / "r.h5", {name: ModelResult()})
    with pytest.raises(InputError, match="name"):
        write_results(tmp_path / "r.h5", {"lif": ModelResult(slices={name: synthetic.surface(shape=(3,))})})


class TestFilesThatCannotBeRead:
    """Each gives one line that names the file and the remedy."""

    def refuse(self, path, words):
        with pytest.raises(ResultFileError, match=words) as caught:
            ResultFile(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
        for function in (validate, lambda p: Surface.load(p, "lif")):
            with pytest.raises(ResultFileError, match=words):
                function(path)

    def test_a_missing_file(self, tmp_path):
        self.refuse(tmp_path / "none.h5", "no such file; check the path")

    def test_a_folder(self, tmp_path):
        self.refuse(tmp_path, "is a folder")

    def test_a_file_that_is_no_hdf5(self, tmp_path):
        (tmp_path / "a.h5").write_text("not HDF5")
        self.refuse(tmp_path / "a.h5", "not an HDF5 file")

    def test_a_truncated_file(self, written, tmp_path):
        content = written.read_bytes()
        for kept in (len(content) - 1, len(content) // 2, 100):
            (tmp_path / "a.h5").write_bytes(content[:kept])
            self.refuse(tmp_path / "a.h5", "damaged or truncated")

    def test_another_format(self, tmp_path):
        with h5py.File(tmp_path / "a.h5", "w") as file:
            file["loss"] = 1.0
        self.refuse(tmp_path / "a.h5", "no attribute 'format'")
        with h5py.File(tmp_path / "a.h5", "a") as file:
            file.attrs["format"] = "cooler"
        self.refuse(tmp_path / "a.h5", "format 'cooler'; a file of the format 'landscape' is needed")

    @pytest.mark.parametrize(
        ("version", "remedy"),
        [(3, "a later release made it; update"), (1, r"an earlier release \(.+\) made it; run the experiment again")],
    )
    def test_another_format_version(self, written, tmp_path, version, remedy):
        (tmp_path / "a.h5").write_bytes(written.read_bytes())
        with h5py.File(tmp_path / "a.h5", "a") as file:
            file.attrs["format_version"] = version
        self.refuse(tmp_path / "a.h5", f"format version {version}, but this release supports version 2; {remedy}")

    def test_a_chunk_that_cannot_be_unpacked(self, tmp_path):
        write_results(tmp_path / "a.h5", {"lif": ModelResult(slices={"p": synthetic.surface(shape=(31, 31))})})
        with h5py.File(tmp_path / "a.h5") as file:
            place = file["lif/p/loss"].id.get_chunk_info(0)
        content = bytearray((tmp_path / "a.h5").read_bytes())
        content[place.byte_offset : place.byte_offset + place.size] = b"\x00" * place.size
        (tmp_path / "a.h5").write_bytes(content)
        with pytest.raises(ResultFileError, match="damaged"):
            ResultFile(tmp_path / "a.h5").surface("lif")
        with pytest.raises(ResultFileError, match="damaged"):
            validate(tmp_path / "a.h5")

    def test_a_group_or_dataset_that_is_missing(self, written, tmp_path):
        (tmp_path / "a.h5").write_bytes(written.read_bytes())
        with h5py.File(tmp_path / "a.h5", "a") as file:
            del file["lif/plane/loss"]
            del file["lif/network"]
            del file["lif/line/directions"]
            del file["qif/raster"].attrs["label"]
        file = ResultFile(tmp_path / "a.h5")
        for ask, words in (
            (lambda: file.surface("lif"), "no dataset 'loss'"),
            (lambda: file.surface("lif", "line"), "directions"),
            (lambda: file.network("lif"), "no group 'network'"),
            (lambda: file.network("theta"), "no model 'theta'; it has 'lif', 'qif'"),
            (lambda: file.surface("lif", "other"), "no slice 'other'; it has 'plane', 'line'"),
            (lambda: file.raster("qif"), "label"),
        ):
            with pytest.raises(ResultFileError, match=words):
                ask()

    def test_an_error_of_the_package_is_not_taken_for_a_damaged_file(self, written):
        from landscape.h5.files import open_for_reading

        class OwnError(LandscapeError, RuntimeError):
            pass

        with pytest.raises(OwnError), open_for_reading(written):
            raise OwnError


def test_info_shows_the_tree_with_shapes_units_and_attributes(written):
    text = info(written)
    assert "loss  (axis_0: 7, axis_1: 4)  float64  [nat]" in text
    assert "@format = landscape" in text
    assert "@config = text of " in text
    assert "tau  float64  [trial time] = 1.0" in text
    assert "hidden_neuron  (8)" not in text
    with pytest.raises(ResultFileError):
        info(written.with_name("none.h5"))
