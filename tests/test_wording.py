"""What models are called."""

from __future__ import annotations

from landscape.wording import display_name, display_names, family, representatives


def test_neurons_have_their_names_and_networks_of_one_model_their_seeds() -> None:
    assert [display_name(name) for name in ("lif", "qif_seed12", "my_seed3", "lif_seed")] == [
        "LIF",
        "QIF seed 12",
        "my seed 3",
        "lif_seed",
    ]
    assert [family(name) for name in ("lif", "qif_seed12", "lif_seed")] == ["lif", "qif", "lif_seed"]


def test_networks_of_one_model_are_listed_together() -> None:
    names = ["lif_seed1", "lif_seed2", "lif_seed3", "qif", "qif_seed4", "other_seed1", "other_seed5"]
    assert display_names(names) == "LIF seeds 1 to 3, QIF seed 4, other seeds 1, 5"
    assert display_names(["lif", "qif"]) == "LIF, QIF"


def test_of_many_networks_the_first_of_each_model_stands_for_all() -> None:
    names = ["lif_seed1", "lif_seed2", "qif_seed1", "qif_seed2"]
    assert representatives(names, 4) == {display_name(name): name for name in names}
    assert representatives(names, 3) == {"LIF": "lif_seed1", "QIF": "qif_seed1"}
