"""Compiled kernels of a task of a batch job: a folder of its own on the node, filled from the common one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from landscape.filesystem import open_regular, replacing


@contextmanager
def own_kernels() -> Iterator[None]:
    """Keep the compiled kernels of this process in a local folder while the block runs, if none are compiled yet.

    A thousand tasks that start at once then load them from their nodes and not from one file server. What the common
    folder has is copied first, what was compiled here is added to it at the end; each file under a temporary name.
    """
    # Asked before numba is loaded, which is when the folder is settled.
    from landscape import compilation

    common = compilation.cache_directory()
    before = os.environ.get("LANDSCAPE_CACHE_DIR")
    with tempfile.TemporaryDirectory(prefix="landscape-kernels-", ignore_cleanup_errors=True) as own:
        if common is not None:
            with suppress(OSError):
                shutil.copytree(common, Path(own) / common.name)
        os.environ["LANDSCAPE_CACHE_DIR"] = own
        compilation.cache_directory.cache_clear()
        try:
            yield
        finally:
            if common is not None:
                _add_missing(Path(own) / common.name, common)
            if before is None:
                del os.environ["LANDSCAPE_CACHE_DIR"]
            else:
                os.environ["LANDSCAPE_CACHE_DIR"] = before
            compilation.cache_directory.cache_clear()


def _add_missing(own: Path, common: Path) -> None:
    with suppress(OSError):
        for file in own.glob("*.nbc"):
            if not (common / file.name).exists():
                with open_regular(file) as compiled, replacing(common / file.name) as kept:
                    shutil.copyfileobj(compiled, kept)
