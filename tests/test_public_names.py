"""What ``import landscape`` gives: names that are there, for editors too, with docstrings of one style."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import landscape as ls

NAMES = [name for name in ls.__all__ if not name.startswith("__")]
SOURCE = ast.parse(Path(ls.__file__).read_text(encoding="utf-8"))


def test_editors_are_told_the_names_that_there_are() -> None:
    told = {
        alias.asname: node.module
        for branch in SOURCE.body
        if isinstance(branch, ast.If)
        for node in branch.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert told == {name: f"landscape.{home}" for name, home in ls._HOME.items()}


def test_every_name_is_there_and_listed() -> None:
    assert {*ls.__all__} <= {*dir(ls)}
    assert all(getattr(ls, name) is not None for name in ls.__all__)
    assert ls.__all__ == [*sorted(NAMES), "__version__"]


def functions_of(name: str) -> Iterator[tuple[str, Any]]:
    """What a name can be called by: itself, or, of a class, its public methods."""
    thing = getattr(ls, name)
    if not inspect.isclass(thing):
        yield name, thing
    elif not issubclass(thing, BaseException | Warning):
        for own, method in vars(thing).items():
            method = getattr(method, "__func__", method)
            is_own = inspect.isfunction(method) and method.__qualname__ == f"{name}.{own}"
            if is_own and not own.startswith("_"):
                yield f"{name}.{own}", method


def arguments_of(function: Any) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]


def raises(function: Any) -> bool:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return any(isinstance(node, ast.Raise) and node.exc is not None for node in ast.walk(tree))


def section(doc: str, title: str) -> str:
    """The part of a docstring below ``TITLE:``; empty where there is none."""
    found = re.search(rf"^{title}:\n((?:    .*\n|\n)+)", doc + "\n", re.MULTILINE)
    return found.group(1) if found else ""


@pytest.mark.parametrize("name", NAMES)
def test_docstrings_say_arguments_and_errors(name: str) -> None:
    for called, function in functions_of(name):
        doc = inspect.getdoc(function) or ""
        assert doc, called
        lacking = [argument for argument in arguments_of(function) if not told(argument, section(doc, "Args"))]
        # What a method is given may be told in its sentence.
        if called == name or len(arguments_of(function)) > 2:
            assert not lacking, f"{called}: Args: {lacking}"
        assert section(doc, "Raises") or not raises(function), f"{called}: Raises"


def told(argument: str, where: str) -> bool:
    return re.search(rf"^    (?:\w+, )*\*?{argument}(?:, \w+)*:", where, re.MULTILINE) is not None


@pytest.mark.parametrize("name", [name for name in NAMES if inspect.isclass(getattr(ls, name))])
def test_docstrings_of_classes_say_what_they_hold(name: str) -> None:
    kind = getattr(ls, name)
    doc = inspect.getdoc(kind) or ""
    assert doc
    assert doc != inspect.getdoc(kind.__base__), f"{name} has no docstring of its own"
    fields = [field for field in getattr(kind, "__annotations__", {}) if not field.startswith("_")]
    if fields and (hasattr(kind, "__dataclass_fields__") or issubclass(kind, tuple)):
        where = section(doc, "Attributes") or section(doc, "Args")
        lacking = [field for field in fields if not told(field, where) and not is_constant(kind, field)]
        assert not lacking, f"{name}: {lacking}"


def is_constant(kind: Any, field: str) -> bool:
    return "ClassVar" in str(kind.__annotations__[field])
