"""The comparison of two models in result files."""

from __future__ import annotations

from dataclasses import replace

import h5py
import numpy as np
import pytest
import xarray
from stored_arrays import arrays_of
from synthetic import results as synthetic

from landscape.errors import InputError, ResultFileError
from landscape.fragmentation import compare_tables
from landscape.results import ModelResult, ResultFile, info, validate, write_results


def compared(n_networks=3, n_lines=2, **changes):
    rng = np.random.default_rng(0)
    values = rng.uniform(1.0, 2.0, (2, n_networks, n_lines))
    values[1] = 0.0
    status = np.ones(values.shape, np.uint8)
    status[0, 1, 0], status[1, 2, 1] = 0, 2
    values[status != 1] = np.nan
    undefined = np.full_like(values, np.nan)
    found = compare_tables(
        ("lif", "qif"), {"total_jump": values, "one_of_my_own": undefined}, primary="total_jump", resamples=99
    )
    attributes = {
        "first_networks": [f"lif_seed{k}" for k in range(n_networks)],
        "second_networks": [f"qif_seed{k}" for k in range(n_networks)],
        "low": -0.5,
        "n_samples": 12,
        "left_out": ["qif_seed2, line 1: a neuron spikes too often"],
    }
    return replace(found, status=status, attributes=attributes, **changes)


def write(path, comparison):
    write_results(path, {name: ModelResult() for name in ("lif_seed0", "qif_seed0")}, comparison=comparison)


def assert_same(one, other):
    for name in ("models", "primary", "verdict", "stated", "level", "resamples", "seed", "attributes"):
        assert getattr(one, name) == getattr(other, name), name
    assert list(one.measures) == list(other.measures)
    a, b = arrays_of(one), arrays_of(other)
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)
    np.testing.assert_array_equal(one.status, other.status)


def test_a_comparison_is_read_as_it_was_written_and_the_file_is_valid(tmp_path):
    found = compared()
    write(tmp_path / "r.h5", found)
    file = ResultFile(tmp_path / "r.h5")
    assert_same(file.comparison, found)
    assert np.isnan(file.comparison["one_of_my_own"].difference).all()
    assert file.models == ["lif_seed0", "qif_seed0"]
    assert validate(tmp_path / "r.h5") == []
    write_results(tmp_path / "again.h5", file.read(), comparison=file.comparison)
    assert_same(ResultFile(tmp_path / "again.h5").comparison, found)
    assert "comparison/" in info(tmp_path / "r.h5")


@pytest.mark.parametrize("shape", [(1, 1), (7, 1), (1, 5)])
def test_few_networks_and_lines_and_no_status_are_kept(tmp_path, shape):
    values = np.random.default_rng(1).uniform(0.0, 1.0, (2, *shape))
    found = compare_tables(("a", "b"), {"minima": values}, primary="minima", resamples=9)
    write(tmp_path / "r.h5", found)
    assert validate(tmp_path / "r.h5") == []
    again = ResultFile(tmp_path / "r.h5").comparison
    assert_same(again, found)
    assert again.status is None


def test_a_file_without_one_has_none(tmp_path):
    synthetic.write_example(tmp_path / "r.h5", plane=(3, 2), line=3)
    assert ResultFile(tmp_path / "r.h5").comparison is None


def test_xarray_opens_it_with_its_dimensions(tmp_path):
    found = compared()
    write(tmp_path / "r.h5", found)
    with xarray.open_dataset(tmp_path / "r.h5", group="comparison", engine="h5netcdf") as data:
        assert data["values"].dims == ("measure", "model", "network", "line")
        assert data["difference"].dims == ("measure", "estimate")
        assert list(data.attrs["measures"]) == ["total_jump", "one_of_my_own"]
        np.testing.assert_array_equal(data["values"].isel(measure=0), found.values["total_jump"])


def test_neither_a_model_nor_a_slice_can_have_its_name(tmp_path):
    with pytest.raises(InputError, match="'comparison' means something else"):
        write_results(tmp_path / "r.h5", {"comparison": ModelResult()})
    with pytest.raises(InputError, match="'comparison' means something else"):
        write_results(tmp_path / "r.h5", {"lif": ModelResult(slices={"comparison": None})})
    write(tmp_path / "r.h5", compared())
    with pytest.raises(ResultFileError, match="no model 'comparison'"):
        ResultFile(tmp_path / "r.h5").slices("comparison")


def test_values_that_contradict_each_other_are_named(tmp_path):
    write(tmp_path / "r.h5", compared())
    with h5py.File(tmp_path / "r.h5", "a") as file:
        group = file["comparison"]
        group["difference"][0] = [0.0, 1.0, -1.0]
        group["cliffs_delta"][0] = 3.0
        group["networks"][0] = 4
        group["status"][0, 0, 0] = 0
        group.attrs["level"] = 95.0
        group.attrs["models"] = ["lif"]
    problems = "\n".join(validate(tmp_path / "r.h5"))
    with h5py.File(tmp_path / "r.h5", "a") as file:
        file["comparison"].attrs["primary"] = "beauty"
    problems += "\n".join(validate(tmp_path / "r.h5"))
    for expected in (
        "'beauty', which is no measure",
        "difference: the interval of total_jump ends before it begins",
        "cliffs_delta: holds a value outside [-1, 1]",
        "networks: of total_jump, more are counted than there are",
        "values: there are values on lines that are not done",
        "'level' is 95",
        "there are 1 names of models, not 2",
    ):
        assert expected in problems


@pytest.mark.parametrize("damage", ["values", "@verdict", "@measures"])
def test_what_is_missing_is_named(tmp_path, damage):
    write(tmp_path / "r.h5", compared())
    with h5py.File(tmp_path / "r.h5", "a") as file:
        if damage.startswith("@"):
            del file["comparison"].attrs[damage[1:]]
        else:
            del file["comparison"][damage]
    assert damage.strip("@") in "\n".join(validate(tmp_path / "r.h5"))
    with pytest.raises(ResultFileError, match=damage.strip("@")):
        _ = ResultFile(tmp_path / "r.h5").comparison
