"""TOML: reads what the standard library reads in reasonable time and memory, and writes plain values."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

#: Most bytes of a file; an experiment with its defaults spelled out takes about a thousand for each model.
LONGEST = 2**22
#: Most tables and arrays inside each other, hence most parts of a dotted key. tomllib's time and memory grow with the
#: square of the parts.
DEEPEST = 32

_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
#: Keys with too many parts; also texts and comments, in which what looks like one is none.
_LONG_KEY = re.compile(
    rf"(?P<key>(?<![A-Za-z0-9_-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{DEEPEST}}})"
    r'|"""(?:[^\\]|\\.)*?(?:"""|\Z)|"(?:[^"\\\n]|\\.)*+'
    r"|'''.*?(?:'''|\Z)|'[^'\n]*+"
    r"|#[^\n]*+",
    re.DOTALL,
)
_INTEGERS = range(-(2**63), 2**63)


def loads(text: str) -> dict[str, Any]:
    """Return the table that TOML text stands for.

    Raises:
        ValueError: the text is no TOML, longer than :data:`LONGEST` or nested more deeply than :data:`DEEPEST`, or an
            integer has more than 64 bits, the most that TOML allows.
    """
    if len(text) > LONGEST:
        raise ValueError(f"longer than {LONGEST:,} characters")
    if found := next((match for match in _LONG_KEY.finditer(text) if match["key"]), None):
        line = text.count("\n", 0, found.start()) + 1
        raise ValueError(f"a dotted key of more than {DEEPEST} parts (at line {line})")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:  # more digits than Python converts
        raise ValueError("an integer of more than 64 bits") from None
    except RecursionError:
        raise ValueError(f"tables and arrays more than {DEEPEST} deep inside each other") from None
    _check(table, 0)
    return table


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError(f"tables and arrays more than {DEEPEST} deep inside each other")
    if isinstance(value, int) and value not in _INTEGERS:
        raise ValueError("an integer of more than 64 bits")
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check(item, depth + 1)


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
