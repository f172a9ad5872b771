from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from synthetic.ragged_data import of_classes, quick, ragged, small

from landscape.datasets import Dataset, describe


def test_a_summary_counts_what_is_there():
    summary = describe(small())
    assert (summary.n_samples, summary.n_classes, summary.n_channels, summary.n_spikes) == (3, 2, 4, 5)
    assert summary.samples_per_class == (1, 2)
    assert summary.n_speakers == 2
    assert summary.spikes_per_sample == (0, 2.0, 3)
    assert summary.distinct_times_per_sample == (0, 2.0, 2)
    assert summary.n_empty == 1
    assert summary.active_channels == 4
    assert (summary.first_time, summary.last_time) == (0.0, 1.0)


def test_a_data_set_without_spikes_can_be_described():
    summary = describe(Dataset([], [], [0, 0, 0], [0, 0], 3, 1))
    assert summary.distinct_times_per_sample == (0, 0.0, 0)
    assert summary.last_time is None
    assert "times                      none" in str(summary)
    assert "2 (2 without spikes)" in str(summary)


def test_a_summary_reads_as_a_paragraph():
    assert str(describe(small())).splitlines() == [
        "small",
        "  samples                    3 (1 without spikes)",
        "  classes                    2, 1 to 2 samples each",
        "  speakers                   2",
        "  channels                   4, 4 of them active",
        "  spikes                     5",
        "  spikes per sample          0 to 3, median 2",
        "  distinct times per sample  0 to 2, median 2",
        "  times                      0 to 1",
    ]
    assert "speakers                   not known" in str(describe(of_classes([0])))


def test_a_summary_goes_to_json():
    assert json.loads(json.dumps(describe(small()).as_dict()))["samples_per_class"] == [1, 2]


@quick
@given(ragged())
def test_distinct_times_are_those_that_a_set_has(data):
    counts = [len(set(sample.times.tolist())) for sample in data]
    assert describe(data).distinct_times_per_sample == (min(counts), float(np.median(counts)), max(counts))
