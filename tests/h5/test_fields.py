"""What the fields of a record's class say."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from landscape.h5.fields import array, layers, record
from landscape.h5.layout import layout_of


def test_they_are_loaded_without_h5py_and_numpy():
    code = "import sys, landscape.h5.fields\nsys.exit(any(name in sys.modules for name in ('h5py', 'numpy', 'numba')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_class_must_say_what_its_dimensions_count():
    with pytest.raises(TypeError, match="say in `dims` what 'row' counts"):

        @record()
        class Unsaid:
            value: np.ndarray = array("row", "a value")


def test_layers_are_numbered_and_the_input_is_none():
    @record(dims={"channel": "input channel", "neuron_{n}": "neuron of layer {n}"})
    class Weights:
        weights: list[np.ndarray] = layers("weights_{n}", ("neuron_{n}", "neuron_{n-1}"), "weights to layer {n}")

    layout = layout_of(Weights)
    first, second = (layout.named(f"weights_{n}") for n in (0, 1))
    assert first.dims == ("neuron_0", "channel")
    assert second.dims == ("neuron_1", "neuron_0")
    assert second.doc == "weights to layer 1"
    assert layout.named("neuron_1").doc == "neuron of layer 1"
    assert layout.named("weights_01") is layout.named("bias_0") is None
