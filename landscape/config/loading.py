"""Finds, reads and checks experiment files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from landscape.config.messages import problems, suggestion
from landscape.config.overrides import apply_override
from landscape.config.schema import Config
from landscape.config.toml import LONGEST, loads
from landscape.errors import ConfigError, InputError
from landscape.filesystem import open_regular
from landscape.paths import user_path

#: Names of pipes that are read: standard input, and what shells put in the place of ``<(COMMAND)``.
_STREAM = re.compile(r"/dev/stdin|/dev/fd/\d+|/proc/self/fd/\d+")


def load_config(name_or_path: str | os.PathLike[str], overrides: Iterable[str] = ()) -> Config:
    """Read an experiment.

    Args:
        name_or_path: a TOML file in UTF-8, the name of one of the experiments that come with the package
            (:func:`config_names`), a results folder, whose ``config.toml`` is read, or ``"-"``, standard input.
        overrides: ``"key=value"`` changes, applied in turn; see :mod:`landscape.config.overrides`.

    Returns:
        The experiment with all defaults filled in.

    Raises:
        ConfigError: the file cannot be found or read, is no TOML, or has an unknown key or an invalid value.
            One line per problem names the file, the key, what is allowed and what was found.
    """
    path = find_config(name_or_path)
    return parse_config(_text_of(path), origin=str(path), default_name=_default_name(path), overrides=overrides)


def parse_config(
    text: str, *, origin: str = "experiment", default_name: str = "", overrides: Iterable[str] = ()
) -> Config:
    """Read an experiment from TOML text.

    Args:
        text: TOML.
        origin: what messages call the text, usually its file.
        default_name: the experiment's name if the text gives none.
        overrides: as in :func:`load_config`.

    Raises:
        ConfigError: as in :func:`load_config`.
    """
    try:
        table = loads(text)
    except ValueError as error:
        raise ConfigError(f"{origin}: is no valid TOML: {error}") from error
    for override in overrides:
        apply_override(table, override)
    if default_name:
        table.setdefault("name", default_name)
    return _validated(table, origin)


def find_config(name_or_path: str | os.PathLike[str]) -> Path | Traversable:
    """Return the experiment file that a name, path or results folder stands for; ``"-"`` is standard input.

    A file of that path comes first, then a folder with a ``config.toml``, then an experiment of the package.

    Raises:
        ConfigError: there is no such file, folder or experiment.
    """
    path = Path("/dev/stdin") if name_or_path == "-" else _expanded(name_or_path)
    try:
        is_folder = path.is_dir()
        # What is no regular file either is named when it is read.
        if os.path.exists(path) and not is_folder:
            return path
        if os.path.exists(path / "config.toml"):
            return path / "config.toml"
        shipped = config_folder() / f"{path.name.removesuffix('.toml')}.toml"
        if len(path.parts) == 1 and shipped.is_file():
            return shipped
    except (OSError, ValueError) as error:
        raise ConfigError(f"{str(name_or_path)!r} cannot be the path of an experiment: {error}") from error
    if is_folder:
        raise ConfigError(f"{path}: is a folder without a config.toml, so no results folder; give a TOML file")
    if len(path.parts) == 1 and path.suffix in ("", ".toml"):
        hint = suggestion(path.stem, config_names())
        raise ConfigError(f"{path}: no such file, and no experiment of that name comes with the package{hint}")
    raise ConfigError(f"{path}: no such file")


def config_names() -> list[str]:
    """Return the names of the experiments that come with the package."""
    folder = config_folder()
    files = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml"))


def config_folder() -> Path | Traversable:
    """Return the folder with these experiments: inside an installed package, which may be a zip file, or beside it in a
    clone."""
    installed = resources.files("landscape") / "configs"
    return installed if installed.is_dir() else Path(__file__).resolve().parents[2] / "configs"


def _expanded(name_or_path: str | os.PathLike[str]) -> Path:
    try:
        return user_path(name_or_path)
    except InputError as error:
        raise ConfigError(str(error)) from error


def _text_of(path: Path | Traversable) -> str:
    """Read a TOML file, one in a zip file, or a stream, however long it says it is."""
    try:
        with (
            open_regular(path)
            if isinstance(path, Path) and not _STREAM.fullmatch(str(path))
            else path.open("rb") as file
        ):
            content = file.read(LONGEST + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) > LONGEST:
        raise ConfigError(f"{path}: is longer than {LONGEST:,} bytes, so no experiment; give a TOML file")
    if content.startswith(b"\x89HDF"):
        raise ConfigError(
            f"{path}: is an HDF5 file with results or data, no experiment; give a TOML file or a results folder "
            "('landscape info' and 'landscape data info' show what such a file holds)"
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigError(f"{path}: is UTF-16 text; save it as UTF-8, which TOML files are")
    try:
        return content.decode("utf-8-sig")  # editors on Windows put a mark before it
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{path}: is not UTF-8 text, so no TOML file (byte 0x{content[error.start]:02x} in line {line}); "
            "save it as UTF-8"
        ) from error


def _validated(table: dict[str, Any], origin: str) -> Config:
    try:
        config = Config.model_validate(table)
    except ValidationError as error:
        raise ConfigError(*problems(error, table, origin)) from error
    config._origin = origin
    return config


def _default_name(path: Path | Traversable) -> str:
    if _STREAM.fullmatch(str(path)):
        return "experiment"
    name = Path(str(path)).resolve().parent.name if path.name == "config.toml" else Path(path.name).stem
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-_")[:64] or "experiment"
