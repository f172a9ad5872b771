"""The file of :meth:`landscape.datasets.Dataset.save`, as a layout that files are recognised by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landscape.datasets.dataset import Dataset
from landscape.datasets.registry import FileLayout
from landscape.datasets.saving import FORMAT, is_saved

if TYPE_CHECKING:
    import h5py


def _missing(file: h5py.File) -> str:
    return f"the attribute format={FORMAT!r}"


LAYOUT = FileLayout("a data set saved by Dataset.save", is_saved, Dataset.from_saved, _missing)
