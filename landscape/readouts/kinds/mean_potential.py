"""The output with the highest mean potential names the class; compiled in ``landscape/readouts/potential.py``."""

from __future__ import annotations

from landscape.readouts.readout import Readout
from landscape.tables import Table


class Constants(Table):
    """The non-spiking output with the highest mean potential names the class; cross entropy of a softmax over them."""


READOUT = Readout(
    name="mean_potential",
    implementation="landscape.readouts.potential:MeanPotential",
    constants=Constants,
    extended_precision=True,
    loss="mean-potential loss",
)
