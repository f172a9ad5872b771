"""Commands about data sets."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def data() -> None:
    """List, describe and draw data sets."""
