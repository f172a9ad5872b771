"""What a file holds of a record, without a file."""

from __future__ import annotations

from typing import Any

import numpy as np

from landscape.h5.coding import encode


def arrays_of(content: Any) -> dict[str, np.ndarray]:
    """The arrays of a record by their names in a file."""
    return {name: variable.values for name, variable in encode(content).variables.items()}
