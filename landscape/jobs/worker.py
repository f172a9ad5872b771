"""One process that computes the pieces that it was given."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from landscape.errors import LandscapeError, SimulationError, WriteError
from landscape.experiment import Experiment
from landscape.experiment.piece import Piece


class StoppedError(LandscapeError):
    """Raised when a process was asked to stop and did, between two pieces."""


def compute_pieces(
    experiment: Experiment, pieces: Iterable[Piece], should_stop: Callable[[], bool] = lambda: False
) -> int:
    """Compute the pieces that are not there yet, one after another, and share the folder with others that do so.

    A piece that fails is recorded (``landscape status`` shows it), and the others are still computed.

    Args:
        experiment: the experiment and its results folder.
        pieces: pieces of its plan, each after those it needs.
        should_stop: asked before each piece.

    Returns:
        How many pieces are there.

    Raises:
        StoppedError: ``should_stop`` said so.
        SimulationError: some pieces failed; the message names the first.
        WriteError: the disk is full, or fails.
        FolderInUseError: a run has the folder for itself.
        KeyboardInterrupt: the piece under way was abandoned.
    """
    failed: list[str] = []
    done = 0
    with experiment.folder.shared():
        for piece in pieces:
            if should_stop():
                raise StoppedError("asked to stop; what was finished is kept, the same command goes on with the rest")
            try:
                # The whole is there: what it was put together from is not needed any more.
                if experiment.store.is_spared(piece):
                    continue
                experiment.engine.finish_piece(piece)
                done += 1
            except WriteError:
                raise
            except LandscapeError as error:
                experiment.progress.say(f"{piece.file_name}: failed: {error}")
                failed.append(f"{piece.file_name}: {error}")
    if failed:
        raise SimulationError(f"{len(failed)} pieces failed; the first: {failed[0]}")
    return done
