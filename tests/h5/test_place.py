"""HDF5 lies below everything that uses it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import landscape.h5

#: What of the package may be used: none of it knows of networks, slices or results.
BELOW = {"errors", "filesystem", "h5", "hdf5", "paths", "text"}


def imported(path: Path) -> set[str]:
    """The modules of the package that a module imports, at its top or within functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return {name.split(".")[1] for name in found if name.startswith("landscape.")}


def test_nothing_in_it_imports_what_lies_above():
    for path in Path(landscape.h5.__file__).parent.glob("*.py"):
        assert imported(path) <= BELOW, path.name


def test_what_a_record_says_is_loaded_without_h5py():
    code = "import sys, landscape.h5.fields\nsys.exit(any(name in sys.modules for name in ('h5py', 'numpy', 'numba')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
