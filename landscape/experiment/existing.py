"""What a results folder holds already: refused where it is not the package's own, told where it is damaged."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from landscape.config import Config
from landscape.errors import ResultFileError
from landscape.experiment.compared_lines import read_line
from landscape.experiment.piece import Piece
from landscape.experiment.shards import FORMATS, read_identity, require_seal

REMEDY = "it is left as it is: choose another --out or remove it"


def check_folder(result_file: Path, pieces: Iterable[Path], say: Callable[[str], None]) -> None:
    """Refuse to work in a folder with files that a run would have to replace or read, but cannot make out.

    A damaged piece is no reason: it is computed again (:func:`is_finished`). Shards and lines of the comparison are
    not looked at here, there may be very many of them; each is when it is its turn.

    Args:
        result_file: the assembled result, there or not.
        pieces: the finished pieces that the experiment may have, there or not; result files only.
        say: is told what takes a while.

    Raises:
        ResultFileError: the result file is damaged, of another format or of another format version, or a piece
            is of another format or format version, or one of them cannot be read.
    """
    from landscape.results import DamagedFileError, ResultFile

    if os.path.lexists(result_file) and (problem := problem_of(result_file, say)):
        raise ResultFileError(f"{problem}; {REMEDY}")
    for path in pieces:
        if not os.path.lexists(path):
            continue
        try:
            ResultFile(path)
        except DamagedFileError:
            continue
        except ResultFileError as error:
            raise ResultFileError(f"{error}; {REMEDY}") from error


def is_finished(path: Path, piece: Piece) -> bool:
    """Tell whether a piece is there and whole; a damaged one counts as missing.

    Raises:
        ResultFileError: it is another piece, of another format or format version, or cannot be read.
    """
    if not path.exists():
        return False
    from landscape.results import DamagedFileError, ResultFile

    try:
        require_seal(path)
        if piece.kind in FORMATS:
            read_identity(path, FORMATS[piece.kind], piece.file_name)
            return True
        if piece.kind == "compared":
            read_line(path, piece.file_name)
            return True
        name = ResultFile(path).attributes.get("piece")
    except DamagedFileError:
        return False
    except ResultFileError as error:
        raise ResultFileError(f"{error}; {REMEDY}") from error
    if name != piece.file_name:
        raise ResultFileError(f"{path}: belongs to another experiment or version (it is the piece {name}); {REMEDY}")
    # Its checksum fits: it is what this package wrote, and need not be read through again by every command.
    return True


def other_tables(result_file: Path, config: Config) -> list[str]:
    """Return which tables of an experiment are not those that a result file was made with; not how it is drawn.

    Raises:
        ResultFileError: the file is damaged.
    """
    from landscape.config import parse_config
    from landscape.errors import ConfigError
    from landscape.results import ResultFile

    try:
        made_with = parse_config(str(ResultFile(result_file).attributes.get("config", "")))
    except ConfigError:
        # Of a release with other keys: no run takes its pieces for today's.
        return ["all"]
    mine, its = (each.model_dump(exclude={"figures", "jobs", "description"}) for each in (config, made_with))
    return [name for name in mine if mine[name] != its[name]]


def problem_of(path: Path, say: Callable[[str], None]) -> str | None:
    """Return what is wrong with a result file, its path first; None if it is valid.

    One whose checksum fits is what this package wrote; others are read through.

    Args:
        path: the file.
        say: is told what takes a while.
    """
    from landscape.errors import InputError
    from landscape.h5.sealing import is_sealed
    from landscape.results import ResultFile, validate

    try:
        if is_sealed(path):
            ResultFile(path)
            return None
        say(f"checking {path}, which another program wrote to")
        found = validate(path)
    except OSError as error:
        return f"{path}: cannot be read ({error.strerror})"
    except InputError as error:
        return str(error)
    return f"{path}: damaged result file ({found[0]})" if found else None
