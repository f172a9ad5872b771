"""The output with the highest potential names the class; compiled in ``landscape/readouts/potential.py``."""

from __future__ import annotations

from landscape.readouts.readout import Readout
from landscape.tables import Table


class Constants(Table):
    """The non-spiking output whose potential rises highest names the class; cross entropy of a softmax over them."""


READOUT = Readout(
    name="max_potential",
    implementation="landscape.readouts.potential:MaxPotential",
    constants=Constants,
    extended_precision=True,
    loss="maximum-potential loss",
)
