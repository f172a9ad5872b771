"""Names of neuron models."""

from __future__ import annotations

import pytest

import landscape as ls
from landscape.errors import NetworkError
from landscape.neurons import by_name, check_constants, neuron_name


def test_names_and_models_correspond():
    assert by_name("lif") is ls.LIF
    assert by_name("qif") is ls.QIF
    assert neuron_name(ls.LIF()) == "lif"
    assert neuron_name(ls.QIF(2.0)) == "qif"


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(NetworkError, match=r"'alif' is unknown; there are .*lif, qif"):
        by_name("alif")


def test_constants_become_floats():
    checked = check_constants(ls.LIF(tau=2, threshold=1))
    assert checked == ls.LIF(2.0, 1.0)
    assert all(type(value) is float for value in checked)
