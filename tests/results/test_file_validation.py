"""The validator finds every kind of damage that can be done to a result file that still opens."""

from __future__ import annotations

from dataclasses import replace as replace_fields

import h5py
import numpy as np
import pytest
from synthetic import results as synthetic

from landscape.results import SliceResult, validate, write_results


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    path = tmp_path_factory.mktemp("sound") / "landscape.h5"
    model = synthetic.results(("lif",), (7, 4), 9)["lif"]
    line = model.slices["line"]
    # Little is in it twice: it is validated once per kind of damage.
    model = model.changed(
        training=replace_fields(model.training, final=None),
        slices={"plane": model.slices["plane"], "line": SliceResult(line.surface, census=line.census)},
    )
    write_results(path, {"lif": model})
    return path


@pytest.fixture
def broken(sound, tmp_path):
    """Returns what applies a change to a copy of a sound file and validates it."""

    def apply(change):
        path = tmp_path / "broken.h5"
        path.write_bytes(sound.read_bytes())
        with h5py.File(path, "a") as file:
            change(file)
        return validate(path)

    return apply


def replace(group, name, values, **attributes):
    """Put other values in place of a dataset, with its attributes and scales where the shape allows."""
    old = group[name]
    kept = {k: v for k, v in old.attrs.items() if k not in ("DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME")}
    scales = [dim[0].name for dim in old.dims if len(dim)]
    del group[name]
    new = group.create_dataset(name, data=values)
    new.attrs.update(kept | attributes)
    for number, scale in enumerate(scales):
        if number < new.ndim:
            new.dims[number].attach_scale(group.file[scale])


def test_a_sound_file_has_no_problems(sound):
    assert validate(sound) == []


def set_value(place, index, value):
    def change(file):
        file[place][index] = value

    return change


def set_attribute(place, name, value):
    def change(file):
        file[place].attrs[name] = value

    return change


def drop_attribute(place, name):
    def change(file):
        del file[place].attrs[name]

    return change


def drop(place):
    def change(file):
        del file[place]

    return change


def put(place, values):
    def change(file):
        group, name = file[place.rpartition("/")[0] or "/"], place.rpartition("/")[2]
        if name in group:
            replace(group, name, values)
        else:
            group[name] = values

    return change


def detach(place):
    def change(file):
        dataset = file[place]
        dataset.dims[0].detach_scale(dataset.dims[0][0])

    return change


FOUND = "lif/line/discontinuities"

CASES = {
    "a missing dataset": (drop("lif/plane/accuracy"), "/lif/plane: the dataset 'accuracy' is missing"),
    "a missing dataset of a further slice": (
        drop("lif/line/status"),
        "/lif/line: the dataset 'status' is missing",
    ),
    "an unknown dataset": (put("lif/plane/extra", np.ones(3)), "/lif/plane/extra: unknown dataset"),
    "an unknown group": (lambda file: file.create_group("lif/plane/extra"), "/lif/plane/extra: unknown group"),
    "an unknown group of a model": (lambda file: file.create_group("lif/extra"), "/lif/extra: unknown group"),
    "a dataset in a model": (put("lif/extra", np.ones(3)), "/lif/extra: unknown dataset"),
    "a dataset at the root": (put("/extra", np.ones(3)), "/extra: unknown dataset"),
    "a wrong type": (put("lif/plane/loss", np.zeros((7, 4), np.float32)), "/lif/plane/loss: is of type <f4, not <f8"),
    "a transposed surface": (put("lif/plane/loss", np.zeros((4, 7))), "/lif/plane/loss: has 4 values along 'axis_0'"),
    "a wrong number of dimensions": (put("lif/plane/loss", np.zeros(7)), "/lif/plane/loss: has 1 dimensions, not 2"),
    "a detached scale": (detach("lif/plane/loss"), "/lif/plane/loss: the dimension scale 'axis_0' is not attached"),
    "other units": (set_attribute("lif/plane/loss", "units", "bit"), "/lif/plane/loss: its units are 'bit', not 'nat'"),
    "no description": (drop_attribute("lif/plane/loss", "long_name"), "no text attribute 'long_name'"),
    "no boolean mark": (drop_attribute("lif/plane/silent", "dtype"), "/lif/plane/silent: has no attribute dtype"),
    "an unknown status": (set_value("lif/plane/status", (0, 0), 9), "/lif/plane/status: holds 9"),
    "a loss that is not finite": (
        set_value("lif/plane/loss", (2, 3), np.inf),
        "not finite at 1 points that are done, first at (2, 3)",
    ),
    "a gradient norm that is NaN": (
        set_value("lif/plane/gradient_norm", (0, 0), np.nan),
        "/lif/plane/gradient_norm: not finite",
    ),
    "a negative gradient norm": (set_value("lif/plane/gradient_norm", (0, 0), -1.0), "outside [0, inf]"),
    "an accuracy above 1": (
        set_value("lif/plane/accuracy", (0, 0), 1.5),
        "/lif/plane/accuracy: holds a value outside [0, 1]",
    ),
    "a boolean of 2": (
        set_value("lif/plane/silent", (0, 0, 0), 2),
        "/lif/plane/silent: holds values other than 0 and 1",
    ),
    "a coordinate that is not finite": (
        set_value("lif/plane/axis_0", 0, np.nan),
        "/lif/plane/axis_0: holds values that are not",
    ),
    "hidden sizes that do not fit": (
        set_attribute("lif/plane", "hidden_sizes", [4, 4]),
        "/lif/plane/hidden_neuron_layer: does not match what is stored beside it",
    ),
    "a missing attribute": (
        drop_attribute("lif/plane", "hidden_sizes"),
        "/lif/plane: the attribute 'hidden_sizes' is missing",
    ),
    "an attribute of the wrong type": (
        set_attribute("/", "created", 3),
        "/: the attribute 'created' is not of the type",
    ),
    "a model that is not there": (
        set_attribute("/", "models", ["lif", "qif"]),
        "names 'qif', but there is no such group",
    ),
    "a model that is not named": (
        lambda file: file.create_group("qif"),
        "/qif: is not named in the attribute 'models'",
    ),
    "no directions": (drop("lif/plane/directions"), "/lif/plane: the group 'directions' is missing"),
    "a wrong Gram matrix": (
        set_value("lif/plane/directions/gram", (0, 1), 0.5),
        "/lif/plane/directions/gram: does not match",
    ),
    "wrong norms": (set_value("lif/plane/directions/norms", 0, 0.5), "/lif/plane/directions/norms: does not match"),
    "directions that are NaN": (
        set_value("lif/plane/directions/weights_0", (0, 0, 0), np.nan),
        "weights_0: holds values that are not",
    ),
    "weights that are NaN": (
        set_value("lif/network/weights_1", (0, 0), np.nan),
        "/lif/network/weights_1: holds values",
    ),
    "missing weights": (drop("lif/network/weights_0"), "/lif/network: "),
    "a constant that is no number": (
        set_value("lif/network/constants/tau", (), np.nan),
        "constants/tau: holds values",
    ),
    "no constants": (drop("lif/network/constants"), "/lif/network: the group 'constants' is missing"),
    "no neuron": (drop_attribute("lif/network", "neuron"), "/lif/network: the attribute 'neuron' is missing"),
    "a negative duration": (set_value("lif/network/duration", (), -1.0), "not a positive number"),
    "a best epoch that was not": (
        set_attribute("lif/training", "best_epoch", 99),
        "which is none of the epochs",
    ),
    "a damaged initial network": (
        drop("lif/training/initial/duration"),
        "/lif/training/initial: the dataset 'duration'",
    ),
    "points counted wrongly in regions": (
        set_attribute("lif/plane/regions", "points_used", 3),
        "/lif/plane/regions: counts 3",
    ),
    "points counted wrongly in the summary": (
        set_value("lif/plane/summary/points_used", (), 3),
        "/lif/plane/summary: counts 3",
    ),
    "an unknown attribute of regions": (
        set_attribute("lif/plane/regions", "x", 1),
        "/lif/plane/regions: unknown attribute 'x'",
    ),
    "a slice that is not named": (set_attribute("lif", "slices", ["plane"]), "/lif/line: unknown group"),
    "an axis without points": (
        put("lif/line/axis_0", np.empty(0)),
        "/lif/line/axis_0: is no dimension scale",
    ),
    "a discontinuity beyond the line": (set_value(f"{FOUND}/position", -1, 1.5), "/position: holds a value outside"),
    "discontinuities out of order": (set_value(f"{FOUND}/position", 0, 0.99), "/position: is not ascending"),
    "a bracket beside its discontinuity": (
        set_value(f"{FOUND}/bracket", (0, 1), -1.0),
        "/bracket: holds an interval that its position is not in",
    ),
    "a sample that there is not": (
        set_value(f"{FOUND}/discontinuity_sample", 0, 10),
        "/discontinuity_sample: holds a value outside [0, 9]",
    ),
    "a mechanism that means nothing": (set_value(f"{FOUND}/mechanism", 0, 7), "/mechanism: holds 7"),
    "a jump that is not the difference": (set_value(f"{FOUND}/jump", 0, 0.123), "is not the difference of the limits"),
    "an infinite jump between finite limits": (set_value(f"{FOUND}/jump", 0, np.inf), "is not the difference"),
    "a jump that is NaN": (set_value(f"{FOUND}/jump", 0, np.nan), "/jump: holds values that are no number"),
    "a jump below the smallest": (set_attribute(FOUND, "minimum", 5.0), "holds a jump below the attribute 'minimum'"),
    "a displaced spike of no discontinuity": (
        set_value(f"{FOUND}/change_of", 0, 99),
        "/change_of: holds a value outside",
    ),
    "a silent piece the wrong way round": (
        set_value(f"{FOUND}/silent_interval", 0, (0.5, 0.25)),
        "an interval that ends before it begins",
    ),
    "a line of no length": (set_attribute(FOUND, "high", -1.0), "low (-1) is not below high (-1)"),
    "a census of no sample": (
        set_attribute(FOUND, "n_samples", np.int64(0)),
        "the attribute 'n_samples' is 0, not at least 1",
    ),
    "a negative number of transitions": (
        set_attribute(FOUND, "transitions_order", np.int64(-1)),
        "'transitions_order' is -1, not at least 0",
    ),
    "a census without its jumps": (drop(f"{FOUND}/jump"), "/discontinuities: the dataset 'jump' is missing"),
    "a census without its end": (drop_attribute(FOUND, "high"), "the attribute 'high' is missing"),
    "a spike time that is NaN": (set_value("lif/raster/time", 0, np.nan), "/lif/raster/time: holds values"),
}


@pytest.mark.parametrize("case", CASES)
def test_damage_is_found_and_its_place_named(broken, case):
    change, words = CASES[case]
    problems = broken(change)
    assert any(words in problem for problem in problems), problems


def test_values_that_are_not_finite_are_right_where_a_point_is_not_done(broken):
    def change(file):
        for name in ("loss", "gradient_norm", "accuracy"):
            file["lif/plane"][name][1, 2] = np.nan
        file["lif/plane/directional_derivative"][1, 2] = np.nan
        file["lif/plane/status"][1, 2] = 3
        for name in ("regions", "summary"):
            del file["lif/plane"][name]

    assert broken(change) == []


def test_discontinuities_are_of_slices_with_one_axis(broken):
    assert any(
        "/lif/plane/discontinuities: the slice has 2 axes" in problem
        for problem in broken(lambda file: file.copy("lif/line/discontinuities", "lif/plane/discontinuities"))
    )
