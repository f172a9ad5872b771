"""Writes plain values as TOML; the standard library only reads it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any


def dumps(table: Mapping[str, Any]) -> str:
    """Return ``table`` as TOML text that :func:`tomllib.loads` reads back to an equal table.

    Values are strings, booleans, numbers, sequences and mappings with string keys. Entries that are ``None``
    are left out, since TOML has no such value. A sequence of mappings becomes an array of tables.
    """
    lines: list[str] = []
    _write_table(lines, table, path=())
    return "\n".join(lines).strip("\n") + "\n"


def _write_table(lines: list[str], table: Mapping[str, Any], path: tuple[str, ...]) -> None:
    """Append the plain entries of ``table``, then its subtables under their headings."""
    entries = {key: value for key, value in table.items() if value is not None}
    nested = {key for key, value in entries.items() if isinstance(value, Mapping) or _is_array_of_tables(value)}
    lines.extend(f"{_key(key)} = {_value(value)}" for key, value in entries.items() if key not in nested)
    for key, value in entries.items():
        if key not in nested:
            continue
        name = (*path, key)
        heading = ".".join(_key(part) for part in name)
        if isinstance(value, Mapping):
            lines += ["", f"[{heading}]"]
            _write_table(lines, value, name)
        else:
            for item in value:
                lines += ["", f"[[{heading}]]"]
                _write_table(lines, item, name)


def _is_array_of_tables(value: object) -> bool:
    return _is_sequence(value) and len(value) > 0 and all(isinstance(item, Mapping) for item in value)  # type: ignore[arg-type, attr-defined]


def _is_sequence(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _key(key: str) -> str:
    bare = key.replace("-", "").replace("_", "")
    return key if bare.isascii() and bare.isalnum() else _string(key)


def _string(text: str) -> str:
    # JSON's escapes are TOML's, except that TOML also wants DEL escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, Mapping):
        entries = ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items() if v is not None)
        return f"{{ {entries} }}" if entries else "{}"
    if _is_sequence(value):
        return f"[{', '.join(_value(item) for item in value)}]"
    raise TypeError(f"TOML has no value for {type(value).__name__}")


def _float(value: float) -> str:
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return repr(float(value))
