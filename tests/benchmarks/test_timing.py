"""Times are taken in turns, as often as asked for or as there is time for."""

from __future__ import annotations

import pytest

from landscape.benchmarks.timing import interleaved


@pytest.mark.parametrize(("repeats", "budget", "turns"), [(7, float("inf"), 7), (7, 0.0, 3), (2, 0.0, 2)])
def test_calls_take_turns_after_one_each_to_warm_up(repeats, budget, turns):
    order = []
    seconds, work = interleaved([lambda: order.append("a"), lambda: order.append("b")], repeats, budget)
    assert order == ["a", "b"] * (turns + 1)
    assert len(seconds) == len(work) == 2
