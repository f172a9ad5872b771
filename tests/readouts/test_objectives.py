"""Readouts as values: names, equality, truth, defaults."""

from __future__ import annotations

import itertools

import pytest
from synthetic.builders import OBJECTIVES

import landscape as ls
from landscape.errors import ConfigError
from landscape.readouts import by_name, objective_name, resolved


def test_names_and_readouts_correspond():
    assert [by_name(name) for name in ("first_spike", "max_potential", "mean_potential")] == [
        ls.FirstSpike,
        ls.MaxPotential,
        ls.MeanPotential,
    ]
    assert [objective_name(objective) for objective in OBJECTIVES] == [
        "first_spike",
        "max_potential",
        "mean_potential",
    ]
    with pytest.raises(ConfigError, match="readout 'rate' is unknown; there are first_spike"):
        by_name("rate")


def test_different_readouts_are_not_equal_and_none_of_them_is_false():
    for one, other in itertools.combinations(OBJECTIVES, 2):
        assert one != other
    for objective in OBJECTIVES:
        assert objective
        assert objective == type(objective)()
        assert hash(objective) == hash(type(objective)())
        assert objective != ()


def test_the_time_scale_of_the_readout_is_filled_in():
    assert resolved(ls.FirstSpike(), ls.QIF(0.5)) == ls.FirstSpike(0.0, 0.5)
    assert resolved(ls.FirstSpike(1, 2), ls.LIF()) == ls.FirstSpike(1.0, 2.0)
    assert type(resolved(ls.MaxPotential(), ls.LIF())) is ls.MaxPotential
