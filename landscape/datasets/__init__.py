"""Data sets of labelled spike trains: one ragged :class:`Dataset`, whatever the source."""

from __future__ import annotations

from landscape.datasets.dataset import Dataset, Sample
from landscape.datasets.digits import digits
from landscape.datasets.registry import FileLayout, Source, load_dataset, sources
from landscape.datasets.shd import load_shd
from landscape.datasets.summary import DataSummary, describe
from landscape.datasets.yin_yang import yin_yang

__all__ = [
    "DataSummary",
    "Dataset",
    "FileLayout",
    "Sample",
    "Source",
    "describe",
    "digits",
    "load_dataset",
    "load_shd",
    "sources",
    "yin_yang",
]
