"""From an experiment file to trained networks, slices, measures, figures and a report.

Every stage keeps what it finishes and does nothing twice: see :mod:`landscape.experiment.plan` for how pieces
are told apart.
"""

from __future__ import annotations

from landscape.experiment.folder import FolderInUseError, ResultsFolder
from landscape.experiment.gradient_check import GradientCheck, check_gradient
from landscape.experiment.piece import Piece
from landscape.experiment.plan import Plan
from landscape.experiment.preparation import prepare_data
from landscape.experiment.progress import Progress
from landscape.experiment.stages import Experiment

__all__ = [
    "Experiment",
    "FolderInUseError",
    "GradientCheck",
    "Piece",
    "Plan",
    "Progress",
    "ResultsFolder",
    "check_gradient",
    "prepare_data",
]
