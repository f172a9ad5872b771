"""Pieces in stages that follow one another, and in bundles of equal cost that run side by side."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from landscape.errors import ResultFileError
from landscape.experiment.piece import Piece

if TYPE_CHECKING:
    from landscape.experiment import Experiment


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

    The costliest first, each to the bundle that has least so far; within a bundle they keep their order, so that
    pieces of one model come one after another.
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


def missing_pieces(experiment: Experiment) -> list[Piece]:
    """Return the pieces of a study that have to be computed, or looked at once what they need is there.

    One whose checksum does not fit is missing, and so is one that was made from another network than is there now. A
    piece that needs a missing one is among them even if it is there: what it needs may come out different.
    """
    there: dict[str, bool] = {}
    pieces = experiment.plan.pieces()
    for piece in pieces:
        if not piece.part_of:
            # Steps in between do not matter where the whole is there.
            good = all(there.get(name, True) for name in piece.sources)
            there[piece.file_name] = good and _is_good(experiment, piece)
    for piece in pieces:
        if piece.part_of:
            good = all(there.get(name, True) for name in piece.needs)
            there[piece.file_name] = there[piece.part_of] or (good and _is_good(experiment, piece))
    return [piece for piece in pieces if not there[piece.file_name]]


def _is_good(experiment: Experiment, piece: Piece) -> bool:
    """Whether a piece is there, whole, and made from what is there today; one of another experiment is not good."""
    from landscape.experiment.lineage import is_current
    from landscape.h5.sealing import is_sealed

    path = experiment.piece_path(piece)
    try:
        return is_sealed(path) and is_current(experiment, piece)
    except (OSError, ResultFileError):
        return False


def plan_table(pieces: Sequence[Piece], *, every_piece: bool = False) -> str:
    """Return a plan as text: its pieces, what they need, and what they are estimated to cost.

    Args:
        pieces: all pieces of a plan.
        every_piece: one line per piece; otherwise the shards of a slice share one.
    """
    from landscape.jobs.status import duration

    numbers = {piece.file_name: number for number, stage in enumerate(stages(pieces)) for piece in stage}
    groups: dict[str, list[Piece]] = {}
    for piece in pieces:
        groups.setdefault(piece.file_name if every_piece else group_name(piece.file_name), []).append(piece)
    rows = [("stage", "piece", "pieces", "core time", "needs")]
    for name, group in groups.items():
        needs = dict.fromkeys(need if every_piece else group_name(need) for need in group[0].needs)
        listed = list(needs) if len(needs) <= 3 else [*list(needs)[:2], f"{len(needs) - 2} more"]
        stage = str(numbers[group[0].file_name])
        rows.append((stage, name, f"{len(group):,}", duration(sum(p.cost for p in group)), ", ".join(listed)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        f"{row[0]:>{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:>{widths[3]}}  {row[4]}".rstrip()
        for row in rows
    ]
    total = duration(sum(piece.cost for piece in pieces))
    return "\n".join([*lines, f"{len(pieces):,} pieces, about {total} of one core"])


def group_name(file_name: str) -> str:
    """Return what a piece is listed under: the folder of a shard, the file of any other piece, without ending."""
    return file_name.partition("/")[0].removesuffix(".h5")
