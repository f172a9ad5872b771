"""Where a result comes from: the root attributes of a result file."""

from __future__ import annotations

import functools
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from landscape.version import __version__

_PACKAGES = ("numpy", "scipy", "numba", "h5py", "matplotlib")


def provenance(
    config: str | None = None,
    seeds: Mapping[str, int] | None = None,
    data_hash: str | None = None,
    *,
    host: bool = False,
) -> dict[str, Any]:
    """Root attributes for :func:`landscape.results.write_results`.

    Args:
        config: the whole configuration as TOML text.
        seeds: seeds by name; ``"seed"`` is that of the experiment, another name is stored as ``seed_NAME``.
        data_hash: SHA-256 of the data.
        host: whether to record the name of the machine.

    Returns:
        ``created`` (ISO 8601, UTC), ``config``, ``seed``..., ``data_hash``, ``version_PACKAGE`` for this
        package, Python and the packages that compute, and ``git_commit`` where the package runs from a git
        working copy.
    """
    attributes: dict[str, Any] = {"created": datetime.now(UTC).isoformat(timespec="seconds")}
    if config is not None:
        attributes["config"] = config
    for name, seed in (seeds or {}).items():
        attributes[name if name.startswith("seed") else f"seed_{name}"] = int(seed)
    if data_hash is not None:
        attributes["data_hash"] = data_hash
    attributes["version_landscape"] = __version__
    attributes["version_python"] = platform.python_version()
    for package in _PACKAGES:
        try:
            attributes[f"version_{package}"] = _version(package)
        except PackageNotFoundError:
            continue
    commit = _git_commit()
    if commit:
        attributes["git_commit"] = commit
    if host:
        attributes["host"] = platform.node()
    return attributes


_version = functools.cache(version)


# Asked for once per piece of a long run: git and the packages' metadata take longer than a small piece.
@functools.cache
def _git_commit() -> str | None:
    root = Path(__file__).resolve().parents[2]
    # Only the package's own working copy: an installed package may lie in a folder that some other project
    # tracks.
    if not (root / ".git").exists():
        return None
    try:
        commit = _git(root, "rev-parse", "HEAD")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return None
    return commit + ("+" if changed else "")


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=10, check=True)
    return done.stdout.strip()
