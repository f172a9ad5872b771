"""What the package knows of a readout beside its compiled functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from landscape.constants import Compiled, missing
from landscape.errors import ConfigError, InputError
from landscape.readouts import interface

__all__ = ["HOOKS", "Readout"]

#: The functions that a readout implements (``interface.py``).
HOOKS = ("read", "output_spikes", "tangent", "backward")


@dataclass(frozen=True, kw_only=True)
class Readout(Compiled):
    """A readout by its name; further attributes are those of :class:`~landscape.constants.Compiled`.

    Attributes:
        loss: what its loss is called, as ``"first-spike loss"``; the name if not given.
        spikes_read: how many spikes of each output neuron the loss depends on, at most; 0 where the outputs do not
            spike but integrate their input.
        names_first_spike: whether the output neuron that spikes first names the class.
        of_neuron: constants that may be left out (None) and are then those of the neurons, by the neurons' names of
            them, as ``{"tau_readout": "tau"}``.
        remedies: constants that, when positive, act against silence of neurons and are said so.
    """

    kind: ClassVar[str] = "readout"
    error: ClassVar[type[InputError]] = ConfigError

    loss: str = ""
    spikes_read: int = 0
    names_first_spike: bool = False
    of_neuron: Mapping[str, str] = field(default_factory=dict, hash=False)
    remedies: tuple[str, ...] = ()

    def lacks(self) -> list[str]:
        """What keeps the readout from being used, a phrase for each; empty where nothing does."""
        problems = super().lacks()
        if without := missing(self.constants_class, interface, HOOKS):
            problems.append(f"lacks the functions {', '.join(without)}")
        return problems
