"""Modules from outside the package that bring neuron models, readouts, directions or kinds of tasks of their own.

Such a module is named by the user, never by a configuration: reading one from elsewhere must not run code.
``LANDSCAPE_PLUGINS`` holds names of modules or paths of Python files (``landscape --plugin`` adds one), separated as
paths are in ``PATH``; what is installed may also announce itself by an entry point of the group ``landscape.plugins``.
The variable is handed on to worker processes and jobs.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from landscape.errors import ConfigError
from landscape.paths import user_path

__all__ = ["PLUGINS_VARIABLE", "absolute", "hand_on", "plugin_modules", "source_hash"]

PLUGINS_VARIABLE = "LANDSCAPE_PLUGINS"
GROUP = "landscape.plugins"


def plugin_modules() -> list[ModuleType]:
    """The modules of all plugins, loaded; each once, and then kept as it was.

    Raises:
        ConfigError: one cannot be loaded.
    """
    named = [part for part in os.environ.get(PLUGINS_VARIABLE, "").split(os.pathsep) if part]
    return [*(_named(name) for name in named), *_installed()]


def absolute(plugins: str) -> str:
    """A value of ``LANDSCAPE_PLUGINS`` that holds in other working directories too."""
    parts = [part for part in plugins.split(os.pathsep) if part]
    return os.pathsep.join(os.path.abspath(user_path(part)) if _is_path(part) else part for part in parts)


def hand_on(plugins: str) -> None:
    """Let this process and those that it starts have the plugins of a value of ``LANDSCAPE_PLUGINS``."""
    os.environ[PLUGINS_VARIABLE] = plugins


def source_hash(thing: Any) -> str:
    """SHA-256 of the file that defines a class or function from outside the package; "" for one of the package.

    One typed at a prompt has no file and is told by its name alone.
    """
    if str(thing.__module__).partition(".")[0] == __package__:
        return ""
    return _file_hash(thing) or f"{thing.__module__}.{thing.__qualname__}"


def _file_hash(defined: Any) -> str:
    """SHA-256 of the file of a module, or of what is defined in one; "" where there is no file."""
    import inspect

    try:
        return _hash_when_loaded(inspect.getfile(defined))
    except (OSError, TypeError):
        return ""


# Once per process: what runs is what was loaded, even if the file has changed since.
@functools.cache
def _hash_when_loaded(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def _is_path(plugin: str) -> bool:
    return plugin.endswith(".py")


@functools.cache
def _named(plugin: str) -> ModuleType:
    try:
        module = _loaded(plugin)
    except Exception as error:
        raise ConfigError(f"plugin {plugin}: cannot be loaded: {type(error).__name__}: {error}") from error
    _file_hash(module)
    return module


def _loaded(plugin: str) -> ModuleType:
    if not _is_path(plugin):
        return importlib.import_module(plugin)
    path = user_path(plugin).resolve()
    name = path.stem
    if name in sys.modules:
        there = getattr(sys.modules[name], "__file__", None)
        if there is not None and Path(there).resolve() == path:
            return sys.modules[name]
        raise ImportError(f"there is another module named {name!r}; rename the file")
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError("is no Python file")
    module = importlib.util.module_from_spec(spec)
    # Before it runs, as an import does: its classes are looked up by the module's name.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


@functools.cache
def _installed() -> tuple[ModuleType, ...]:
    from importlib.metadata import entry_points

    modules = []
    for point in entry_points(group=GROUP):
        try:
            modules.append(point.load())
        except Exception as error:
            raise ConfigError(
                f"plugin {point.value} of an installed package: cannot be loaded: {type(error).__name__}: {error}"
            ) from error
    return tuple(modules)
