"""The layout of a result file, as one table.

Writing, validation and the tables of the format page (``README.md`` beside this file) are all driven by
:data:`LAYOUT`. To add a name to the format, add an entry to its group and a value where the group is filled,
then put the page's tables in place anew with ``python -m landscape.storage``.
"""

from __future__ import annotations

from landscape.storage.anatomy_layout import ANATOMY, BOTH_SIDES
from landscape.storage.census_layout import DISCONTINUITIES
from landscape.storage.comparison_layout import COMPARISON
from landscape.storage.curves_layout import CURVES
from landscape.storage.fragments_layout import FRAGMENTS
from landscape.storage.layout import Layout
from landscape.storage.model_layouts import CONSTANTS, NETWORK, RASTER, ROOT, SETTINGS, TRAINING
from landscape.storage.slice_layouts import DIRECTIONS, REGIONS, SLICE, SUMMARY

#: All kinds of groups, by the names used in this package.
LAYOUT: dict[str, Layout] = {
    "root": ROOT,
    "slice": SLICE,
    "directions": DIRECTIONS,
    "regions": REGIONS,
    "summary": SUMMARY,
    "discontinuities": DISCONTINUITIES,
    "anatomy": ANATOMY,
    "both_sides": BOTH_SIDES,
    "fragments": FRAGMENTS,
    "curves": CURVES,
    "network": NETWORK,
    "constants": CONSTANTS,
    "training": TRAINING,
    "settings": SETTINGS,
    "raster": RASTER,
    "comparison": COMPARISON,
}

#: How many axes a slice must have to have such a group, and what is in it.
SLICE_PARTS = {
    "discontinuities": (1, "a census"),
    "anatomy": (1, "an anatomy"),
    "fragments": (1, "this table"),
    "curves": (2, "a tracing of curves"),
}

#: Subgroups of each kind of group, and their kinds.
SUBGROUPS: dict[str, dict[str, str]] = {
    # Beside the models.
    "root": {"comparison": "comparison"},
    "slice": {name: name for name in ("directions", "regions", "summary", *SLICE_PARTS)},
    # What belongs to a slice is there itself only in a file without that slice: a piece of an experiment.
    "model": {name: name for name in ("network", "training", "raster", *SLICE_PARTS)},
    "anatomy": {"both_sides": "both_sides"},
    "network": {"constants": "constants"},
    "training": {"settings": "settings", "initial": "network", "final": "network"},
}

#: Names that neither a model nor a slice may have, because they mean something at the root or in a model's group.
RESERVED_NAMES = frozenset().union(
    *(SUBGROUPS[kind] for kind in ("root", "model", "slice")), (e.name for e in SLICE.entries)
)
