"""The page ``configs/README.md``: every key of an experiment file with type, unit, default and meaning.

``python -m landscape.config.reference`` writes the page anew after a change of the schema.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic.fields import FieldInfo

from landscape.config.choice import ChosenTable, NameOf
from landscape.config.comparison import ComparisonConfig
from landscape.config.loading import config_folder, config_names
from landscape.config.schema import (
    Config,
    DataConfig,
    FiguresConfig,
    InitializationConfig,
    JobsConfig,
    ModelConfig,
    ObjectiveConfig,
    TrainingConfig,
    TrialConfig,
)
from landscape.config.slices import DirectionConfig, SliceConfig
from landscape.tables import Table

_INTRODUCTION = """\
# Experiments

One TOML file is one experiment: the data, the models that are trained, and the slices through their
loss landscapes. `landscape run NAME` finds an experiment of this folder from anywhere, `landscape run
path/file.toml` runs your own. A file only needs the keys that differ from their defaults.

| name | what |
|---|---|
{experiments}

## Changing a key for one run

`--set KEY=VALUE` goes before everything in the file and may be given several times. Models and slices go by
name or number; an empty value brings the default back:

```sh
landscape run quickstart --set training.epochs=5 --set 'slice.plane.points=[7,4]'
landscape run spoken-digits --set data.source=train.h5.gz --set data.test_source=test.h5.gz
```

`[model.training]` and `[model.objective]` below a `[[model]]` override single keys of `[training]` and
`[objective]` for that model.

## Models, readouts and directions of your own

`neuron`, the `kind` of `[objective]` and of a direction, `optimizer` and `data.source` may also name what a Python file
of yours defines ([how to write one](../CONTRIBUTING.md#to-add-something)); its constants are keys of the same
table. Whoever runs the experiment names the file, never the experiment itself:

```sh
landscape --plugin my_model.py run my_experiment.toml
```

## Directions from a file

`"file:PATH"` among the `directions` of a slice reads one direction from an HDF5 file. Named twice in a plane, the file
gives its first and its second direction. It is either

- a file with datasets `weights_0`, `weights_1`, ... at its root or in a group `directions`, one for each layer of
  weights, from the input on: each `(n_post, n_pre)`, or `(count, n_post, n_pre)` for several directions; or
- a result file (`landscape.h5`): of its slices, the first whose directions fit the network.

The shapes must be those of the network's weights, for every model of the experiment, and all numbers finite. A network
of 70 input channels, 64 hidden neurons and 6 classes needs `weights_0` of shape (64, 70) and `weights_1` of shape
(6, 64).

## A slice that cannot be made

Some directions depend on what training gives: there is no `line` where the best epoch is 0, no `gradient` where the
network is silent. Such a slice is left out for that model, with the reason in the output, the report and the result
file; everything else is made.

## Two models compared

One line says little about a model: another direction or another training run gives another number. A table
`[comparison]` compares two models on random lines around several trained networks of each, and states that one is less
fragmented only where the interval of the difference leaves out zero:

```toml
[[model]]
name = "lif"
neuron = "lif"
seeds = [1, 2, 3, 4, 5, 6]

[[model]]
name = "qif"
neuron = "qif"
seeds = [1, 2, 3, 4, 5, 6]

[comparison]
models = ["lif", "qif"]
directions = 4
samples = 20
```

`landscape run comparison` is a whole one.
[What is compared, and how](../landscape/fragmentation/README.md#two-models).

## Every key

"Trial units" are the unit of spike times, of `tau` and of the trial duration. (This part is made from the
declarations in `landscape/config/schema.py` by `python -m landscape.config.reference`.)
"""

_SECTIONS: tuple[tuple[str, type[Table]], ...] = (
    ("Top of the file", Config),
    ("`[data]`", DataConfig),
    ("`[trial]`", TrialConfig),
    ("`[objective]`", ObjectiveConfig),
    ("`[training]`", TrainingConfig),
    ("`[[model]]`", ModelConfig),
    ("`[model.initialization]`", InitializationConfig),
    ("`[[slice]]`", SliceConfig),
    ("An entry of `directions`", DirectionConfig),
    ("`[comparison]`", ComparisonConfig),
    ("`[figures]`", FiguresConfig),
    ("`[jobs]`", JobsConfig),
)

_TABLE_HEAD = "| key | type | default | unit | meaning |\n|---|---|---|---|---|\n"
_TYPES = {str: "text", int: "integer", float: "number", bool: "true or false"}


def reference_page() -> str:
    """Return the page as Markdown."""
    experiments = "\n".join(f"| `{name}` | {_description(name)} |" for name in config_names())
    parts = [_INTRODUCTION.format(experiments=experiments)]
    for heading, table in _SECTIONS:
        parts.append(f"\n### {heading}\n\n{_section(table)}")
        if issubclass(table, ChosenTable):
            parts += [f"\n#### {_choice(table, name)}" for name in table.registry.own()]
    return "".join(parts)


def _section(table: type[Table]) -> str:
    """Return what a table is, and its keys but those that are tables with a section of their own."""
    summary = " ".join((table.__doc__ or "").split())
    names = table.registry.own() if issubclass(table, ChosenTable) else []
    rows = [
        _row(name, info, names if issubclass(table, ChosenTable) and name == table.chosen_by else [])
        for name, info in table.model_fields.items()
        if not _is_table(info.annotation)
    ]
    return f"{summary}\n" + (f"\n{_TABLE_HEAD}" + "\n".join(rows) + "\n" if rows else "")


def _choice(table: type[ChosenTable], name: str) -> str:
    """Return the keys that one choice brings, for those of the package."""
    return f'`{table.chosen_by} = "{name}"`\n\n{_section(table.registry[name].table)}'


def _row(name: str, info: FieldInfo, choices: list[str]) -> str:
    """Return a key's row; ``choices`` are the values that it has in the package, where others may come from outside."""
    text = " ".join((info.description or "").split())
    unit = ""
    if match := re.fullmatch(r"(.*?) ?\[([^\[\]]+)\]", text):
        text, unit = match.groups()
    cells = [f"`{name}`", _one_of(choices) or _type(_annotation(info)), _default(info), unit, text]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _annotation(info: FieldInfo) -> Any:
    return Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation


def _default(info: FieldInfo) -> str:
    if isinstance(info.json_schema_extra, dict) and "default" in info.json_schema_extra:
        return str(info.json_schema_extra["default"])
    if info.is_required():
        return "*mandatory*"
    if info.default is None:
        return "*not set*"
    return "`" + _literal(info.default) + "`"


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _type(annotation: Any) -> str:
    """Return a type with its bounds in words."""
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        for names in (item.own() for item in metadata if isinstance(item, NameOf)):
            return _one_of(names)
        bounds = _bounds(metadata)
        return _type(inner) + (f" {bounds}" if bounds else "")
    if get_origin(annotation) is Literal:
        return _one_of(get_args(annotation))
    if get_origin(annotation) is list:
        (inner,) = get_args(annotation)
        return "directions" if _bare(inner) is DirectionConfig else f"list of: {_type(inner)}"
    options = [option for option in get_args(annotation) if option is not NoneType]
    return _type(options[0]) if options else _TYPES[annotation]


def _one_of(choices: Iterable[str]) -> str:
    return " or ".join(f'`"{choice}"`' for choice in choices)


def _bounds(metadata: list[Any]) -> str:
    """Return bounds such as ``> 0, < 1``, from what annotates a type."""
    words = {Gt: (">", "gt"), Ge: (">=", "ge"), Lt: ("<", "lt"), Le: ("<=", "le")}
    constraints = [c for item in metadata for c in (item.metadata if isinstance(item, FieldInfo) else [item])]
    bounds = []
    for constraint in constraints:
        for kind, (sign, attribute) in words.items():
            # Upper bounds of integers only say what fits in memory; they would tell a reader nothing.
            if isinstance(constraint, kind) and abs(getattr(constraint, attribute)) < 2**31 - 1:
                bounds.append(f"{sign} {getattr(constraint, attribute):g}")
    lengths = [c.min_length for c in constraints if isinstance(c, MinLen)]
    lengths += [c.max_length for c in constraints if isinstance(c, MaxLen) and c.max_length < 64]
    if lengths:
        counts = str(lengths[0]) if len(set(lengths)) == 1 else f"{lengths[0]} to {lengths[-1]}"
        bounds.append(f"({'at least ' if len(lengths) == 1 else ''}{counts})")
    return ", ".join(bounds)


def _bare(annotation: Any) -> Any:
    """Return a type without what annotates it."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _is_table(annotation: Any) -> bool:
    """Tell whether a key is a table of its own, which has its own section."""
    if get_origin(annotation) is list:
        (annotation,) = get_args(annotation)
        return _bare(annotation) in (ModelConfig, SliceConfig)
    if NoneType in get_args(annotation):
        annotation = get_args(annotation)[0]
    annotation = _bare(annotation)
    return isinstance(annotation, type) and issubclass(annotation, Table)


def _description(name: str) -> str:
    table = tomllib.loads((config_folder() / f"{name}.toml").read_text(encoding="utf-8"))
    return str(table.get("description", ""))


if __name__ == "__main__":
    target = Path(str(config_folder())) / "README.md"
    target.write_text(reference_page(), encoding="utf-8")
    sys.stdout.write(f"wrote {target}\n")
