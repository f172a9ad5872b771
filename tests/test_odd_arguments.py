"""Arguments that are no arrays of real numbers: refused everywhere alike, and read where nothing is lost."""

from __future__ import annotations

import array
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from synthetic.builders import a_network, some_data

import landscape as ls
from landscape.errors import DataError, DirectionError, InputError, NetworkError
from landscape.slices.directions import check_directions, principal_directions

NETWORK = ls.Network(ls.LIF(1.0), [[[10.0]]], 4.0)
ODD = {
    "complex": np.array([1 + 2j]),
    "text": np.array(["1"]),
    "bytes": np.array([b"1"]),
    "booleans": np.array([True]),
    "objects": np.array([1.0], dtype=object),
    "dates": np.array([1], dtype="M8[s]"),
    "masked values": np.ma.array([1.0], mask=[True]),
    "integers of more than 64 bits": [2**70],
}


def a_row(one: Any) -> Any:
    """A matrix of that one number."""
    return one[None] if isinstance(one, np.ndarray) else [one]


#: What the functions of the package do with an array of one number.
TAKERS: dict[str, tuple[type[InputError], Callable[[Any], object]]] = {
    "simulate, times": (DataError, lambda one: ls.simulate(NETWORK, one, [0])),
    "simulate, channels": (DataError, lambda one: ls.simulate(NETWORK, [0.1], one)),
    "data, times": (DataError, lambda one: ls.Dataset(one, [0], [0, 1], [0], 1, 1)),
    "data, channels": (DataError, lambda one: ls.Dataset([0.1], one, [0, 1], [0], 2, 1)),
    "data, labels": (DataError, lambda one: ls.Dataset([0.1], [0], [0, 1], one, 1, 2)),
    "weights": (NetworkError, lambda one: ls.Network(ls.LIF(), [a_row(one)], 4.0)),
    "parameters": (NetworkError, NETWORK.with_parameters),
    "directions": (DirectionError, lambda one: check_directions([[a_row(one)]], NETWORK)),
    "trajectory": (DirectionError, lambda one: principal_directions(a_row(one), NETWORK)),
    "axis": (
        DirectionError,
        lambda one: ls.sweep(NETWORK, [[[[1.0]]]], [one], ls.Dataset([0.1], [0], [0, 1], [0], 1, 1), ls.FirstSpike()),
    ),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize(("error", "take"), TAKERS.values(), ids=TAKERS.keys())
def test_what_is_no_array_of_real_numbers_is_refused(
    odd: Any, error: type[InputError], take: Callable[[Any], object]
) -> None:
    with pytest.raises(error, match=r"dtype|masked values|data set|one-dimensional") as caught:
        take(odd)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "times",
    [
        np.array([0.5, 0.25], ">f8"),
        np.array([0.5, 0.25], np.float16),
        np.array([0.5, 0.25], np.longdouble),
        np.array([0.5, 9.0, 0.25])[::2],
        np.ma.array([0.5, 0.25]),
        array.array("d", [0.5, 0.25]),
        memoryview(np.array([0.5, 0.25])),
        (0.5, 0.25),
    ],
    ids=["big-endian", "half", "long", "strided", "nothing masked", "array", "memory view", "tuple"],
)
def test_numbers_of_any_kind_and_layout_are_the_same_spikes(times: Any) -> None:
    usual = ls.simulate(NETWORK, [0.25, 0.5], [0, 0])
    assert np.array_equal(ls.simulate(NETWORK, times, [0, 0]).layers[0].times, usual.layers[0].times)
    assert ls.Dataset(times[1:], [0], [0, 1], [0], 1, 1).times.tolist() == [0.25]


def test_memory_of_another_kind_of_array_is_not_shared() -> None:
    times = array.array("d", [0.5])
    data = ls.Dataset(times, [0], [0, 1], [0], 1, 1)
    times[0] = 9.0
    assert data.times.tolist() == [0.5]


@pytest.mark.parametrize("channel", [-1, 1, 2**31, 2**40, np.uint64(2**63)])
def test_channels_that_are_not_there_are_refused(channel: Any) -> None:
    with pytest.raises(DataError, match="channel"):
        ls.simulate(NETWORK, [0.1], np.array([channel]))


@pytest.mark.parametrize("duration", ["4", b"4", 4j, np.complex64(4), [4.0], np.array([4.0]), None, 10**400])
def test_a_duration_is_one_real_number(duration: Any) -> None:
    with pytest.raises(NetworkError, match="duration must be a number"):
        ls.Network(ls.LIF(), [[[1.0]]], duration)
    with pytest.raises(DataError, match="span must be a number"):
        some_data().normalize_time(duration)


def test_a_list_of_samples_is_no_data_set() -> None:
    network, objective = a_network("lif"), ls.FirstSpike()
    samples: Any = [(np.array([0.1]), np.array([0]))]
    for call in (
        lambda: ls.evaluate(network, samples, objective),
        lambda: ls.loss_and_gradient(network, samples, objective),
        lambda: ls.sweep(network, ls.random_directions(network, 1), [[0.0, 1.0]], samples, objective),
        lambda: ls.train(network, samples, some_data(), objective),
        lambda: ls.find_discontinuities(network, network.weights, (0.0, 1.0), samples, objective),
    ):
        with pytest.raises(DataError, match=r"data must be a Dataset, not list: make one with Dataset\("):
            call()


def test_the_census_of_a_line_takes_one_direction() -> None:
    network = a_network("lif")
    with pytest.raises(DirectionError, match="2 directions are given, but a line has one"):
        ls.find_discontinuities(
            network, ls.random_directions(network, 2), (0.0, 1.0), some_data(), ls.FirstSpike(), threads=1
        )
