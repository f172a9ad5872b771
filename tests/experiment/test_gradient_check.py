"""Exact derivatives against finite differences, as an experiment checks them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from synthetic.tiny_experiment import tiny

from landscape.errors import ConfigError
from landscape.experiment import Experiment, GradientCheck


def test_exact_derivatives_agree_with_finite_differences(finished: Path) -> None:
    checks = Experiment(tiny(), finished).check(slice_name="line", points=2, samples=5)
    assert len(checks) == 2
    for result in checks:
        assert result.agrees
        assert result.relative_error.shape == (2, 6)
        assert "agree" in result.table()


def test_a_check_without_results_uses_untrained_networks_and_writes_nothing(tmp_path: Path) -> None:
    (result,) = Experiment(tiny("slice.line.directions=random"), tmp_path / "r").check("qif", "line", points=1)
    assert "untrained" in result.name
    assert result.agrees
    assert not (tmp_path / "r").exists()


def test_a_wrong_derivative_is_told() -> None:
    one = np.ones(1)
    check = GradientCheck("x", (1e-4, 1e-5), one, one, one, np.array([[1.1, 1.1001]]))
    assert not check.agrees
    assert "DISAGREE" in check.table()


def test_an_unknown_model_or_slice_to_check_is_named(tmp_path: Path) -> None:
    experiment = Experiment(tiny(), tmp_path / "r")
    with pytest.raises(ConfigError, match="no model 'qfi'; did you mean 'qif'"):
        experiment.check("qfi")
    with pytest.raises(ConfigError, match="no slice 'plain'; did you mean 'plane'"):
        experiment.check(slice_name="plain")
