"""The house: arrows between modules point downwards only, and imports stand at the top of a file unless there is a
reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import landscape
import landscape_cli

ROOTS = {"landscape": Path(landscape.__file__).parent, "landscape_cli": Path(landscape_cli.__file__).parent}

#: The floors, the highest first. A module imports from its own floor and from those below.
FLOORS = [
    "landscape_cli",
    "landscape",  # what users import: names of all floors
    "landscape.benchmarks",
    "landscape.jobs",
    "landscape.experiment",
    "landscape.report",
    "landscape.figures",
    "landscape.results",
    "landscape.fragmentation",
    "landscape.slices",
    "landscape.training",
    "landscape.evaluation",
    "landscape.gradients",
    "landscape.readouts",
    "landscape.simulator",
    "landscape.network",
    "landscape.neurons",
    "landscape.datasets",
    "landscape.config",
]


def modules() -> dict[str, Path]:
    found = {}
    for name, root in ROOTS.items():
        for path in sorted(root.rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join([name, *(part for part in parts if part != "__init__")])] = path
    return found


MODULES = modules()


def imports(module: str, tree: ast.AST) -> Iterator[str]:
    """The modules of the package that a module imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative imports"
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                if inside in MODULES:
                    yield inside
                elif node.module in MODULES:
                    yield str(node.module)


GRAPH = {
    name: {other for other in imports(name, ast.parse(path.read_text("utf-8"))) if other != name}
    for name, path in MODULES.items()
}


def circles() -> list[list[str]]:
    """Sets of modules that import one another (Tarjan's strongly connected components)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(name: str) -> None:
        number[name] = low[name] = len(number)
        stack.append(name)
        for other in sorted(GRAPH[name]):
            if other not in number:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], number[other])
        if low[name] == number[name]:
            circle = []
            while True:
                circle.append(stack.pop())
                if circle[-1] == name:
                    break
            if len(circle) > 1:
                found.append(sorted(circle))

    for name in GRAPH:
        if name not in number:
            visit(name)
    return found


def floor_of(module: str) -> int | None:
    """The floor of a module; None for the basement, on which all stand."""
    if module == "landscape":
        return FLOORS.index("landscape")
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        if name in FLOORS and name != "landscape":
            return FLOORS.index(name)
    return None


def test_no_modules_import_one_another_in_a_circle() -> None:
    assert circles() == []


def test_arrows_between_floors_point_downwards() -> None:
    upwards = [
        f"{module} -> {other}"
        for module, others in GRAPH.items()
        for other in others
        if (here := floor_of(module)) != (there := floor_of(other))
        and there is not None
        and (here is None or there < here)
    ]
    assert sorted(upwards) == []
