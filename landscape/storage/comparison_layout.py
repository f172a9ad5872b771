"""The group with the comparison of two models, at the root of a result file."""

from __future__ import annotations

from landscape.storage.layout import STATUS_FLAGS, Attribute, Entry, Layout

COMPARISON = Layout(
    path="/comparison",
    required=False,
    description=(
        "Two models compared over pairs of trained networks and pairs of random lines around them. Networks with the "
        "same number are a pair, as are lines with the same number. What is not known or not defined is NaN; a pair of "
        "lines of which one has no value enters no statistics. Statistics are over networks; the lines around one "
        "network only make its value more precise."
    ),
    entries=(
        Entry("measure", ("measure",), "<i4", "1", True, "number of the measure; its name is in `measures`"),
        Entry("model", ("model",), "<i4", "1", True, "0: the first model, the reference, 1: the second"),
        Entry("network", ("network",), "<i4", "1", True, "number of the pair of networks, from 0"),
        Entry("line", ("line",), "<i4", "1", True, "number of the line around each network, from 0"),
        Entry("estimate", ("estimate",), "<i4", "1", True, "0: value, 1: lower end of its interval, 2: upper end"),
        Entry(
            "status",
            ("model", "network", "line"),
            "|u1",
            "1",
            False,
            "what became of the line; all are done where this is absent",
            flags=STATUS_FLAGS,
        ),
        Entry(
            "values",
            ("measure", "model", "network", "line"),
            "<f8",
            "",
            True,
            "the measure on the line, in the unit that `units_of_measures` names",
            False,
        ),
        Entry("mean", ("measure", "model"), "<f8", "", True, "mean over networks, of each over its lines", False),
        Entry("difference", ("measure", "estimate"), "<f8", "", True, "second model's mean less the first's", False),
        Entry("ratio", ("measure", "estimate"), "<f8", "1", True, "second model's mean over the first's", False),
        Entry("cohens_d", ("measure",), "<f8", "1", True, "paired, corrected for few networks", False),
        Entry("cliffs_delta", ("measure",), "<f8", "1", True, "from -1 to 1: the second has the larger values", False),
        Entry("p_permutation", ("measure",), "<f8", "1", True, "two-sided sign-change permutation test", False),
        Entry("p_wilcoxon", ("measure",), "<f8", "1", True, "two-sided Wilcoxon signed-rank test", False),
        Entry("networks", ("measure",), "<i4", "1", True, "pairs of networks with a value"),
        Entry("lines", ("measure",), "<i4", "1", True, "pairs of lines with a value"),
    ),
    attributes=(
        Attribute("models", "texts", True, "names of the two models, the reference first"),
        Attribute("measures", "texts", True, "names of the measures"),
        Attribute("units_of_measures", "texts", True, "their units"),
        Attribute("primary", "text", True, "the measure that the verdict is about"),
        Attribute("verdict", "text", True, "one sentence"),
        Attribute("stated", "integer", True, "1 where it states that one model is less fragmented, else 0"),
        Attribute("level", "number", True, "confidence level of the intervals"),
        Attribute("resamples", "integer", True, "number of bootstrap replicates"),
        Attribute("seed", "integer", True, "seed of the directions and of the draws"),
        Attribute("first_networks", "texts", False, "models of this file that are the first model's networks"),
        Attribute("second_networks", "texts", False, "those that are the second model's, in the same order"),
        Attribute("left_out", "texts", False, "`MODEL, line N: REASON` for lines that could not be measured"),
    ),
    further_attributes=True,
)
