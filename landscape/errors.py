"""What can go wrong, by whose fault.

Every exception raised on purpose derives from :class:`LandscapeError`. Its message is one line that names the
culprit and the remedy. The command line turns :class:`InputError` into exit status 2 and the others into 1.
"""

from __future__ import annotations


class LandscapeError(Exception):
    """Base of all exceptions of this package."""


class InputError(LandscapeError, ValueError):
    """Raised when the user's input is at fault: a wrong value, shape, file or name."""


class ConfigError(InputError):
    """Raised when an experiment file cannot be read or a key of it is unknown or has an invalid value."""


class DataError(InputError):
    """Raised when a data set or data file is malformed, incomplete or does not fit its declared sizes."""


class NetworkError(InputError):
    """Raised when weights, neuron constants or a trial duration do not make a network, or do not fit the data."""


class DirectionError(InputError):
    """Raised when a direction, an axis or a range does not describe a slice of the network's parameters."""


class ResultFileError(InputError):
    """Raised when a result file is no result file, is damaged, or is of another format version."""


class SimulationError(LandscapeError, RuntimeError):
    """Raised when a simulation cannot be completed, as when a neuron would spike without bound."""
