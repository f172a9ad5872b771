"""The settings of an experiment as text: those of all models, and those that a model has of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: A model's tables, with what holds where neither it nor the experiment sets a key.
_OWN_TABLES = {"initialization": "by default", "training": "not set", "objective": "not set"}


def pairs(table: Any) -> str:
    """The keys and values of a table in a line; "" for what is no table."""
    if not isinstance(table, Mapping):
        return ""
    return ", ".join(f"{key} {_text(value)}" for key, value in table.items() if not isinstance(value, Mapping))


def own(config: Mapping[str, Any]) -> dict[str, str]:
    """What models have otherwise than the experiment's tables, in a line per model.

    Where one model differs, the line of every model gives the value that holds for it, so that they can be compared.

    Args:
        config: the experiment as parsed TOML.

    Returns:
        Lines by model; none where no model differs.
    """
    entries = config.get("model")
    models = {
        str(entry["name"]): entry
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, Mapping) and "name" in entry
    }
    said: dict[str, list[str]] = {name: [] for name in models}
    for table, otherwise in _OWN_TABLES.items():
        base = _table(config, table)
        changed = dict.fromkeys(
            key
            for entry in models.values()
            for key, value in _table(entry, table).items()
            if key not in base or base[key] != value
        )
        for name, entry in models.items():
            values = {**base, **_table(entry, table)}
            texts = [f"{key} {_text(values[key]) if key in values else otherwise}" for key in changed]
            if texts:
                said[name].append(f"{table}: {', '.join(texts)}")
    return {name: "; ".join(texts) for name, texts in said.items() if texts}


def versions(attributes: Mapping[str, Any]) -> str:
    """The versions of the package, of Python and of what it uses, in this order."""
    names = [
        (name.removeprefix("version_"), value) for name, value in attributes.items() if name.startswith("version_")
    ]
    names.sort(key=lambda pair: (pair[0] != "landscape", pair[0] != "python", pair[0]))
    return ", ".join(f"{name} {value}" for name, value in names)


def _table(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = parent.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "[" + ", ".join(_text(item) for item in value) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)
