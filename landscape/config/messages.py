"""Turns what pydantic found into lines that a person can act on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from pydantic import ValidationError

from landscape.config.choice import ChosenTable
from landscape.config.schema import Config
from landscape.tables import Table

_LONGEST_VALUE = 60


def problems(error: ValidationError, raw: dict[str, Any], origin: str) -> list[str]:
    """Return one line per problem: the file, the key, what is allowed and what was found.

    Args:
        error: what validating :class:`Config` raised.
        raw: the table that was validated, for the names of models and slices.
        origin: the file, for the message.
    """
    lines = []
    for detail in error.errors(include_url=False):
        location = _without_validator_tags(detail["loc"])
        if detail["type"] == "extra_forbidden":
            # A key that somebody made up may look like a tag of a validator.
            location = (*_without_validator_tags(detail["loc"][:-1]), detail["loc"][-1])
        key = key_path(location, raw)
        lines.append(f"{origin}: {key + ': ' if key else ''}{_text(detail, location, raw)}")
    return list(dict.fromkeys(lines))


def key_path(location: Sequence[str | int], raw: Any) -> str:
    """Return a location such as ``("model", 0, "hidden")`` as a person writes it: ``model.lif.hidden``.

    Items of arrays of tables go by their names where they have one; ``--set`` understands the same paths.
    """
    parts = []
    value = raw
    for step in location:
        value = _child(value, step)
        name = value.get("name") if isinstance(value, dict) and isinstance(step, int) else None
        parts.append(shortened(name if isinstance(name, str) and name else str(step)))
    return ".".join(parts)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the closest of ``known``, or all of them if none is close."""
    known = sorted(known)
    # Case is a frequent slip that the similarity of letters does not see.
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    if close:
        return f"; did you mean '{by_lower[close[0]]}'?"
    return f"; known: {', '.join(known)}" if known else ""


def found(value: Any) -> str:
    """Return a value of an experiment file with its kind, short enough for a message."""
    kinds = {bool: "boolean", int: "integer", float: "number", str: "text", list: "list", dict: "table"}
    text = repr(value)
    if isinstance(value, bool):
        text = text.lower()
    return f"{shortened(text)} ({kinds.get(type(value), type(value).__name__)})"


def shortened(text: str) -> str:
    """Return the beginning of a text that is too long for a message."""
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."


def _text(detail: Any, location: Sequence[str | int], raw: Any) -> str:
    kind, value, message = detail["type"], detail["input"], detail["msg"]
    if kind == "extra_forbidden":
        return _unknown_key(str(location[-1]), _table_at(location[:-1], raw))
    if kind == "missing":
        return "this key is missing and has no default; add it"
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    if kind == "list_type" and isinstance(value, dict):
        return f"must be an array of tables; write [[{location[-1]}]] instead of [{location[-1]}]"
    if kind == "model_type":
        return f"must be a table, found {found(value)}"
    if kind == "string_pattern_mismatch":
        return f"must be letters, digits, '_' and '-', and not start with '_' or '-', found {found(value)}"
    message = (
        message.replace(" after validation", "")
        .replace("Input should be a valid", "must be a")
        .replace("Input should be", "must be")
    )
    message = message.replace("List should", "must").replace("String should", "must")
    message = (
        message.replace("a integer", "an integer").replace("a string", "text").replace("a boolean", "true or false")
    )
    return f"{message}, found {found(value)}"


def _unknown_key(key: str, table: type[Table] | None) -> str:
    if table is None:
        return "unknown key"
    hint = suggestion(key, table.model_fields)
    if not (issubclass(table, ChosenTable) and table.chosen):
        return f"unknown key{hint}"
    if owners := table.owners(key):
        return f"{table.chosen} has no such key; it is for {', '.join(map(repr, owners))} only, remove it"
    return f"unknown key for {table.chosen}{hint}"


def _table_at(location: Sequence[str | int], raw: Any) -> type[Table] | None:
    """Return the table at ``location``, which says what keys there may be."""
    table: type[Table] = Config
    value = raw
    for step in location:
        value = _child(value, step)
        if isinstance(step, str):
            inner = _table_in(table.model_fields[step].annotation)
            if inner is None:
                return None
            table = inner
        table = table.table_for(value)
    return table


def _table_in(annotation: Any) -> type[Table] | None:
    """Return the table class inside an annotation such as ``Annotated[list[ModelConfig], ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    for argument in get_args(annotation):
        inner = _table_in(argument)
        if inner is not None:
            return inner
    return None


def _child(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _without_validator_tags(location: Sequence[str | int]) -> tuple[str | int, ...]:
    return tuple(step for step in location if isinstance(step, int) or "[" not in step)
