"""The anatomy of one sample's loss: spike times along a line, and the potential on both sides of a jump."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from landscape.figures.material import Material
from landscape.fragmentation.anatomy_record import Anatomy
from landscape.fragmentation.census.record import Census

FloatArray = NDArray[np.float64]


def own_census(material: Material, name: str, model: str) -> Census | None:
    census = material.of(Census, name).get(model)
    return None if census is None else census.of_sample(material.of(Anatomy, name)[model].sample)


def layer_name(anatomy: Anatomy, layer: int) -> str:
    n_layers = len(anatomy.sizes) - 1
    if anatomy.spiking_output and layer == n_layers - 1:
        return "Output"
    hidden = n_layers - 1 if anatomy.spiking_output else n_layers
    return "Hidden" if hidden == 1 else f"Hidden {layer + 1}"
