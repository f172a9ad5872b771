"""Pieces in stages that follow one another, and in bundles of equal cost that run side by side."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

from landscape.experiment.piece import Piece
from landscape.experiment.plan import Plan
from landscape.experiment.store import Store
from landscape.wording import rough_duration, text_table


def stages(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Return pieces in stages: each needs only what is in earlier ones, or not among ``pieces`` at all.

    Args:
        pieces: pieces of one plan, each after those it needs.
    """
    level: dict[str, int] = {}
    found: list[list[Piece]] = []
    for piece in pieces:
        own = 1 + max((level[name] for name in piece.needs if name in level), default=-1)
        level[piece.file_name] = own
        if own == len(found):
            found.append([])
        found[own].append(piece)
    return found


def bundled(pieces: Sequence[Piece], count: int) -> list[list[Piece]]:
    """Return pieces dealt out to at most ``count`` bundles of nearly equal estimated cost, none of them empty.

    The costliest first, each to the bundle that has least so far; within a bundle they keep their order, so that those
    of one model come one after another.
    """
    count = max(1, min(count, len(pieces)))
    order = sorted(range(len(pieces)), key=lambda number: (-pieces[number].cost, number))
    bundles: list[list[int]] = [[] for _ in range(count)]
    heap = [(0.0, bundle) for bundle in range(count)]
    for number in order:
        load, bundle = heapq.heappop(heap)
        bundles[bundle].append(number)
        heapq.heappush(heap, (load + pieces[number].cost, bundle))
    return [[pieces[number] for number in sorted(bundle)] for bundle in bundles if bundle]


def missing_pieces(plan: Plan, store: Store) -> list[Piece]:
    """Return the pieces of a study that have to be computed, or looked at once what they need is there.

    One whose checksum does not fit is missing, and so is one that was made from another network than is there now. A
    piece that needs a missing one is among them even if it is there: what it needs may come out different.
    """
    there: dict[str, bool] = {}
    for task in plan.tasks:
        fit = all(there[need.whole.file_name] for need in task.needs)
        whole = there[task.whole.file_name] = fit and store.is_good(task.whole)
        # Parts do not matter where the whole is there.
        there |= {part.file_name: whole or (fit and store.is_good(part)) for part in task.parts}
    return [piece for piece in plan.pieces if not there[piece.file_name]]


def plan_table(pieces: Sequence[Piece], *, every_piece: bool = False) -> str:
    """Return a plan as text: its pieces, what they need, and what they are estimated to cost.

    Args:
        pieces: all pieces of a plan.
        every_piece: one line per piece; otherwise the parts of a task share one.
    """
    group_of = {piece.file_name: piece.file_name if every_piece else piece.group for piece in pieces}
    stage_of = {piece.file_name: number for number, stage in enumerate(stages(pieces)) for piece in stage}
    groups: dict[str, list[Piece]] = {}
    for piece in pieces:
        groups.setdefault(group_of[piece.file_name], []).append(piece)
    rows = [("stage", "piece", "pieces", "core time", "needs")]
    for name, group in groups.items():
        needs = list(dict.fromkeys(group_of[need] for need in group[0].needs))
        listed = needs if len(needs) <= 3 else [*needs[:2], f"{len(needs) - 2} more"]
        seconds = rough_duration(sum(piece.cost for piece in group))
        rows.append((str(stage_of[group[0].file_name]), name, f"{len(group):,}", seconds, ", ".join(listed)))
    total = rough_duration(sum(piece.cost for piece in pieces))
    return f"{text_table(rows, '><>><')}\n{len(pieces):,} pieces, about {total} of one core"
