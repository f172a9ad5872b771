"""What can go wrong, by whose fault.

Every exception raised on purpose derives from :class:`LandscapeError`. Its message is one line that names the
culprit and the remedy, or one such line per problem. The command line turns :class:`InputError` into exit status 2 and
the others into 1.
"""

from __future__ import annotations

import errno
import os

from landscape.text import visible


class LandscapeError(Exception):
    """Base of all exceptions of this package.

    Each argument is a line of the message. Names and values from outside stay within their line: control characters in
    them are shown and not obeyed, as are line breaks.
    """

    def __str__(self) -> str:
        return "\n".join(visible(str(line)) for line in self.args)


class InputError(LandscapeError, ValueError):
    """Raised when the user's input is at fault: a wrong value, shape, file or name."""


class ConfigError(InputError):
    """Raised when an experiment file cannot be read or a key of it is unknown or has an invalid value."""


class DataError(InputError):
    """Raised when a data set or data file is malformed, incomplete or does not fit its declared sizes."""


class DataWarning(UserWarning):
    """Given when much of a data set has no effect on a network, as when its times are in another unit."""


class NetworkError(InputError):
    """Raised when weights, neuron constants or a trial duration do not make a network, or do not fit the data."""


class DirectionError(InputError):
    """Raised when a direction, an axis or a range does not describe a slice of the network's parameters."""


class ResultFileError(InputError):
    """Raised when a result file is no result file, is damaged, or is of another format version."""


class SimulationError(LandscapeError, RuntimeError):
    """Raised when a simulation cannot be completed, as when a neuron would spike without bound."""


class WriteError(LandscapeError):
    """Raised when a file cannot be written though its path is fine: the disk or the quota is full, or it fails.

    What was finished before is intact; once there is room, the same command goes on.
    """


#: What a path or its permissions are the reason of; every other failure to write is the disk's.
_PATH_AT_FAULT = frozenset(
    (
        *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR),
        *(errno.ENOENT, errno.EEXIST, errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP),
    )
)


def cannot_write(path: str | os.PathLike[str], error: OSError, *, begun: bool = False) -> LandscapeError:
    """Return what to raise when a file cannot be written: the user's fault where the path is, else the disk's.

    Args:
        path: the file or folder.
        error: what the operating system said.
        begun: whether the file could be opened, so that writing failed later.
    """
    reason = " ".join(str(error.strerror or error).split())[:160]
    where = os.fspath(path)
    if error.errno not in _PATH_AT_FAULT:
        return WriteError(
            f"{where}: writing failed ({reason}); what was finished is kept: free disk space or raise the quota, then "
            "the same command goes on"
        )
    if begun:
        return InputError(f"{where}: writing failed ({reason}); change its permissions or choose another folder")
    return InputError(
        f"{where}: cannot write there ({reason}); choose a folder you may write to, or change its permissions"
    )
