"""Every violation of what a record declares is found, and its place named."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from landscape.errors import InputError
from landscape.h5.checks import check_record
from landscape.h5.fields import Dim, array, attribute, attributes, counters, group, layers, ragged, record, table
from landscape.h5.fields import settings as settings_field
from landscape.h5.records import write_record

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@record(dims={"tick": "number"})
class Inner:
    time: FloatArray = array("tick", "time", ascending=True)

    def __post_init__(self) -> None:
        if self.time.size > 3:
            raise InputError("at most 3 ticks")


@record(
    dims={"row": "number", "side": Dim("0: left, 1: right", size=2), "point": "number", "column_{n}": "column"},
    derived={"width": array("row", "right less left")},
)
class Checked:
    status: IntArray = array("row", "what became of it", dtype="u1", flags={0: "pending", 1: "done"})
    value: FloatArray = array("row", "a value", unit="nat", where=("status", 1), lowest=0.0)
    ends: FloatArray = array(("row", "side"), "ends", lowest="low", highest="high")
    share: FloatArray = array("row", "share", lowest=0.0, highest=1.0, nan=True)
    error: FloatArray = array("row", "error", lowest=0.0, inf=True)
    free: FloatArray = array("row", "anything", nan=True, inf=True)
    true: NDArray[np.bool_] = array("row", "truth", dtype="bool")
    of: IntArray = array("point", "row of the point", dtype="i4", below="row", ascending=True)
    sample: IntArray = array("point", "sample", dtype="i4", below="n_samples")
    steps: FloatArray = array("steps", "rising", ascending="strictly")
    parts: IntArray = ragged("row", "points of the row", of="point")
    weights: list[FloatArray] = layers("weights_{n}", "column_{n}", "weights", most=2)
    history: dict[str, FloatArray] = table({"epoch": array("epoch", "number")}, further=array("epoch", "", nan=True))
    constants: dict[str, float] = table({}, further=array((), ""), group="constants")
    counts: dict[str, int] = counters("seen", ("a",), "seen")
    inner: Inner = group(Inner)
    low: float = attribute("number", "lower end")
    high: float = attribute("number", "upper end")
    n_samples: int = attribute("integer", "samples", lowest=1)
    level: float = attribute("number", "level", above=0.0, below=1.0)
    certain: bool = attribute("boolean", "certain")
    sizes: tuple[int, ...] = attribute("integers", "sizes")
    settings: dict[str, Any] = settings_field("how")
    others: dict[str, Any] = attributes({"minimum": attribute("number", "smallest", lowest=0.0)})

    @property
    def width(self) -> FloatArray:
        return self.ends[:, 1] - self.ends[:, 0]

    def problems(self) -> Iterator[str]:
        if np.any(self.width < 0.0):
            yield "ends: an interval ends before it begins"


def sound() -> Checked:
    return Checked(
        status=np.array([1, 0, 1]),
        value=np.array([1.0, np.nan, 2.0]),
        ends=np.array([[0.0, 1.0], [0.25, 0.5], [0.5, 0.5]]),
        share=np.array([0.5, np.nan, 1.0]),
        error=np.array([0.0, np.inf, 1.0]),
        free=np.array([np.nan, np.inf, -1.0]),
        true=np.array([True, False, True]),
        of=np.array([0, 1, 1, 2]),
        sample=np.array([4, 0, 1, 2]),
        steps=np.array([1.0, 2.0]),
        parts=np.array([0, 1, 3, 4]),
        weights=[np.ones(2)],
        history={"epoch": np.arange(2.0), "loss": np.array([np.nan, 1.0])},
        constants={"tau": 1.0},
        counts={"a": 3},
        inner=Inner(time=np.array([1.0, 2.0])),
        settings={"rate": 0.1},
        low=-1.0,
        high=1.0,
        n_samples=5,
        level=0.95,
        certain=True,
        sizes=(1, 2),
        others={"minimum": 1e-9, "note": "text"},
    )


def problems_after(change: Callable[[h5py.Group], None]) -> list[str]:
    with h5py.File(io.BytesIO(), "w") as file:
        place = file.create_group("r")
        write_record(place, sound())
        change(place)
        return check_record(place, Checked)[0]


def put(name: str, index: Any, value: Any) -> Callable[[h5py.Group], None]:
    return lambda place: place[name].__setitem__(index, value)


def say(name: str, value: Any, of: str = ".") -> Callable[[h5py.Group], None]:
    return lambda place: (place if of == "." else place[of]).attrs.__setitem__(name, value)


def drop(name: str) -> Callable[[h5py.Group], None]:
    return lambda place: place.__delitem__(name)


def unsay(name: str, of: str = ".") -> Callable[[h5py.Group], None]:
    return lambda place: (place if of == "." else place[of]).attrs.__delitem__(name)


def other(name: str, values: Any) -> Callable[[h5py.Group], None]:
    def change(place: h5py.Group) -> None:
        kept = {key: place[name].attrs[key] for key in ("units", "long_name")}
        del place[name]
        place[name] = values
        place[name].attrs.update(kept)

    return change


CASES: dict[str, tuple[Callable[[h5py.Group], None], str]] = {
    "a missing array": (drop("share"), "/r: the dataset 'share' is missing"),
    "a missing coordinate": (drop("side"), "/r/ends: its coordinate 'side' is missing"),
    "missing layers": (drop("weights_0"), "/r: the dataset 'weights_0' is missing"),
    "a missing column": (drop("epoch"), "/r: the dataset 'epoch' is missing"),
    "a missing group": (drop("inner"), "/r: the group 'inner' is missing"),
    "a missing table": (drop("constants"), "/r: the group 'constants' is missing"),
    "an unknown group": (lambda place: place.create_group("what"), "/r/what: unknown group"),
    "an unknown group within": (lambda place: place.create_group("inner/what"), "/r/inner/what: unknown group"),
    "a group for an array": (lambda p: (drop("share")(p), p.create_group("share")), "/r/share: is a group"),
    "an unknown array": (lambda p: p["inner"].create_dataset("what", data=1.0), "/r/inner/what: unknown dataset"),
    "a group in a table": (lambda place: place.create_group("constants/what"), "/r/constants/what: unknown dataset"),
    "layers of which one is missing": (
        lambda place: place.move("weights_0", "weights_1"),
        "/r: the dataset 'weights_0' is missing",
    ),
    "another type": (other("share", np.ones(3, np.float32)), "/r/share: is of type <f4, not <f8"),
    "other dimensions": (other("share", np.ones((3, 1))), "/r/share: has 2 dimensions, not 1 (row)"),
    "another size": (other("share", np.ones(2)), "/r/share: has 2 values along 'row', but the coordinate has shape"),
    "no scale": (other("share", np.ones(3)), "/r/share: the dimension scale 'row' is not attached to dimension 0"),
    "a coordinate that is none": (other("steps", np.array([1.0, 2.0])), "/r/steps: is no dimension scale"),
    "other units": (say("units", "bit", "value"), "/r/value: its units are 'bit', not 'nat'"),
    "no description": (unsay("long_name", "value"), "/r/value: has no text attribute 'long_name'"),
    "no mark of booleans": (unsay("dtype", "true"), "/r/true: has no attribute dtype"),
    "NaN": (put("ends", (0, 0), np.nan), "/r/ends: holds values that are not finite"),
    "infinity where NaN may be": (put("share", 0, np.inf), "/r/share: holds values that are infinite"),
    "NaN where infinity may be": (put("error", 0, np.nan), "/r/error: holds values that are no number"),
    "NaN at a point that is done": (
        put("value", 2, np.nan),
        "/r/value: not finite at 1 points that are done, first at (2,)",
    ),
    "a value that is too low": (put("value", 0, -1.0), "/r/value: holds a value outside [0, inf]"),
    "a value that is too high": (put("share", 0, 1.5), "/r/share: holds a value outside [0, 1]"),
    "a value beyond an attribute": (put("ends", (0, 0), -1.5), "/r/ends: holds a value outside [-1, 1]"),
    "a number of no row": (put("of", 3, 3), "/r/of: holds a value outside [0, 2]"),
    "a number of nothing counted": (put("sample", 0, 5), "/r/sample: holds a value outside [0, 4]"),
    "a negative number": (put("sample", 0, -1), "/r/sample: holds a value outside [0, 4]"),
    "disorder": (put("of", 0, 2), "/r/of: is not ascending"),
    "a repetition": (put("steps", 0, 2.0), "/r/steps: is not ascending"),
    "disorder within": (put("inner/time", 0, 3.0), "/r/inner/time: is not ascending"),
    "an unknown flag": (put("status", 1, 7), "/r/status: holds 7, which means nothing"),
    "a truth of 2": (put("true", 0, 2), "/r/true: holds values other than 0 and 1"),
    "counts that do not add up": (put("parts", 0, 2), "/r/parts: does not add up to the 4 along 'point'"),
    "something of nothing": (put("parts", 0, 0), "/r/parts: holds a value outside [1, inf]"),
    "a constant that is NaN": (put("constants/tau", (), np.nan), "/r/constants/tau: holds values that are not finite"),
    "a missing attribute": (unsay("low"), "/r: the attribute 'low' is missing"),
    "a missing count": (unsay("seen_a"), "/r: the attribute 'seen_a' is missing"),
    "a negative count": (say("seen_a", np.int64(-1)), "/r: the attribute 'seen_a' is -1, not at least 0"),
    "an attribute of another type": (say("low", "text"), "/r: the attribute 'low' is not of the type 'number'"),
    "a truth that is 2": (say("certain", np.int64(2)), "/r: the attribute 'certain' is not of the type 'boolean'"),
    "an attribute below its bound": (
        say("n_samples", np.int64(0)),
        "/r: the attribute 'n_samples' is 0, not at least 1",
    ),
    "an attribute at an open bound": (say("level", 1.0), "/r: the attribute 'level' is 1, not above 0 and below 1"),
    "an attribute that is NaN": (say("level", np.nan), "/r: the attribute 'level' is nan"),
    "a known free attribute": (say("minimum", -1.0), "/r: the attribute 'minimum' is -1, not at least 0"),
    "an unknown attribute": (say("what", 1, "inner"), "/r/inner: unknown attribute 'what'"),
    "what follows from other numbers": (put("width", 0, 0.5), "/r/width: does not match what is stored beside it"),
    "what only the class knows": (
        lambda place: (put("ends", 0, (1.0, 0.0))(place), put("width", 0, -1.0)(place)),
        "/r/ends: an interval ends before it begins",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_violation_is_found_and_its_place_named(case: str) -> None:
    change, words = CASES[case]
    found = problems_after(change)
    assert any(words in problem for problem in found), found


def test_what_is_sound_has_no_problems() -> None:
    assert problems_after(lambda place: None) == []


def test_values_that_are_not_done_may_be_anything() -> None:
    assert problems_after(put("value", 1, -np.inf)) == []


def test_groups_of_the_tree_around_a_record_are_left_alone() -> None:
    with h5py.File(io.BytesIO(), "w") as file:
        write_record(file.create_group("r"), sound())
        file.create_group("r/child")
        assert check_record(file["r"], Checked, beside=("child",))[0] == []


def test_what_the_class_refuses_is_a_problem() -> None:
    def change(place: h5py.Group) -> None:
        del place["inner"]
        inner = Inner(time=np.arange(3.0))
        object.__setattr__(inner, "time", np.arange(4.0))
        write_record(place.create_group("inner"), inner)

    assert problems_after(change) == ["/r/inner: at most 3 ticks; make the file again"]


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_damage_anywhere_gives_lines_and_no_exception(data: st.DataObject) -> None:
    def damage(place: h5py.Group) -> None:
        names: list[str] = []
        place.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        for name in data.draw(st.lists(st.sampled_from(sorted(names)), min_size=1, max_size=3, unique=True)):
            values = place[name][()]
            place[name][...] = np.full_like(values, data.draw(st.sampled_from([0, 1, 2, 7])))

    assert all(line.startswith("/r") for line in problems_after(damage))
