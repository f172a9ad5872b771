"""What the package knows of a measure of fragmentation, and which there are.

The measures themselves are in :mod:`landscape.fragmentation.measures`, a file for each family of them; one from outside
the package is in a module that defines ``MEASURE`` (:mod:`landscape.plugins`). Tables, figures, units, columns of
result files and what ``comparison.primary`` may be follow from what a measure says of itself. Nothing is loaded before
it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landscape.errors import InputError
from landscape.plugins import source_hash
from landscape.registry import Registry

if TYPE_CHECKING:
    from landscape.fragmentation.measured_line import MeasuredLine
    from landscape.fragmentation.resampling import Estimate

__all__ = ["MEASURES", "Measure", "compared_measures", "described", "measures", "outside_measures"]


def _unknown(line: MeasuredLine) -> Estimate | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measure of how fragmented a loss is along a line, by its name.

    Attributes:
        name: what result files and experiments call it.
        of: gives the measure with its interval from a line and what is known of it; None where it cannot be made of
            that. What is not defined is NaN.
        place: its place in the order of all measures; those of the package have tens.
        title: what it is, as tables call it, with the unit if it has one: ``"Largest jump of the mean loss (nats)"``;
            its name in words by default.
        doc: what it is, in a phrase, for the page of the format.
        unit: its unit, ``"1"`` if it has none.
        share: whether it is a share, which tables tell as a percentage.
        values: whether it needs values between the discontinuities, so that it may be missing.
        row: how the table of a slice calls it below the measure before it; the title by default.
        told: whether that table tells it.
        compared: its place among those that models are compared by; None if it is none of them.
        less: which of two values means less fragmented: ``"smaller"`` or ``"larger"``.
        panel: its place among those that the figure of a comparison shows first; None if it is none of them.
        short: its title over a panel of that figure, with line breaks; its title by default.
        label: what a verdict calls it; its title by default.
    """

    name: str
    of: Callable[[MeasuredLine], Estimate | None] = _unknown
    place: float = 1000.0
    title: str = ""
    doc: str = ""
    unit: str = "1"
    share: bool = False
    values: bool = False
    row: str = ""
    told: bool = True
    compared: float | None = None
    less: str = "smaller"
    panel: float | None = None
    short: str = ""
    label: str = ""

    def __post_init__(self) -> None:
        title = self.title or self.name.replace("_", " ").capitalize()
        plain = re.sub(r"( \(\w+\))?(, at (most|least))?$", "", title)
        defaults = {"title": title, "row": title, "short": title, "label": plain[:1].lower() + plain[1:]}
        for key, value in defaults.items():
            object.__setattr__(self, key, getattr(self, key) or value)

    @property
    def source_hash(self) -> str:
        """Hash of the file of one from outside the package; "" for one of the package."""
        return source_hash(self.of)

    def lacks(self) -> list[str]:
        """What keeps it from being used, a phrase for each; empty where nothing does."""
        problems = []
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            problems.append("has a name with other characters than small letters, digits and '_'")
        if self.less not in ("smaller", "larger"):
            problems.append(f"says that {self.less!r} values mean less fragmented, not 'smaller' or 'larger' ones")
        if self.of is _unknown:
            problems.append("has no function")
        return problems


MEASURES: Registry[Measure] = Registry(
    "landscape.fragmentation.measures", "MEASURE", "measure of fragmentation", InputError, several=True
)


def measures() -> list[Measure]:
    """All measures, in order."""
    return sorted(MEASURES.all(), key=lambda measure: measure.place)


def compared_measures() -> list[Measure]:
    """Those that models are compared by, in order."""
    places = {measure: measure.compared for measure in measures() if measure.compared is not None}
    return sorted(places, key=places.__getitem__)


def outside_measures() -> dict[str, str]:
    """Hashes of the sources of measures from outside the package, by name: what was measured with others is another."""
    return {measure.name: measure.source_hash for measure in measures() if measure.source_hash}


def described(name: str) -> Measure:
    """The measure of a name; one that is known by nothing else where there is none, as of numbers from elsewhere."""
    return MEASURES[name] if name in MEASURES else Measure(name=name)
