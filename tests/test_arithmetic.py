"""Norms and what is made with them do not depend on the threads of BLAS."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

from landscape.arithmetic import inner, norm

SCRIPT = """
import numpy as np
import landscape as ls
from landscape.training import TrainingSettings, train

rng = np.random.default_rng(1)
times = np.sort(rng.uniform(0.0, 3.0, (12, 20)), axis=1)
channels = rng.integers(0, 500, (12, 20))
data = ls.Dataset(times.ravel(), channels.ravel(), np.arange(13) * 20, np.arange(12) % 2, 500, 2)
weights = [rng.normal(1.0, 1.0, (40, 500)), rng.normal(0.5, 0.5, (2, 40))]
network = ls.Network(neuron=ls.QIF(tau=1.0), weights=weights, duration=4.0)
settings = TrainingSettings(epochs=2, batch_size=4, clip_norm=1e-3)
trained = train(network, data, data, ls.FirstSpike(), settings, threads=1).final
directions = ls.random_directions(trained, count=2, seed=1, normalization="network")
print(trained.parameters.tobytes().hex(), directions.vectors.tobytes().hex(), directions.gram.tobytes().hex())
"""


def test_inner_products_are_those_of_numpy() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.standard_normal((2, 30, 50))
    np.testing.assert_allclose(inner(a, b), np.vdot(a, b), rtol=1e-12)
    np.testing.assert_allclose(norm(a), np.linalg.norm(a), rtol=1e-14)
    assert norm(np.zeros(0)) == 0.0


def test_training_and_directions_do_not_depend_on_the_threads_of_blas() -> None:
    """With as many weights as it takes BLAS to use more than one."""
    found = set()
    for threads in ("1", "2", "5"):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_NUM_THREADS": threads}
        done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        found.add(done.stdout)
    assert len(found) == 1
