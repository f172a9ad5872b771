"""The directions of a slice in words."""

from __future__ import annotations

import numpy as np
import pytest

from landscape.slices.directions import Directions, facts_of, recipe_of
from landscape.slices.wording import direction_phrases

RANDOM = {"kind": "random"}
WEIGHT = {"kind": "weight", "layer": 0, "post": 1, "pre": 2}
GRADIENT = {"kind": "gradient", "centre": "best"}


def directions(recipe, normalization="raw", count=2, seed=3):
    parts = [[np.ones((2, 2))] for _ in range(count)]
    return Directions(parts, recipe=recipe, normalization=normalization, seed=seed)


@pytest.mark.parametrize("facts", [[RANDOM, RANDOM], [RANDOM, WEIGHT], [GRADIENT, GRADIENT]])
def test_a_recipe_keeps_how_each_direction_was_made(facts):
    assert facts_of(directions(recipe_of(facts))) == facts


def test_what_holds_for_all_directions_is_said_once():
    assert direction_phrases(directions("random", "neuron")) == [
        ["Gaussian random", "each neuron's part scaled to that neuron's weight norm", "seed 3"]
    ]


def test_of_different_directions_only_the_random_ones_have_a_seed():
    assert direction_phrases(directions(recipe_of([GRADIENT, RANDOM]), "network, neuron")) == [
        ["gradient at the best network", "scaled to the norm of all weights", ""],
        ["Gaussian random", "each neuron's part scaled to that neuron's weight norm", "seed 3"],
    ]


def test_a_file_named_with_commas_is_one_direction():
    recipe = recipe_of([{"kind": "file", "path": "gradient at, random.h5"}, WEIGHT])
    assert [phrase[0] for phrase in direction_phrases(directions(recipe))] == [
        "file gradient at, random.h5",
        "weight of layer 0, neuron 1, input 2",
    ]


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        ("drawn by hand, twice", "drawn by hand, twice"),
        ("mine", "mine"),
        (recipe_of([{"kind": "weight", "layer": 0}] * 2), "weight"),
        (recipe_of([{"kind": "of_a_plugin", "way": 1}] * 2), "of_a_plugin"),
        ("[1, 2]", "[1, 2]"),
    ],
)
def test_recipes_in_other_words_or_without_their_facts_are_shown_as_they_are(recipe, said):
    assert [phrase[0] for phrase in direction_phrases(directions(recipe))] == [said]
