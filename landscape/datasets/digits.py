"""The digits that come with the package: synthetic speech through a cochlea model.

Not recordings: espeak-ng 1.51, a formant synthesizer, spoke the digits 0 to 9 in English and in German in 20
voices that differ in variant, pitch and speed. Silence was trimmed and the audio turned into spikes of 700
channels by the cochlea model of Spiking Heidelberg Digits (basilar membrane, hair cells, bushy cells; source: see
:mod:`landscape.datasets.shd`). Fricatives are faint. The file ``synthetic_digits.xz`` is packed by
:mod:`landscape.datasets.packing`.
"""

from __future__ import annotations

from importlib.resources import files

from landscape.datasets.dataset import Dataset
from landscape.datasets.packing import unpack
from landscape.datasets.registry import Source
from landscape.datasets.sizes import DataSize


def digits() -> Dataset:
    """Return the embedded spoken digits: 400 samples of synthetic speech.

    Returns:
        Dataset: Times in seconds, 700 channels, 20 classes (0 to 9 English, 10 to 19 German; ``class_names`` has the
            words), 20 samples of each class, 20 speakers (voices) with one sample per class each; about 5,400 spikes
            and 0.4 s per sample. Spikes of a sample at the same time are in order of channel.
    """
    return unpack(files("landscape.datasets").joinpath("synthetic_digits.xz").read_bytes(), name="digits")


SOURCE = Source(
    "digits",
    digits,
    "spoken digits, synthetic speech, embedded: 700 channels, 20 classes, 400 samples",
    size=DataSize(samples=400, classes=20, spikes=5400.0, events=1800.0),
)
