"""From an experiment file to trained networks, slices, measures, figures and a report.

What is finished is kept and nothing is done twice: see :mod:`landscape.experiment.plan` for what there is to do and how
results are told apart.
"""

from __future__ import annotations

from landscape.experiment.experiment import Experiment
from landscape.experiment.folder import FolderInUseError, ResultsFolder
from landscape.experiment.gradient_check import GradientCheck, check_gradient
from landscape.experiment.piece import Piece
from landscape.experiment.plan import Plan, Task
from landscape.experiment.preparation import prepare_data
from landscape.experiment.progress import Progress
from landscape.experiment.tasks import plan_of

__all__ = [
    "Experiment",
    "FolderInUseError",
    "GradientCheck",
    "Piece",
    "Plan",
    "Progress",
    "ResultsFolder",
    "Task",
    "check_gradient",
    "plan_of",
    "prepare_data",
]
