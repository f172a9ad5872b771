"""What is used of Numba without being documented there: named where a release lacks it, and done without."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from landscape import numba_internals
from landscape.numba_internals import INTERNALS, lacking

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "landscape"


def test_numba_has_everything_that_is_used_of_it_without_being_documented():
    assert lacking() == []


def test_what_a_release_has_removed_is_named_with_what_it_is_for(monkeypatch):
    class Emptied:
        _reduce = None

    assert any("_rebuild" in internal.names for internal in INTERNALS)
    monkeypatch.setattr(numba_internals, "CompileResult", Emptied)
    assert lacking() == [
        "CompileResult._rebuild (what is kept of a kernel on disk)",
        "CompileResult._find_referenced_environments (linked parts have their environments from the kernel)",
    ]


def test_no_other_module_imports_what_numba_does_not_document():
    documented = r"numba(\.extending)?|llvmlite"
    for path in (*PACKAGE.rglob("*.py"), *(ROOT / "cli").rglob("*.py")):
        if path.name != "numba_internals.py":
            for module in re.findall(r"^\s*(?:from|import) ((?:numba|llvmlite)[\w.]*)", path.read_text(), re.MULTILINE):
                assert re.fullmatch(documented, module), f"{path} imports {module}"


LINKED_OR_NOT = """
import sys
import numba.core.codegen
if sys.argv[1] == "not linked":
    del numba.core.codegen.JITCodeLibrary
import numpy as np
from landscape import numba_internals
from landscape.compilation import apart, inline, kernel, leaf, routine
from landscape.simulator.tuples import scaled

@leaf
def third(values, i):
    return scaled((values[i],), 1.0 / 3.0)[0]

@routine
def add_thirds(values, total):
    for i in range(values.size):
        total[0] += third(values, i)

@apart
def put(values, written):
    for i in range(values.size):
        written[i] = third(values, i)

@inline
def thirds(values):
    written = np.empty(values.size)
    put(values, written)
    return written

@kernel
def compute(values):
    total = np.zeros(1)
    add_thirds(values, total)
    return total[0], thirds(values)

total, parts = compute(np.arange(1.0, 20.0))
print(numba_internals.JITCodeLibrary is not None, total.hex(), parts.tobytes().hex())
"""

NETWORK = """
import sys
import numba.core.codegen
if sys.argv[1] == "not linked":
    del numba.core.codegen.JITCodeLibrary
import numpy as np
import landscape as ls
from landscape import numba_internals
network = ls.Network(ls.LIF(), [np.array([[6.0], [5.0]]), np.array([[4.0, 3.0], [3.0, 4.0]])], 4.0)
data = ls.Dataset(np.array([0.25, 1.5]), np.array([0, 0]), np.array([0, 1, 2]), np.array([0, 1]), 1, 2)
loss, gradients = ls.loss_and_gradient(network, data, ls.FirstSpike(), threads=1)
print(numba_internals.JITCodeLibrary is not None, loss.hex(), b"".join(g.tobytes() for g in gradients).hex())
"""


def output(code, how, cache):
    environment = os.environ | {"LANDSCAPE_CACHE_DIR": str(cache / how), "LANDSCAPE_QUIET": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, how],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    "code", [LINKED_OR_NOT, pytest.param(NETWORK, marks=pytest.mark.slow)], ids=["parts", "network"]
)
def test_without_linking_kernels_give_the_same_numbers(code, tmp_path):
    linked, *numbers = output(code, "linked", tmp_path)
    not_linked, *same = output(code, "not linked", tmp_path)
    assert (linked, not_linked) == ("True", "False")
    assert numbers == same
