"""Any record comes back from a file as it was, and what it declares is enforced."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Any, NamedTuple

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from landscape.errors import InputError, ResultFileError
from landscape.h5 import fields as h5
from landscape.h5.checks import check_record
from landscape.h5.files import DamagedFileError
from landscape.h5.records import (
    load_attributes,
    load_record,
    read_record,
    save_record,
    save_records,
    write_record,
)

FloatArray = NDArray[np.float64]


class Interval(NamedTuple):
    value: float
    low: float
    high: float


@h5.record(dims={"tick": h5.Dim("0: first, 1: second", size=2)})
class Inner:
    time: FloatArray = h5.array("tick", "time", unit="trial time")


class Pair:
    """A class that is no record."""

    def __init__(self, first: float, second: float) -> None:
        self.first, self.second = first, second


@h5.record(dims={"tick": "number"})
class PairRecord:
    time: FloatArray = h5.array("tick", "both")

    @classmethod
    def of(cls, pair: Pair) -> PairRecord:
        return cls(time=np.array([pair.first, pair.second]))

    @property
    def content(self) -> Pair:
        return Pair(*self.time.tolist())


@h5.dataclass(frozen=True)
class Row:
    name: str
    mean: float = h5.array((), "mean", make=float)
    around: Interval = h5.array("estimate", "interval", nan=True, make=lambda v: Interval(*v.tolist()))


@h5.record(
    dims={
        "row": "number of the row",
        "point": "number of the point",
        "estimate": h5.Dim("0: value, 1: low, 2: high", size=3),
        "neuron_{n}": "neuron of layer {n}",
        "channel": "input channel",
        "measure": "number of the measure",
    },
    derived={"doubled": h5.array("row", "twice the value")},
)
class Whole:
    value: FloatArray = h5.array("row", "a value", unit="nat")
    number: NDArray[np.int64] = h5.array("row", "a number", dtype="i4")
    true: NDArray[np.bool_] = h5.array("row", "a truth", dtype="bool")
    word: NDArray[np.str_] = h5.array(
        "row", "a word", dtype="i1", flags={-1: "none", 0: "yes", 4: "no"}, words=("", "yes", "no")
    )
    ends: NDArray[np.int64] = h5.ragged("row", "points of the row", of="point", name="row_points")
    point: FloatArray = h5.array(("point", "estimate"), "places", name="place", nan=True)
    axes: list[FloatArray] = h5.layers("axis_{n}", "axis_{n}", "coordinate {n}", most=2)
    grid: FloatArray = h5.array(("axes", "row"), "on the grid", inf=True)
    weights: list[FloatArray] = h5.layers("weights_{n}", ("neuron_{n}", "neuron_{n-1}"), "weights of layer {n}")
    columns: dict[str, FloatArray] = h5.table(
        {"known": h5.array("epoch", "a column", nan=True), "epoch": h5.array("epoch", "number", dtype="i4")},
        further=h5.array("epoch", "", nan=True),
    )
    constants: dict[str, float] = h5.table({}, further=h5.array((), "", make=float), group="constants")
    rows: dict[str, Row] = h5.rows("measure", "measures", Row)
    counts: dict[str, int] = h5.counters("seen", ("a", "b"), "seen")
    title: str = h5.attribute("text", "a title")
    sizes: tuple[int, ...] = h5.attribute("integers", "sizes")
    names: tuple[str, ...] = h5.attribute("texts", "names")
    certain: bool = h5.attribute("boolean", "certain", default=False, optional=False)
    inner: Inner | None = h5.group(Inner, default=None)
    pair: Any = h5.group(PairRecord, default=None)
    maybe: FloatArray | None = h5.array("row", "seldom there", default=None)
    share: float | None = h5.attribute("number", "seldom there", default=None)
    how: dict[str, Any] = h5.settings("how it was made")
    attributes: dict[str, Any] = h5.attributes()

    @property
    def doubled(self) -> FloatArray:
        return 2.0 * self.value


FLOATS = st.floats(-1e6, 1e6)
WITH_NAN = st.one_of(FLOATS, st.just(np.nan))


def floats(*shape: int, elements: Any = FLOATS) -> Any:
    return arrays.arrays(np.float64, shape, elements=elements)


@st.composite
def wholes(draw: Any) -> Whole:
    n = draw(st.integers(0, 4))
    counts = draw(st.lists(st.integers(1, 3), min_size=n, max_size=n))
    shape = draw(st.sampled_from([(3,), (2, 4)]))
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    epochs = draw(st.integers(1, 3))
    name = st.from_regex(r"[a-z]{1,8}_x", fullmatch=True)
    keys = draw(st.lists(name, unique=True, min_size=1, max_size=2))
    rows = {key: Row(key, draw(FLOATS), Interval(*draw(st.tuples(WITH_NAN, FLOATS, FLOATS)))) for key in keys}
    return Whole(
        value=draw(floats(n)),
        number=draw(arrays.arrays(np.int64, n, elements=st.integers(-(2**31), 2**31 - 1))),
        true=draw(arrays.arrays(np.bool_, n)),
        word=np.array(draw(st.lists(st.sampled_from(["", "yes", "no"]), min_size=n, max_size=n)), np.str_),
        ends=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        point=draw(floats(sum(counts), 3, elements=WITH_NAN)),
        axes=[np.arange(size) * 0.5 for size in shape],
        grid=draw(floats(*shape, n, elements=st.one_of(FLOATS, st.just(np.inf)))),
        weights=[draw(floats(a, b)) for b, a in pairwise(sizes)],
        columns={"known": draw(floats(epochs)), "epoch": np.arange(epochs)}
        | {key: draw(floats(epochs, elements=WITH_NAN)) for key in draw(st.lists(name, unique=True, max_size=2))},
        constants=draw(st.dictionaries(name, FLOATS, max_size=3)),
        rows=rows,
        counts={"a": draw(st.integers(0, 10**12)), "b": 0},
        title=draw(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))),
        sizes=tuple(draw(st.lists(st.integers(0, 2**40)))),
        names=tuple(draw(st.lists(st.sampled_from(["a", "ä b", ""])))),
        certain=draw(st.booleans()),
        inner=draw(st.none() | st.builds(Inner, time=floats(2))),
        pair=draw(st.none() | st.builds(Pair, FLOATS, FLOATS)),
        maybe=draw(st.none() | floats(n)),
        share=draw(st.none() | FLOATS),
        how=draw(st.dictionaries(name, st.one_of(FLOATS, st.integers(0, 9), st.just("text")), max_size=2)),
        attributes=draw(st.dictionaries(name, st.one_of(FLOATS, st.integers(0, 9), st.just("text")), max_size=2)),
    )


def in_memory() -> h5py.File:
    return h5py.File(io.BytesIO(), "w")


def assert_same(one: Any, other: Any) -> None:
    if hasattr(one, "__dataclass_fields__"):
        assert type(one) is type(other)
        for name in one.__dataclass_fields__:
            assert_same(getattr(one, name), getattr(other, name))
    elif isinstance(one, Pair):
        assert (one.first, one.second) == (other.first, other.second)
    elif isinstance(one, dict):
        assert set(one) == set(other)
        for key in one:
            assert_same(one[key], other[key])
    elif isinstance(one, list):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    elif isinstance(one, np.ndarray):
        assert one.dtype.kind == other.dtype.kind
        np.testing.assert_array_equal(one, other)
    else:
        np.testing.assert_equal(other, one)


@settings(max_examples=20, deadline=None)
@given(wholes())
def test_any_record_comes_back_as_it_was(whole: Whole) -> None:
    with in_memory() as file:
        write_record(file.create_group("there"), whole)
        assert_same(whole, read_record(file["there"], Whole))


@settings(max_examples=8, deadline=None)
@given(wholes())
def test_what_was_written_has_no_problems(whole: Whole) -> None:
    with in_memory() as file:
        write_record(file.create_group("there"), whole)
        problems, found = check_record(file["there"], Whole)
        assert problems == []
        assert_same(whole, found)


def example(**changes: Any) -> Whole:
    values: dict[str, Any] = {
        "value": np.array([1.0, 2.0]),
        "number": np.array([3, 4]),
        "true": np.array([True, False]),
        "word": np.array(["", "no"]),
        "ends": np.array([0, 1, 3]),
        "point": np.ones((3, 3)),
        "axes": [np.array([0.0, 1.0, 2.0])],
        "grid": np.ones((3, 2)),
        "weights": [np.ones((2, 3)), np.ones((1, 2))],
        "columns": {"known": np.ones(4), "epoch": np.arange(4)},
        "constants": {"tau": 1.0},
        "rows": {"a": Row("a", 1.0, Interval(1.0, 0.0, 2.0))},
        "counts": {"a": 1, "b": 0},
        "title": "title",
        "sizes": (1, 2),
        "names": ("x",),
        "certain": True,
    }
    return Whole(**values | changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": np.array([3, 4, 5])}, "'number' has 3 values along 'row', not 2"),
        ({"number": np.array([3, 2**31])}, "number holds a number that the file's type, i4, does not"),
        ({"number": np.array([3, 0.5])}, "number holds a number that the file's type, i4, does not"),
        ({"word": np.array(["yes", "perhaps"])}, "word 'perhaps' is none of yes, no"),
        ({"grid": np.ones(3)}, "'grid' has 1 dimensions, not 2"),
        ({"grid": np.ones((2, 2))}, "'grid' has 2 values along 'axis_0', not 3"),
        ({"weights": [np.ones((2, 3)), np.ones((1, 3))]}, "'weights_1' has 3 values along 'neuron_0', not 2"),
        ({"point": np.ones((3, 2))}, "'place' has 2 values along 'estimate', not 3"),
        ({"title": None}, "title is missing"),
        ({"value": np.array([None, 1.0])}, "value is no array of numbers"),
        ({"attributes": {"what": object()}}, "attribute 'what' of /there: object cannot be stored"),
    ],
)
def test_what_does_not_fit_is_not_written(changes: dict[str, Any], words: str) -> None:
    with in_memory() as file, pytest.raises(InputError, match=words):
        write_record(file.create_group("there"), example(**changes))


@pytest.mark.parametrize("name", ["value", "weights_0", "row_points", "known", "mean"])
def test_an_array_that_is_missing_is_named(name: str) -> None:
    with in_memory() as file:
        write_record(file.create_group("there"), example())
        del file["there"][name]
        with pytest.raises(ResultFileError, match=f"/there has no dataset '{name}'"):
            read_record(file["there"], Whole)


@pytest.mark.parametrize("name", ["title", "measures", "seen_b", "certain"])
def test_an_attribute_that_is_missing_is_named(name: str) -> None:
    with in_memory() as file:
        write_record(file.create_group("there"), example())
        del file["there"].attrs[name]
        with pytest.raises(ResultFileError, match=f"/there has no attribute '{name}'"):
            read_record(file["there"], Whole)


def test_a_word_without_a_meaning_is_refused() -> None:
    with in_memory() as file:
        write_record(file.create_group("there"), example())
        file["there/word"][1] = 3
        with pytest.raises(ResultFileError, match="/there/word holds 3, which means nothing"):
            read_record(file["there"], Whole)


class TestFiles:
    """Records in files of their own."""

    def test_a_record_and_what_is_said_of_it_come_back(self, tmp_path: Any) -> None:
        path = tmp_path / "new" / "one.h5"
        save_record(path, example(), {"format": "one", "format_version": 1, "inputs": "abc", "nothing": None})
        found, attributes = load_record(path, Whole, "one")
        assert_same(example(), found)
        assert attributes == {"format": "one", "format_version": 1, "inputs": "abc"}
        assert load_attributes(path, "one") == attributes

    def test_several_records_are_told_by_name(self, tmp_path: Any) -> None:
        inner = Inner(time=np.array([1.0, 2.0]))
        save_records(tmp_path / "f.h5", {"a": example(), "b": inner}, {"format": "two", "format_version": 3})
        assert_same(inner, load_record(tmp_path / "f.h5", Inner, "two", 3, name="b")[0])
        with pytest.raises(ResultFileError, match="holds no record 'c'"):
            load_record(tmp_path / "f.h5", Inner, "two", 3, name="c")

    def test_other_files_are_refused(self, tmp_path: Any) -> None:
        path = tmp_path / "f.h5"
        save_record(path, example(), {"format": "one", "format_version": 2})
        with pytest.raises(ResultFileError, match="of the format 'one', not 'other'"):
            load_record(path, Whole, "other")
        with pytest.raises(ResultFileError, match="format version 2, but this release reads 1"):
            load_attributes(path, "one")
        path.write_bytes(path.read_bytes()[:-5])
        with pytest.raises(DamagedFileError, match="checksum does not fit"):
            load_record(path, Whole, "one", 2)
        with pytest.raises(DamagedFileError, match="cannot be read"):
            load_record(tmp_path / "none.h5", Whole, "one")

    def test_what_another_program_wrote_is_told_by_its_format_and_not_as_damaged(self, tmp_path: Any) -> None:
        path = tmp_path / "f.h5"
        with h5py.File(path, "w") as file:
            file.attrs["format"] = "their own"
        with pytest.raises(ResultFileError, match="of the format 'their own', not 'one'") as caught:
            load_attributes(path, "one")
        assert not isinstance(caught.value, DamagedFileError)
        with h5py.File(path, "a") as file:
            file.attrs.update({"format": "one", "format_version": np.int64(1)})
        with pytest.raises(DamagedFileError, match="checksum does not fit"):
            load_attributes(path, "one")

    def test_a_failed_write_leaves_the_old_file(self, tmp_path: Any) -> None:
        path = tmp_path / "f.h5"
        save_record(path, example(), {"format": "one", "format_version": 1})
        before = path.read_bytes()
        with pytest.raises(InputError):
            save_record(path, example(grid=np.ones(3)), {})
        assert path.read_bytes() == before
        assert [entry.name for entry in tmp_path.iterdir()] == ["f.h5"]
