"""The command ``landscape``. It parses, calls the library and reports; nothing is computed here."""

from __future__ import annotations

import os

# Before NumPy is loaded: what BLAS computes here takes no time, but depends in its last bits on its number of threads,
# which would be that of the cores of whatever machine or batch job this runs on. Kernels have threads of their own.
for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[_name] = "1"
