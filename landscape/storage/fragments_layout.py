"""The group with the measures of fragmentation along a line."""

from __future__ import annotations

from landscape.storage.layout import Attribute, Entry, Layout

_OF_SAMPLES = "of the loss of single samples, mean over them"

#: Name, unit, whether it needs values along the line besides the census, and what it is.
_MEASURES = (
    ("discontinuities_per_length", "1", False, "discontinuities of the mean loss per unit of the axis"),
    ("discontinuities_per_length_of_samples", "1", False, f"the same {_OF_SAMPLES}"),
    ("total_jump", "nat", False, "sum of the absolute jumps of the mean loss"),
    ("total_jump_of_samples", "nat", False, f"the same {_OF_SAMPLES}"),
    ("largest_jump", "nat", False, "largest absolute jump of the mean loss; no interval is known"),
    ("largest_jump_of_samples", "nat", False, f"the same {_OF_SAMPLES}"),
    ("fragments", "1", False, "number of fragments of the mean loss"),
    ("fragments_of_samples", "1", False, f"the same {_OF_SAMPLES}"),
    ("effective_fragments", "1", False, "exponential of the entropy of the fragments' shares of the line, mean loss"),
    ("effective_fragments_of_samples", "1", False, f"the same {_OF_SAMPLES}"),
    ("share_grazing", "1", False, "share of the discontinuities at which the potential touches the threshold"),
    ("share_order", "1", False, "share at which the threshold crossing coincides with an incoming spike"),
    ("share_trial_end", "1", False, "share at which the spike is at the trial's end"),
    ("share_downstream", "1", False, "share at which the loss changes only by what the spike causes in later layers"),
    ("unresolved", "1", False, "share of the line, mean over samples, that the census gave up"),
    ("silent_neurons", "1", False, "share of the hidden neurons that are silent in all samples, mean over the line"),
    ("silent_length", "1", False, "share of the line on which at least one is"),
    ("all_silent_length", "1", False, "share of the line on which all are"),
    ("variation", "nat", True, "total variation of the mean loss along the line; between points a lower bound"),
    ("variation_of_samples", "nat", True, f"the same {_OF_SAMPLES}"),
    ("variation_from_half", "nat", True, "total variation of the mean loss from every second point"),
    ("jump_share_of_variation", "1", True, "share of the mean loss's total variation that is made by jumps"),
    ("jump_share_of_variation_of_samples", "1", True, "share of the samples' total variation that is made by jumps"),
    (
        "derivative_sign_changes_per_length",
        "1",
        True,
        "sign changes of the mean loss's directional derivative from point to point, per unit of the axis",
    ),
    ("zero_derivative", "1", True, "share of the points at which the directional derivative is exactly zero"),
    ("zero_gradient", "1", True, "share of the points at which the gradient over all weights is exactly zero"),
    ("gradient_cosine", "1", True, "median cosine between the mean loss's gradients at neighbouring points"),
    ("gradient_cosine_within", "1", True, "the same of neighbours without a discontinuity of it between them"),
    ("gradient_cosine_across", "1", True, "the same of the other neighbours"),
)

#: The units of the measures, by name.
MEASURE_UNITS = {name: unit for name, unit, _, _ in _MEASURES}

#: What the measures are, by name.
MEASURE_WORDS = {name: words for name, _, _, words in _MEASURES}

FRAGMENTS = Layout(
    path="fragments, in a slice with one axis",
    required=False,
    description=(
        "Measures of fragmentation along the line, for the samples of the census. A fragment is a maximal piece "
        "without a discontinuity. Every measure has three numbers: its value and the ends of its interval, which says "
        "how it varies with other samples from the same source, so many of them; not with other directions or "
        "networks. What is not known or not defined is NaN. A measure that needs values between the discontinuities is "
        "there if they were sampled."
    ),
    entries=(
        Entry("estimate", ("estimate",), "<i4", "1", True, "0: value, 1: lower end of its interval, 2: upper end"),
        *(Entry(name, ("estimate",), "<f8", unit, not more, words, False) for name, unit, more, words in _MEASURES),
        Entry("discontinuity", ("discontinuity",), "<i4", "1", True, "number of a discontinuity of the mean loss"),
        Entry("position", ("discontinuity",), "<f8", "1", True, "where it is, ascending"),
        Entry("jump", ("discontinuity",), "<f8", "nat", True, "jump of the mean loss there", False),
        Entry("fragment", ("fragment",), "<i4", "1", True, "number of a fragment of the mean loss, from 0"),
        Entry("size", ("fragment",), "<f8", "1", True, "its length, in order along the line"),
        Entry("step", ("step",), "<f8", "1", False, "gradient fidelity: size of a step along the line, ascending"),
        Entry("quantile", ("quantile",), "<f8", "1", False, "gradient fidelity: quantile over the points of the line"),
        Entry(
            "fidelity_error",
            ("step", "quantile", "estimate"),
            "<f8",
            "1",
            False,
            "by how much the derivative misses the change over a step, as a share of the larger of the two",
            False,
        ),
        Entry(
            "fidelity_downhill",
            ("step", "estimate"),
            "<f8",
            "1",
            False,
            "share of steps against the derivative that lower the loss",
            False,
        ),
    ),
    attributes=(
        Attribute("level", "number", True, "confidence level of the intervals"),
        Attribute("resamples", "integer", True, "number of bootstrap replicates"),
        Attribute("seed", "integer", True, "seed of their draws"),
        Attribute("fidelity_points", "integer", False, "number of points from which steps were taken"),
    ),
    further_dims=("estimate",),
)
