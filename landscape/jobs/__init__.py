"""Where work runs: this machine, a Slurm job array, a Dask cluster; how far it is, and what there is of it.

A study is a set of pieces that any process may compute once those it needs are there (``README.md`` beside).
"""

from __future__ import annotations

from landscape.jobs.bundles import bundled, missing_pieces, stages
from landscape.jobs.merging import Merged, merge
from landscape.jobs.status import Group, StudyStatus, study_status
from landscape.jobs.worker import StoppedError, compute_pieces

__all__ = [
    "Group",
    "Merged",
    "StoppedError",
    "StudyStatus",
    "bundled",
    "compute_pieces",
    "merge",
    "missing_pieces",
    "stages",
    "study_status",
]
