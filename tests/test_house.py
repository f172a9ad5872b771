"""The house: arrows between modules point downwards only, and imports stand at the top of a file unless there is a
reason.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import landscape
import landscape_cli

ROOTS = {"landscape": Path(landscape.__file__).parent, "landscape_cli": Path(landscape_cli.__file__).parent}

#: The floors, the highest first. A module imports from its own floor and from those below.
FLOORS = [
    ("landscape_cli",),
    ("landscape",),  # what users import: names of all floors
    ("landscape.benchmarks",),
    ("landscape.jobs",),
    ("landscape.experiment",),
    ("landscape.report",),
    ("landscape.figures",),
    ("landscape.results",),
    ("landscape.config",),
    ("landscape.fragmentation", "landscape.measures"),
    ("landscape.slices", "landscape.training"),
    ("landscape.evaluation",),
    ("landscape.gradients", "landscape.readouts", "landscape.simulator"),
    ("landscape.network", "landscape.network_record"),
    ("landscape.datasets",),
    ("landscape.wording",),
    ("landscape.neurons",),
    ("landscape.constants", "landscape.registry"),
    ("landscape.neurons.interface", "landscape.h5"),
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


def floor_of(module: str) -> int:
    """The number of the floor of a module, the highest being 0; the basement is the last."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        for number, names in enumerate(FLOORS):
            if name in names and (name != "landscape" or module == "landscape"):
                return number
    return len(FLOORS)


def test_no_modules_import_one_another_in_a_circle() -> None:
    assert circles() == []


def test_arrows_between_floors_point_downwards() -> None:
    upwards = [
        f"{module} -> {other}"
        for module, others in GRAPH.items()
        for other in others
        if floor_of(other) < floor_of(module)
    ]
    assert sorted(upwards) == []


#: Libraries that take long to load, or that may not be there: reasons to import within a function.
SLOW = {
    *(
        "numpy",
        "numba",
        "llvmlite",
        "scipy",
        "h5py",
        "matplotlib",
        "mpmath",
        "shapely",
        "pydantic",
        "tqdm",
        "platformdirs",
        "click",
    ),
    *("dask", "distributed", "xarray", "pandas", "brian2", "eventax", "jax", "jaxsnn", "spikegd", "equinox"),
    *("importlib.metadata", "inspect", "fcntl", "resource"),
}


def imported_at_once(module: str) -> set[str]:
    """What is imported when a module is, of the package and from elsewhere; not what only type checkers read."""
    found: set[str] = set()

    def visit(nodes: list[ast.stmt]) -> None:
        for node in nodes:
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
                visit(node.orelse)
            elif isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                found.update(targets(node))
            elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for name in ("body", "orelse", "finalbody"):
                    visit(getattr(node, name, []))
                for handler in getattr(node, "handlers", []):
                    visit(handler.body)

    visit(ast.parse(MODULES[module].read_text("utf-8")).body)
    return found


@functools.cache
def homes(package: str) -> dict[str, str]:
    """The modules that names of a package are loaded from when they are first used, where it says so."""
    if package not in MODULES:
        return {}
    for node in ast.parse(MODULES[package].read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "_HOME":
            return {name: f"{package}.{home}" for name, home in ast.literal_eval(node.value).items()}
    return {}


def targets(node: ast.ImportFrom) -> set[str]:
    """The modules that are loaded for what is imported from one."""
    package = str(node.module)
    found = set()
    for alias in node.names:
        inside = f"{package}.{alias.name}"
        found.add(inside if inside in MODULES else homes(package).get(alias.name, package))
    return found


@functools.cache
def slow(module: str) -> frozenset[str]:
    """The slow libraries that are loaded when a module is."""
    seen: set[str] = set()
    libraries: set[str] = set()
    todo = [module]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        libraries |= {name, name.partition(".")[0]} & SLOW
        if name in MODULES:
            todo += imported_at_once(name)
            # A module is loaded after the packages that it is in.
            todo += [name.rpartition(".")[0]] if "." in name else []
    return frozenset(libraries)


def imported_in_functions(module: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Import):
                    yield from (alias.name for alias in inner.names)
                elif isinstance(inner, ast.ImportFrom):
                    yield from targets(inner)


def test_imports_stand_at_the_top_unless_they_load_what_is_slow_or_may_not_be_there() -> None:
    without_reason = {
        f"{module} -> {other}"
        for module in MODULES
        for other in imported_in_functions(module)
        if slow(other) <= slow(module)
    }
    assert sorted(without_reason) == []
