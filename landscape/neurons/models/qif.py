"""The quadratic integrate-and-fire neuron; its steps are in ``landscape/neurons/qif.py``."""

from __future__ import annotations

from landscape.neurons.model import Costs, Drive, NeuronModel
from landscape.tables import Scale, Table


class Constants(Table):
    """Quadratic integrate-and-fire."""

    tau: Scale = 1.0
    """Membrane time constant; the synaptic one is half of it. [trial units]"""


MODEL = NeuronModel(
    name="qif",
    implementation="landscape.neurons.qif:QIF",
    constants=Constants,
    title="QIF",
    color="#0072B2",
    extended_precision=True,
    hidden_drive=Drive(20.0, 7.0),
    output_drive=Drive(10.0, 4.0),
    costs=Costs(
        update=2.2e-9,
        census_per_neuron=2.8e-4,
        census_power=1.0,
        # Without threshold most of it is following the spikes, however short the line.
        census_base=0.35,
        census_per_layer=1.0,
        discontinuities=0.0,
        anatomy=0.2,
        anatomy_per_neuron=0.005,
    ),
)
