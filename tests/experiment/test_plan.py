"""Tasks and pieces of an experiment: their ids, names and order."""

from __future__ import annotations

from pathlib import Path

from synthetic.tiny_experiment import tiny

from landscape.config import parse_config
from landscape.experiment import plan_of


def test_ids_depend_on_content_and_not_on_where_the_data_lie(tmp_path: Path) -> None:
    first, second = tmp_path / "a.h5", tmp_path / "b.h5"
    for path in (first, second):
        path.write_bytes(b"the same samples")
    plans = [plan_of(tiny(f"data.source={path}")) for path in (first, second)]
    names = [{piece.file_name for piece in plan.pieces} for plan in plans]
    assert names[0] == names[1]
    second.write_bytes(b"other samples")
    changed = plan_of(tiny(f"data.source={second}"))
    assert not {task.id for task in changed.tasks} & {task.id for task in plans[0].tasks}
    assert not {piece.file_name for piece in changed.pieces} & names[0]


def test_pieces_come_after_those_they_need() -> None:
    seen: set[str] = set()
    pieces = plan_of(tiny()).pieces
    for piece in pieces:
        assert set(piece.needs) <= seen
        seen.add(piece.file_name)
    assert len(seen) == len(pieces) == 12


def test_names_of_kinds_of_pieces_are_names_as_others() -> None:
    names = ["lif", "directions-lif", "parts-lif", "census-lif"]
    tables = [f'[[model]]\nname = "{name}"\nneuron = "lif"\n' for name in names]
    tables += ['[[slice]]\nname = "line"\ndirections = "random"\npoints = 5\ncensus = true\n[jobs]\nmax_shards = 2\n']
    config = parse_config("\n".join(tables), default_name="named", overrides=["jobs.shard_cost=0.001"])
    plan = plan_of(config)
    pieces = plan.pieces
    files = [piece.file_name.lower() for piece in pieces]
    assert len(set(files)) == len(files)
    assert {plan.task_of(piece).kind for piece in pieces if piece.part is not None} >= {"sweep", "census"}
    for piece in pieces:
        if plan.task_of(piece).kind == "anatomy":
            assert tuple(source.file_name for source in piece.made_from) == piece.needs
