"""``key=value`` changes to an experiment, as ``--set`` takes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from landscape.config.messages import shortened, suggestion
from landscape.config.toml import DEEPEST, loads
from landscape.errors import ConfigError


def apply_override(table: dict[str, Any], override: str) -> None:
    """Set one key of a parsed experiment file in place.

    Args:
        table: the parsed file.
        override: ``"KEY=VALUE"``. ``KEY`` is dotted; items of ``model`` and ``slice`` go by name or number
            (``model.lif.hidden``, ``slice.0.points``). ``VALUE`` is TOML; what is not TOML is taken as text.
            An empty value removes the key, so that its default holds.

    Raises:
        ConfigError: there is no ``=``, the key is malformed, or it leads through something that is no table.
    """
    try:
        override.encode("utf-8")
    except UnicodeEncodeError:  # what Python makes of other bytes on the command line
        raise ConfigError(f"--set {shortened(override)}: is not UTF-8 text") from None
    path, separator, text = override.partition("=")
    steps = [step.strip() for step in path.split(".")]
    if not separator or not all(steps):
        raise ConfigError(f"--set {shortened(override)}: must be KEY=VALUE, for example training.epochs=5")
    if len(steps) > DEEPEST:
        raise ConfigError(f"--set {shortened(override)}: has a key of {len(steps):,} parts; no key has so many")
    target: Any = table
    for depth, step in enumerate(steps[:-1]):
        target = _descend(target, step, override, ".".join(steps[:depth]))
    _assign(target, steps[-1], text.strip(), override, ".".join(steps[:-1]))


def parse_value(text: str) -> Any:
    """Return ``text`` as a TOML value, or as it is if it is none: ``[64, 32]``, ``0.5``, ``digits``."""
    try:
        parsed = loads(f"value = {text}")
    except ValueError:
        return text
    # A line break could smuggle in a second key.
    return parsed["value"] if set(parsed) == {"value"} else text


def _descend(target: Any, step: str, override: str, path: str) -> Any:
    if isinstance(target, list):
        return target[_position(target, step, override, path)]
    if not isinstance(target, dict):
        raise ConfigError(f"--set {shortened(override)}: '{path}' is a single value and has no keys")
    return target.setdefault(step, {})


def _assign(target: Any, step: str, text: str, override: str, path: str) -> None:
    key: Any = step
    if isinstance(target, list):
        key = _position(target, step, override, path)
    elif not isinstance(target, dict):
        raise ConfigError(f"--set {shortened(override)}: '{path}' is a single value and has no keys")
    if text:
        target[key] = parse_value(text)
    elif isinstance(target, list):
        del target[key]
    else:
        target.pop(key, None)


def _position(items: list[Any], step: str, override: str, path: str) -> int:
    names = list(_names(items))
    if step in names:
        return names.index(step)
    if step.isascii() and step.isdigit():
        if int(step) < len(items):
            return int(step)
        raise ConfigError(f"--set {shortened(override)}: '{path}' has {len(items)} items, counted from 0")
    hint = suggestion(step, filter(None, names))
    raise ConfigError(f"--set {shortened(override)}: '{path}' has no item named '{shortened(step)}'{hint}")


def _names(items: list[Any]) -> Iterable[str]:
    for item in items:
        name = item.get("name") if isinstance(item, dict) else None
        yield name if isinstance(name, str) else ""
