"""The output neuron that spikes first names the class; compiled in ``landscape/readouts/first_spike.py``."""

from __future__ import annotations

from landscape.readouts.readout import Readout
from landscape.tables import NonNegative, Positive, Table


class Constants(Table):
    """The output neuron that spikes first names the class; cross entropy of a softmax over the first spike times."""

    gamma: NonNegative = 0.0
    """Weight of the term exp(t_label / T) - 1 that pulls the label's spike forward."""

    tau_readout: Positive | None = None
    """Time scale of the softmax over spike times; if not set, the membrane's tau. [trial units]"""


READOUT = Readout(
    name="first_spike",
    implementation="landscape.readouts.first_spike:FirstSpike",
    constants=Constants,
    extended_precision=True,
    loss="first-spike loss",
    spikes_read=1,
    names_first_spike=True,
    of_neuron={"tau_readout": "tau"},
    remedies=("gamma",),
)
