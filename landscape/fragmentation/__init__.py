"""What is measured on a slice: discontinuities and the fragments between them, silent regions, roughness, minima."""

from __future__ import annotations

from landscape.fragmentation.compare import ComparisonInterrupted, compare
from landscape.fragmentation.comparison import compare_tables
from landscape.fragmentation.comparison_record import Comparison
from landscape.fragmentation.cosines import gradient_cosines
from landscape.fragmentation.curve_check import CurveCheck, check_curves
from landscape.fragmentation.curves_record import Curves
from landscape.fragmentation.fidelity import gradient_fidelity
from landscape.fragmentation.fragments import fragments
from landscape.fragmentation.fragments_record import Fidelity, Fragments
from landscape.fragmentation.minima import Minima, local_minima, saddle_minimum_distance
from landscape.fragmentation.plane import CurvesInterrupted, trace_curves
from landscape.fragmentation.profile import Profile, sample_profile
from landscape.fragmentation.regions_record import SilentRegions
from landscape.fragmentation.roughness import Roughness, roughness
from landscape.fragmentation.silent_regions import silent_regions
from landscape.fragmentation.summary import analyze, summary
from landscape.fragmentation.summary_record import Summary

__all__ = [
    "Comparison",
    "ComparisonInterrupted",
    "CurveCheck",
    "Curves",
    "CurvesInterrupted",
    "Fidelity",
    "Fragments",
    "Minima",
    "Profile",
    "Roughness",
    "SilentRegions",
    "Summary",
    "analyze",
    "check_curves",
    "compare",
    "compare_tables",
    "fragments",
    "gradient_cosines",
    "gradient_fidelity",
    "local_minima",
    "roughness",
    "saddle_minimum_distance",
    "sample_profile",
    "silent_regions",
    "summary",
    "trace_curves",
]
