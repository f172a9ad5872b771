"""Compiled kernels of a task of a batch job: a folder of its own on the node, filled from the common one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def own_kernels() -> Iterator[None]:
    """Keep the compiled kernels of this process in a local folder while the block runs, if none are compiled yet.

    A thousand tasks that start at once then load them from their nodes and not from one file server. What the common
    folder has is copied first, what was compiled here is added to it at the end; each file under a temporary name.
    """
    from landscape.compilation import cache_directory  # with Numba, which takes a while to load

    common = cache_directory()
    before = os.environ.get("LANDSCAPE_CACHE_DIR")
    with tempfile.TemporaryDirectory(prefix="landscape-kernels-", ignore_cleanup_errors=True) as own:
        if common is not None:
            with suppress(OSError):
                shutil.copytree(common, Path(own) / common.name)
        os.environ["LANDSCAPE_CACHE_DIR"] = own
        try:
            yield
        finally:
            if common is not None:
                _add_missing(Path(own) / common.name, common)
            if before is None:
                del os.environ["LANDSCAPE_CACHE_DIR"]
            else:
                os.environ["LANDSCAPE_CACHE_DIR"] = before


def _add_missing(own: Path, common: Path) -> None:
    from landscape.kernel_folder import read_own, write_own

    with suppress(OSError):
        for file in own.glob("*.nbc"):
            if not (common / file.name).exists():
                write_own(common / file.name, read_own(file))
