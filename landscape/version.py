"""The release of this package, which results are named after."""

__version__ = "0.1.0"
