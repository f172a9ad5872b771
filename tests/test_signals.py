"""Signals that come within compiled code: handlers are called, once, when it has returned, with what they raise."""

from __future__ import annotations

import signal
import threading

import numpy as np
import pytest
from synthetic.builders import a_network, some_data

import landscape as ls
from landscape.fragmentation.census import CensusInterrupted
from landscape.interrupts import handlers_wrapped, interruptible, uninterrupted


class AskedError(Exception):
    """What the handler of the tests raises."""


@pytest.fixture
def handled():
    """Numbers of the signals for which a handler was called that raises."""
    numbers = []

    def handler(number, frame):
        numbers.append(number)
        raise AskedError

    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    yield numbers
    for number, earlier in before.items():
        assert signal.getsignal(number) is handler
        signal.signal(number, earlier)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGALRM])
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_signal_within_compiled_code_waits_for_its_end(handled, number, wrapped):
    steps = []

    def compiled(step):
        signal.raise_signal(number)
        steps.append(step)

    def call():
        uninterrupted(compiled, 1)
        steps.append(2)

    with pytest.raises(AskedError):
        handlers_wrapped()(call)() if wrapped else call()
    assert steps == [1]
    assert handled == [number]


def test_of_two_signals_both_handlers_are_called(handled):
    with pytest.raises(AskedError):
        uninterrupted(lambda: (signal.raise_signal(signal.SIGINT), signal.raise_signal(signal.SIGTERM)))
    assert sorted(handled) == [signal.SIGINT, signal.SIGTERM]


def test_between_calls_of_compiled_code_no_signal_waits(handled):
    with handlers_wrapped():
        uninterrupted(lambda: None)
        with pytest.raises(AskedError):
            signal.raise_signal(signal.SIGINT)
    assert handled == [signal.SIGINT]


def test_compilation_within_a_call_is_interrupted_at_once(handled):
    steps = []

    def compiles():
        signal.raise_signal(signal.SIGINT)
        steps.append("compiled")

    with pytest.raises(AskedError):
        uninterrupted(lambda: interruptible(compiles))
    assert steps == []
    assert handled == [signal.SIGINT]


def test_a_piece_of_work_may_be_left_between_its_kernels(handled):
    steps = []

    def piece():
        signal.raise_signal(signal.SIGINT)
        steps.append("before")
        uninterrupted(steps.append, "kernel")
        steps.append("after")

    with pytest.raises(AskedError):
        uninterrupted(piece)
    assert steps == ["before", "kernel"]
    assert handled == [signal.SIGINT]


def test_a_handler_that_does_not_raise_lets_the_result_through():
    seen = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: seen.append(number))
    try:
        assert uninterrupted(lambda: (signal.raise_signal(signal.SIGALRM), len(seen)))[1] == 0
        assert seen == [signal.SIGALRM]
    finally:
        signal.signal(signal.SIGALRM, before)


def test_other_threads_compute_without_touching_handlers(handled):
    results = []
    thread = threading.Thread(target=lambda: results.append(uninterrupted(signal.getsignal, signal.SIGINT)))
    thread.start()
    thread.join()
    assert results == [signal.getsignal(signal.SIGINT)]


def test_what_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert uninterrupted(lambda: signal.raise_signal(signal.SIGINT) or 7) == 7
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_census_that_is_interrupted_anywhere_goes_on_to_the_same_result(threads):
    network, data = a_network("lif"), some_data(n_samples=6)
    arguments = (network, ls.random_directions(network, 1, seed=2), (-0.3, 0.3), data, ls.FirstSpike())
    whole = ls.find_discontinuities(*arguments, threads=threads)

    def interrupt(number, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    resume, interrupts = None, 0
    try:
        for attempt in range(200):
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.003 + 0.001 * attempt)
                found = ls.find_discontinuities(*arguments, threads=threads, resume=resume)
                signal.setitimer(signal.ITIMER_REAL, 0.0)
                break
            except CensusInterrupted as caught:
                resume, interrupts = caught.finished, interrupts + 1
            except KeyboardInterrupt:
                interrupts += 1  # before the first sample, or after the last
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert interrupts > 0
    np.testing.assert_array_equal(found.position, whole.position)
    np.testing.assert_array_equal(found.jump, whole.jump)
