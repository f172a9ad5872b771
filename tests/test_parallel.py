"""Results are the same to the last bit for any number of threads and any cut of the work into blocks."""

from __future__ import annotations

import os
import threading
import time

import numpy as np
import pytest
from synthetic.builders import KINDS, READOUTS, a_network, some_data

import landscape as ls
from landscape.evaluation import differentiate
from landscape.parallel import run_blocks, thread_count
from landscape.training import TrainingSettings

THREADS = (1, 2, 3)


def arrays_of(evaluation):
    """All numbers of an evaluation, one after another."""
    return [
        np.array([evaluation.loss, evaluation.accuracy]),
        evaluation.sample_losses,
        evaluation.correct,
        *evaluation.spike_counts,
        *evaluation.silent,
        *evaluation.silent_before_output,
    ]


def surface_arrays(surface):
    """All values of a surface by name."""
    names = [
        "loss",
        "accuracy",
        "directional_derivative",
        "spike_count",
        "silent",
        "status",
        "gradient_norm",
        "sample_loss",
        "gradient",
    ]
    return {name: getattr(surface, name) for name in names if getattr(surface, name) is not None}


def assert_same(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


@KINDS
@READOUTS
def test_evaluation_and_gradient_are_identical_for_1_2_and_3_threads(kind, objective):
    network, data = a_network(kind), some_data(n_samples=150)
    results = [differentiate(network, data, objective, threads=threads) for threads in THREADS]
    for evaluation, gradients in results:
        assert_same(arrays_of(evaluation), arrays_of(results[0][0]))
        assert_same(gradients, results[0][1])
        assert_same(arrays_of(ls.evaluate(network, data, objective, threads=2)), arrays_of(evaluation))


@KINDS
def test_the_loss_of_evaluate_and_of_loss_and_gradient_is_the_same_number(kind):
    network, data = a_network(kind), some_data(n_samples=33)
    loss, _ = ls.loss_and_gradient(network, data, ls.FirstSpike())
    assert loss == ls.evaluate(network, data, ls.FirstSpike()).loss


@KINDS
def test_sample_losses_do_not_depend_on_how_the_data_are_cut(kind):
    network, data = a_network(kind), some_data(n_samples=150)
    whole = ls.evaluate(network, data, ls.FirstSpike()).sample_losses
    for cut in (1, 37, 75, 149):
        parts = [data.select(indices=np.arange(cut)), data.select(indices=np.arange(cut, 150))]
        found = [ls.evaluate(network, part, ls.FirstSpike()).sample_losses for part in parts]
        np.testing.assert_array_equal(np.concatenate(found), whole)


@KINDS
@READOUTS
def test_the_gradient_is_the_mean_of_the_samples_gradients(kind, objective):
    network, data = a_network(kind), some_data(n_samples=20)
    _, whole = ls.loss_and_gradient(network, data, objective)
    single = [ls.loss_and_gradient(network, data.select(indices=[i]), objective)[1] for i in range(20)]
    for layer, gradient in enumerate(whole):
        np.testing.assert_allclose(gradient, np.mean([g[layer] for g in single], axis=0), rtol=1e-11, atol=1e-14)


@KINDS
@pytest.mark.parametrize("n_points", [1, 5, 67])
def test_surfaces_are_identical_for_1_2_and_3_threads(kind, n_points):
    network, data = a_network(kind), some_data()
    axes = [np.linspace(-0.3, 0.3, n_points), np.linspace(-0.1, 0.1, 3)]
    directions = ls.random_directions(network, count=2, seed=1)
    surfaces = [
        ls.sweep(
            network,
            directions,
            axes,
            data,
            ls.FirstSpike(),
            gradient="full",
            sample_losses=True,
            threads=threads,
        )
        for threads in THREADS
    ]
    wanted = surface_arrays(surfaces[0])
    assert len(wanted) == 9
    for surface in surfaces[1:]:
        for name, values in surface_arrays(surface).items():
            np.testing.assert_array_equal(values, wanted[name], err_msg=name)


@KINDS
def test_training_is_identical_for_1_2_and_3_threads(kind):
    network, data = a_network(kind), some_data(n_samples=40)
    settings = TrainingSettings(
        epochs=2, batch_size=16, learning_rate=0.01, channel_shift=1, time_jitter=0.05, spike_dropout=0.1
    )
    records = [ls.train(network, data, data, ls.FirstSpike(), settings, threads=threads) for threads in THREADS]
    for record in records[1:]:
        np.testing.assert_array_equal(record.trajectory, records[0].trajectory)
        for name, column in record.history.items():
            np.testing.assert_array_equal(column, records[0].history[name])


# --- blocks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_every_block_is_worked_on_once_and_named_by_its_position(threads):
    found = dict(run_blocks(lambda block: block * block, range(23), threads))
    assert found == {position: position * position for position in range(23)}


@pytest.mark.parametrize("threads", [1, 2])
def test_no_blocks_are_no_work(threads):
    assert list(run_blocks(abs, [], threads)) == []


@pytest.mark.parametrize("threads", [1, 3])
def test_an_exception_in_a_block_reaches_the_caller(threads):
    def work(block):
        if block == 4:
            raise ZeroDivisionError("block 4")
        return block

    with pytest.raises(ZeroDivisionError, match="block 4"):
        list(run_blocks(work, range(9), threads))


def test_no_block_outlives_a_consumer_that_stops():
    begun, ended = [], []

    def work(block):
        begun.append(block)
        time.sleep(0.01)
        ended.append(block)

    for _ in run_blocks(work, range(1000), 3):
        break
    count = len(begun)
    assert count < 100
    assert len(ended) == count
    time.sleep(0.05)
    assert len(begun) == count


def test_threads_stay_for_the_next_call():
    list(run_blocks(abs, range(20), 3))
    before = threading.active_count()
    for _ in range(50):
        assert len(list(run_blocks(abs, range(20), 3))) == 20
    assert threading.active_count() == before


def test_blocks_of_blocks_and_of_several_callers_at_once_all_get_done():
    """Helpers are shared; nobody waits for one that works for somebody else."""

    def work(block):
        return sum(result for _, result in run_blocks(lambda inner: block * inner, range(5), 3))

    totals = []
    callers = [
        threading.Thread(target=lambda: totals.append(sum(result for _, result in run_blocks(work, range(40), 3))))
        for _ in range(4)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(timeout=60)
    assert totals == [10 * 780] * 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own():
    list(run_blocks(abs, range(20), 3))
    child = os.fork()
    if child == 0:
        os._exit(0 if len(list(run_blocks(abs, range(20), 3))) == 20 else 1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_process_can_end_what_its_parent_has_begun():
    going = threading.Event()
    results = run_blocks(lambda block: block < 2 or going.wait(60), range(9), 3)
    next(results)
    child = os.fork()
    if child == 0:
        results.close()
        os._exit(0)
    deadline = time.monotonic() + 30
    while (ended := os.waitpid(child, os.WNOHANG))[0] == 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    going.set()
    results.close()
    assert ended == (child, 0)


def test_the_default_number_of_threads_is_that_of_usable_cores(monkeypatch):
    monkeypatch.delenv("LANDSCAPE_THREADS", raising=False)
    assert thread_count() >= 1
    monkeypatch.setenv("LANDSCAPE_THREADS", "3")
    assert thread_count() == 3
    assert thread_count(2) == 2
