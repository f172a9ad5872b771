"""The table [comparison] of an experiment file: what it stands for, and what is refused."""

from __future__ import annotations

import pytest

from landscape.config import parse_config
from landscape.errors import ConfigError
from landscape.measures import measures

TEXT = """
name = "pairs"
seed = 5
[[model]]
name = "lif"
neuron = "lif"
seeds = [3, 1, 2]
[[model]]
name = "qif"
neuron = "qif"
seeds = [1, 2, 3]
[[model]]
name = "other"
neuron = "qif"
[comparison]
models = ["lif", "qif"]
"""


def message_of(*overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse_config(TEXT, origin="file.toml", overrides=overrides)
    return str(caught.value)


def test_networks_of_one_seed_are_a_pair_in_the_order_of_the_reference() -> None:
    config = parse_config(TEXT)
    names = [(first.name, second.name) for first, second in config.pairs]
    assert names == [("lif_seed3", "qif_seed3"), ("lif_seed1", "qif_seed1"), ("lif_seed2", "qif_seed2")]
    assert config.comparison is not None
    assert config.seed_of(config.comparison) == 5
    assert config.comparison.bounds == (-0.5, 0.5)


def test_a_name_that_a_model_has_stands_for_it_alone() -> None:
    config = parse_config(TEXT, overrides=['comparison.models=["lif_seed3", "other"]', "model.other.seed=3"])
    assert [(first.name, second.name) for first, second in config.pairs] == [("lif_seed3", "other")]


def test_networks_that_the_experiment_does_not_have_are_trained_for_the_comparison() -> None:
    config = parse_config(TEXT, overrides=["comparison.network_seeds=[2, 8]"])
    assert [(first.name, second.name) for first, second in config.pairs] == [
        ("lif_seed2", "qif_seed2"),
        ("lif_seed8", "qif_seed8"),
    ]
    assert config.model_names == parse_config(TEXT).model_names
    assert [model.name for model in config.trained_models] == [*config.model_names, "lif_seed8", "qif_seed8"]
    made = config.trained_models[-2]
    assert made == config.model[0].model_copy(update={"name": "lif_seed8", "seed": 8})
    assert parse_config(config.to_toml()).trained_models == config.trained_models


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["comparison.network_seeds=[2, 2]"], "comparison: network_seeds must differ"),
        (["comparison.network_seeds=[]"], "comparison.network_seeds: must have at least 1 item"),
    ],
)
def test_seeds_of_networks_that_make_no_sense_are_refused(overrides: list[str], said: str) -> None:
    assert said in message_of(*overrides)


def test_without_the_table_nothing_is_compared() -> None:
    config = parse_config(TEXT, overrides=["comparison="])
    assert config.comparison is None
    assert config.pairs == []
    assert "comparison" not in config.to_toml()


def test_the_resolved_file_reads_back_to_the_same_pairs() -> None:
    config = parse_config(TEXT, overrides=["comparison.range=[-1, 0.25]", "comparison.samples=7"])
    again = parse_config(config.to_toml())
    assert again.to_toml() == config.to_toml()
    assert again.pairs == config.pairs
    assert again.comparison == config.comparison


def test_any_measure_that_models_are_compared_by_can_decide_and_no_other() -> None:
    for measure in measures():
        override = f"comparison.primary={measure.name}"
        if measure.compared is None:
            assert f"'{measure.name}' (text)" in message_of(override)
            continue
        comparison = parse_config(TEXT, overrides=[override]).comparison
        assert comparison is not None
        assert comparison.primary == measure.name


@pytest.mark.parametrize(
    ("override", "parts"),
    [
        ('comparison.models=["lif", "qfi"]', ["no model 'qfi'", "lif, qif, other"]),
        ('comparison.models=["lif", "lif"]', ["'lif' is compared with itself"]),
        ('comparison.models=["lif", "lif_seed1"]', ["both stand for 'lif_seed1'"]),
        ('comparison.models=["lif"]', ["comparison.models", "at least 2"]),
        ('comparison.models=["lif", "other"]', ["'lif' has 3 networks, 'other' has 1", "the same seeds"]),
        ('comparison.models=["lif_seed3", "other"]', ["'lif_seed3' has the seeds 3 and 'other' has 5"]),
        ("model.qif.seeds=[1, 2, 4]", ["'lif' has the seeds 3, 1, 2 and 'qif' has 1, 2, 4"]),
        ("model.qif.seeds=[1, 2]", ["'lif' has 3 networks, 'qif' has 2"]),
        ("comparison.models=", ["comparison.models: this key is missing"]),
        ("comparison.primary=beauty", ["comparison.primary", "'total_jump'", "'beauty' (text)"]),
        ("comparison.directions=0", ["comparison.directions", "greater than or equal to 1"]),
        ("comparison.directions=100000", ["comparison.directions", "less than or equal to 1000"]),
        ("comparison.points=1", ["comparison.points", "greater than or equal to 2"]),
        ("comparison.range=[0.5, -0.5]", ["comparison", "range [0.5, -0.5] is empty"]),
        ("comparison.range=[0.1, 0.5]", ["comparison", "does not contain 0", "[0, 0.5]"]),
        ("comparison.range=[-1, nan]", ["comparison.range.1", "finite"]),
        ("comparison.level=95", ["comparison.level", "less than 1"]),
        ("comparison.resamples=0", ["comparison.resamples", "greater than or equal to 1"]),
        ("comparison.samples=0", ["comparison.samples", "greater than or equal to 1"]),
        ("comparison.normalization=filter", ["comparison.normalization", "'neuron'"]),
        ("comparison.seeds=[1]", ["comparison.seeds: unknown key", "did you mean 'seed'?"]),
        ("comparison=3", ["comparison", "must be a table"]),
        ("model.other.name=comparison", ["'comparison'", "take another"]),
    ],
)
def test_what_makes_no_comparison_is_refused_in_one_line(override: str, parts: list[str]) -> None:
    message = message_of(override)
    assert message.startswith("file.toml: ")
    assert "\n" not in message
    for part in parts:
        assert part in message


def test_a_seed_that_two_networks_of_a_model_have_makes_no_pairs() -> None:
    message = message_of(
        "model.0.seeds=", "model.0.name=lif_seed1", "model.0.seed=1", 'comparison.models=["lif", "qif"]'
    )
    assert "'lif' has 1 networks" in message
    twice = ["model.1.seeds=[1]", "model.0.seeds=[1]", "model.2.name=lif_seed7", "model.2.seed=1"]
    assert "'lif' has 2 networks, 'qif' has 1" in message_of(*twice)
