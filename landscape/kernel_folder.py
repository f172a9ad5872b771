"""Where compiled kernels are kept: a folder whose name says what they depend on, and that nobody else can write to.

A kernel that is loaded is code that is run. So the folder of kernels belongs to the user and nobody else can write to
it; in a place shared by all, such as the one for temporary files, the same holds for the folder around it. This is
looked at each time, and again for each file that is opened. A folder that the user chose may stand where a group can
write: who moves it away and puts his own in its place achieves that kernels are compiled anew.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pkgutil
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import numba
import platformdirs
from llvmlite import binding

from landscape.filesystem import replacing

__all__ = ["cache_directory", "read_own", "source_digest", "write_own"]

#: Settings of Numba that alter the machine code, besides the processor's, which are part of each kernel's name.
SETTINGS = (
    *("OPT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "ENABLE_AVX", "DISABLE_INTEL_SVML", "BOUNDSCHECK"),
    *("DEBUGINFO_DEFAULT", "EXTEND_VARIABLE_LIFETIMES", "ENABLE_PROFILING"),
    *("DEBUG_NRT", "NRT_STATS", "LLVM_REFPRUNE_PASS", "LLVM_REFPRUNE_FLAGS"),
)


@functools.cache
def source_digest() -> str | None:
    """Hash of what every kernel depends on: the sources of this package, Python, Numba, its settings, the processor.

    None where the modules in use cannot be read, as in a frozen application: no kernel can be kept then.
    """
    digest = hashlib.sha256()
    found = set()
    try:
        for name, content in sorted(_contents(__package__, sys.modules[__package__].__path__)):
            found.add(name)
            # Compiled code cannot do without naming this module or the interface of the models.
            if b"landscape.compilation" in content or b"neurons.interface" in content:
                digest.update(repr((name, len(content))).encode())
                digest.update(content)
    except (OSError, ImportError, AttributeError):
        return None
    if not found.issuperset(name for name in sys.modules if name.startswith(f"{__package__}.")):
        return None
    settings = [str(getattr(numba.config, name, None)) for name in SETTINGS]
    for part in (sys.version, numba.__version__, binding.get_host_cpu_name(), _cpu_features(), *settings):
        digest.update(repr(part).encode())
    return digest.hexdigest()[:20]


def _contents(package: str, places: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Name and file content of each module of a package, from wherever it is imported: a folder, a zip file, sources or
    byte code.

    Raises:
        OSError, ImportError, AttributeError: an importer does not tell.
    """
    for finder, name, _ in pkgutil.iter_modules(places, f"{package}."):
        spec = finder.find_spec(name, None)
        yield name, spec.loader.get_data(spec.origin)  # type: ignore[union-attr]
        if spec.submodule_search_locations is not None:  # type: ignore[union-attr]
            yield from _contents(name, spec.submodule_search_locations)  # type: ignore[union-attr]


def _cpu_features() -> str:
    try:
        return str(binding.get_host_cpu_features().flatten())
    except RuntimeError:  # some platforms do not tell
        return ""


def cache_directory() -> Path | None:
    """The folder of compiled kernels, made if need be, or ``None`` if there is no place for it.

    ``LANDSCAPE_CACHE_DIR`` chooses where it stands; by default that is the user's cache folder, and the folder for
    temporary files where there is none that can be written.
    """
    digest = source_digest()
    if digest is not None:
        for folders in _places(f"kernels-{digest}"):
            with suppress(OSError):
                for folder in folders:
                    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                if all(map(_is_own, folders)):
                    return folders[-1]
    return None


def _places(name: str) -> Iterator[tuple[Path, ...]]:
    """Where the folder of kernels may be, behind those around it that have to be the user's own too."""
    chosen = os.environ.get("LANDSCAPE_CACHE_DIR")
    if chosen:
        yield (Path(chosen).absolute() / name,)
        return
    with suppress(RuntimeError):  # no home
        common = Path(platformdirs.user_cache_dir("spiking-landscape"))
        if common.is_absolute():  # not "~", where the home is unknown
            yield (common / name,)
    with suppress(OSError):
        user = str(os.geteuid()) if hasattr(os, "geteuid") else "user"
        around = Path(tempfile.gettempdir()).absolute() / f"spiking-landscape-{user}"
        yield (around, around / name)


def _is_own(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and _only_ours(status)


def _only_ours(status: os.stat_result) -> bool:
    """Whether a file or folder belongs to this user and nobody else can write to it."""
    return not hasattr(os, "geteuid") or (status.st_uid == os.geteuid() and not status.st_mode & 0o022)


def read_own(path: Path) -> bytes:
    """Content of a file that nobody else can have written.

    Raises:
        PermissionError: somebody else can.
        OSError: it cannot be read.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        status = os.fstat(file.fileno())
        if not (stat.S_ISREG(status.st_mode) and _only_ours(status)):
            raise PermissionError(f"{path}: others may have written it")
        return file.read()


def write_own(path: Path, content: bytes) -> None:
    """Write a file that nobody else can write to, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    with replacing(path) as file:
        if hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), 0o600)
        file.write(content)
