"""What an optimizer must say."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from landscape.plugins import source_hash

__all__ = ["Moments", "OptimizerKind", "Rule"]

BETA_1 = 0.9
BETA_2 = 0.999


class Rule(Protocol):
    """Remembers earlier gradients and turns the next one into a step."""

    def __call__(self, gradient: np.ndarray) -> tuple[np.ndarray, np.ndarray | float]:
        """``(mean, scale)``, each (n_parameters,): the step goes by ``-mean / scale`` times the learning rate. The
        gradient is not written to."""
        ...


@dataclass(frozen=True, kw_only=True)
class OptimizerKind:
    """An optimizer by its name.

    Attributes:
        name: what ``[training]`` calls it.
        start: gives its rule for so many parameters, before the first step.
    """

    name: str
    start: Callable[[int], Rule]

    @property
    def source_hash(self) -> str:
        """Hash of the file of one from outside the package; "" for one of the package."""
        return source_hash(self.start)

    def lacks(self) -> list[str]:
        """What keeps it from being used, a phrase for each."""
        fine = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", self.name)
        return [] if fine else ["has a name with other characters than letters, digits, '_' and '-'"]


class Moments:
    """Running means of the gradients and of the squares of what deviates, both corrected for their start at zero.

    Args:
        n_parameters: length of the gradients.
        epsilon: added to the scale.
        belief: whether the squares are of what the gradient deviates by from its running mean (AdaBelief), with
            ``epsilon`` added at every step, and not of the gradient itself (Adam).
    """

    def __init__(self, n_parameters: int, epsilon: float, belief: bool) -> None:
        self.epsilon = epsilon
        self.belief = belief
        self.steps = 0
        self.first = np.zeros(n_parameters)
        self.second = np.zeros(n_parameters)

    def __call__(self, gradient: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The step for the next gradient, as :class:`Rule` says."""
        self.steps += 1
        self.first += (1.0 - BETA_1) * (gradient - self.first)
        deviation = gradient - self.first if self.belief else gradient
        self.second += (1.0 - BETA_2) * (deviation**2 - self.second)
        if self.belief:
            self.second += self.epsilon
        mean = self.first / (1.0 - BETA_1**self.steps)
        return mean, np.sqrt(self.second / (1.0 - BETA_2**self.steps)) + self.epsilon
