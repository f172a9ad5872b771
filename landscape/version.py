"""The version, which stands in ``landscape/__init__.py``."""

from __future__ import annotations

from landscape import __version__ as __version__
