"""The leaky integrate-and-fire neuron; its steps are in ``landscape/neurons/lif.py``."""

from __future__ import annotations

from landscape.neurons.model import Costs, Drive, NeuronModel
from landscape.tables import Scale, Table


class Constants(Table):
    """Leaky integrate-and-fire."""

    tau: Scale = 1.0
    """Membrane time constant; the synaptic one is half of it. [trial units]"""

    threshold: Scale = 1.0
    """Potential at which the neuron spikes; it is then reset to 0. [potential]"""


MODEL = NeuronModel(
    name="lif",
    implementation="landscape.neurons.lif:LIF",
    constants=Constants,
    title="LIF",
    color="#D55E00",
    extended_precision=True,
    hidden_drive=Drive(8.0, 4.0),
    output_drive=Drive(9.0, 4.5),
    costs=Costs(
        update=0.8e-9,
        # It has many more spikes that come and go than a model without threshold, each of which is looked for in longer
        # spike trains.
        census_per_neuron=3.4e-4,
        census_power=1.6,
        census_per_layer=10.0,
        discontinuities=0.3,
        anatomy=0.5,
        anatomy_per_neuron=0.035,
    ),
)
