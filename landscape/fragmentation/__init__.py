"""What is measured on a sampled surface, as the values are: silent regions, sampled roughness, local
minima.
"""

from __future__ import annotations

from landscape.fragmentation.minima import Minima, local_minima
from landscape.fragmentation.roughness import Roughness, roughness
from landscape.fragmentation.silent_regions import SilentRegions, silent_regions
from landscape.fragmentation.summary import analyze, summary

__all__ = [
    "Minima",
    "Roughness",
    "SilentRegions",
    "analyze",
    "local_minima",
    "roughness",
    "silent_regions",
    "summary",
]
