"""Experiment files: what is read, what is refused, and how it is said."""

from __future__ import annotations

import math
import os
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landscape.config import Config, ConfigError, config_names, find_config, load_config, parse_config
from landscape.config.loading import config_folder
from landscape.config.overrides import parse_value
from landscape.config.reference import reference_page
from landscape.config.toml import LONGEST, dumps
from landscape.tables import RESERVED_NAMES

MINIMAL = """
name = "small"
[[model]]
name = "lif"
neuron = "lif"
"""

TWO = (
    MINIMAL
    + """
[[model]]
name = "qif"
neuron = "qif"
[model.training]
epochs = 3
[model.objective]
gamma = 0.5
[[slice]]
name = "plane"
directions = ["random", "random"]
points = [7, 4]
[[slice]]
name = "line"
directions = "line"
range = [0, 1]
"""
)


def message_of(text: str, *overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, origin="file.toml", overrides=overrides)
    return str(caught.value)


def test_a_minimal_file_gets_all_defaults() -> None:
    config = parse_config(MINIMAL)
    assert config.data.source == "digits"
    assert config.trial.duration == 4.0
    assert config.model[0].hidden == [64]
    assert config.training_of(config.model[0]).epochs == 20
    assert math.isinf(config.training.activity_high)
    assert config.slice == []


def test_every_experiment_of_the_package_is_valid_and_has_a_description() -> None:
    assert {"quickstart", "yin-yang", "spoken-digits", "shd"} <= set(config_names())
    for name in config_names():
        config = load_config(name)
        assert config.name == name
        assert config.description


def test_the_resolved_file_reads_back_to_the_same_experiment() -> None:
    config = parse_config(TWO)
    again = parse_config(config.to_toml())
    assert again.to_toml() == config.to_toml()
    assert again.model_dump() == config.model_dump()
    assert again.training_of(again.model[1]) == config.training_of(config.model[1])


def test_a_model_overrides_single_keys_of_training_and_objective() -> None:
    changes = ["training.epochs=9", "training.batch_size=5", "objective.tau_readout=0.2"]
    config = parse_config(TWO, overrides=changes)
    lif, qif = config.model
    assert (config.training_of(lif).epochs, config.training_of(qif).epochs) == (9, 3)
    assert (config.training_of(lif).batch_size, config.training_of(qif).batch_size) == (5, 5)
    assert (config.objective_of(lif).gamma, config.objective_of(qif).gamma) == (0.0, 0.5)
    assert config.objective_of(qif).tau_readout == 0.2


def test_seeds_fall_back_to_the_experiments_seed() -> None:
    config = parse_config(TWO, overrides=["seed=5", "model.qif.seed=8", "slice.line.seed=9"])
    assert [config.training_of(model).seed for model in config.model] == [5, 8]
    assert [config.seed_of(entry) for entry in config.slice] == [5, 9]


def test_one_value_stands_for_all_axes() -> None:
    config = parse_config(TWO, overrides=["slice.plane.points=5", "slice.plane.range=[-2, 3]"])
    plane, line = config.slice
    assert plane.shape == (5, 5)
    assert plane.bounds == [(-2.0, 3.0), (-2.0, 3.0)]
    assert line.shape == (31,)
    assert line.bounds == [(0.0, 1.0)]
    assert parse_config(TWO).slice[0].shape == (7, 4)


def test_overrides_reach_items_by_name_and_by_number() -> None:
    changes = ["model.0.hidden=[3]", "model.qif.hidden=[4, 5]", "data.source=a b.h5"]
    config = parse_config(TWO, overrides=changes)
    assert [model.hidden for model in config.model] == [[3], [4, 5]]
    assert config.data.source == "a b.h5"


def test_an_empty_override_brings_the_default_back() -> None:
    config = parse_config(TWO, overrides=["slice.plane.points=", "model.qif.training="])
    assert config.slice[0].shape == (31, 31)
    assert config.training_of(config.model[1]).epochs == 20


@pytest.mark.parametrize(
    ("override", "parts"),
    [
        ("training.epoch=3", ["training.epoch", "unknown key", "did you mean 'epochs'"]),
        ("model.lif.hiden=[3]", ["model.lif.hiden", "unknown key", "did you mean 'hidden'"]),
        ("trainig.epochs=3", ["trainig", "unknown key", "did you mean 'training'"]),
        ("model.lif.tau=-1.0", ["model.lif.tau", "greater than 0", "-1.0 (number)"]),
        ("model.lif.tau=0", ["model.lif.tau", "greater than 0"]),
        ("model.lif.tau=nan", ["model.lif.tau", "finite"]),
        ("trial.duration=inf", ["trial.duration", "finite"]),
        ("training.epochs=2.5", ["training.epochs", "an integer", "2.5 (number)"]),
        ("training.epochs=many", ["training.epochs", "an integer", "'many' (text)"]),
        ("training.epochs=true", ["training.epochs", "an integer", "true (boolean)"]),
        ("training=3", ["training", "must be a table", "3 (integer)"]),
        ("model.lif.neuron=lfi", ["model.lif.neuron", "'lif' or 'qif'", "'lfi' (text)"]),
        ("model.lif.hidden=64", ["model.lif.hidden", "must be a list"]),
        ("model.lif.hidden=[0]", ["model.lif.hidden.0", "greater than or equal to 1"]),
        ("model.qif.threshold=1.0", ["model.qif", "'lif' only"]),
        ("model.qif.name=lif", ["two [[model]]", "'lif'"]),
        ("model.qif.name=network", ["'network'", "take another"]),
        ("model.qif.name=a/b", ["letters, digits"]),
        ("model.lif.initialization.mean=[1.0]", ["initialization.mean", "1 values", "give one each"]),
        ("model=[]", ["model", "at least 1"]),
        ("slice.line.name=plane", ["two [[slice]]", "'plane'"]),
        ("slice.line.name=raster", ["'raster'", "take another"]),
        ("slice.line.range=[1, 0]", ["slice.line", "empty"]),
        ("slice.line.range=[0]", ["slice.line.range", "2 items"]),
        ("slice.line.census_samples=3", ["slice.line", "there is no census", "set census = true"]),
        ("slice.line.census=maybe", ["slice.line.census", "true or false", "'maybe' (text)"]),
        ("slice.line.census_points=5", ["slice.line", "census_points is for the census of a plane"]),
        ("slice.plane.census_points=5", ["slice.plane", "census_points is for the census of a plane"]),
        ("slice.line.points=0", ["slice.line.points", "greater than or equal to 1"]),
        ("slice.line.points=[3, 4]", ["slice.line", "2 axes", "1 direction"]),
        ("slice.line.directions=rand", ["slice.line.directions.0.kind", "'random'", "'rand' (text)"]),
        ("slice.line.directions=[]", ["slice.line.directions", "at least 1"]),
        ("slice.line.directions={kind = 'weight', layer = 0, post = 1}", ["slice.line.directions.0.pre", "missing"]),
        ("slice.line.directions={kind = 'random', layer = 1}", ["'random' has no such key", "'weight' only"]),
        ("slice.line.directions=file:", ["slice.line.directions.0", "path"]),
        ("data.classes=[1, 1]", ["data.classes", "only once"]),
        ("data.test_fraction=1.0", ["data.test_fraction", "less than 1"]),
        ('figures.formats=["gif"]', ["figures.formats.0", "'pdf'"]),
        ("seed=-1", ["seed", "greater than or equal to 0"]),
        ("description=3", ["description", "text", "3 (integer)"]),
    ],
)
def test_a_wrong_value_is_refused_with_its_key_and_what_is_allowed(override: str, parts: list[str]) -> None:
    message = message_of(TWO, override)
    assert message.startswith("file.toml: ")
    for part in parts:
        assert part in message
    assert "\n" not in message


def test_an_activity_band_that_only_a_model_turns_over_is_refused() -> None:
    message = message_of(TWO, "training.activity_low=3", "model.qif.training.activity_high=2")
    assert "model 'qif'" in message
    assert "activity_low (3) exceeds activity_high (2)" in message


def test_every_problem_has_a_line_of_its_own() -> None:
    message = message_of(TWO, "seed=a", "trial.duraton=1", "model.lif.tau=-1")
    assert len(message.splitlines()) == 3
    assert all(line.startswith("file.toml: ") for line in message.splitlines())


def test_a_missing_mandatory_key_is_named() -> None:
    assert "model.0.name: this key is missing" in message_of('name = "x"\n[[model]]\nneuron = "lif"')


@pytest.mark.parametrize(
    ("override", "part"),
    [
        ("training.epochs", "KEY=VALUE"),
        ("=3", "KEY=VALUE"),
        ("a..b=3", "KEY=VALUE"),
        ("model.lfi.tau=1", "no item named 'lfi'; did you mean 'lif'?"),
        ("model.7.tau=1", "2 items"),
        ("seed.x=3", "single value"),
        ("name.x.y=3", "single value"),
    ],
)
def test_a_malformed_override_is_named(override: str, part: str) -> None:
    message = message_of(TWO, "seed=3", override)
    assert f"--set {override}" in message
    assert part in message


def test_a_census_needs_a_line_of_two_points() -> None:
    assert "points = 1 leaves a single network" in message_of(TWO, "slice.line.census=true", "slice.line.points=1")
    assert "census_samples" in message_of(TWO, "slice.line.census=true", "slice.line.census_samples=0")
    entry = parse_config(TWO, overrides=["slice.line.census=true", "slice.line.census_samples=4"]).slice[1]
    assert (entry.census, entry.census_samples) == (True, 4)


@pytest.mark.parametrize("text", ["a = ", "[model", "a = 1\na = 2", "\x00", "seed = " + 5000 * "9"])
def test_broken_toml_is_refused(text: str) -> None:
    assert "is no valid TOML" in message_of(text)


def test_values_out_of_all_bounds_are_refused() -> None:
    assert "more than 32 deep" in message_of("a = " + 5000 * "[")
    assert "seed" in message_of(MINIMAL, "seed=" + 5000 * "9")
    assert "seed" in message_of(MINIMAL, "seed=" + 5000 * "[")
    assert "trial.duration" in message_of(MINIMAL, "trial.duration=" + 400 * "9")
    assert len(message_of(MINIMAL, "seed=" + 5000 * "x")) < 200


def test_a_single_table_in_place_of_an_array_of_tables_is_explained() -> None:
    assert "write [[model]] instead of [model]" in message_of('name = "x"\n[model]\nname = "lif"')


def test_names_are_found_from_anywhere_and_files_come_first(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_config("quickstart") == config_folder() / "quickstart.toml"
    assert find_config("quickstart.toml") == config_folder() / "quickstart.toml"
    (tmp_path / "quickstart.toml").write_text(MINIMAL, encoding="utf-8")
    assert load_config("quickstart.toml").name == "small"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "config.toml").write_text(MINIMAL, encoding="utf-8")
    assert load_config("mine").name == "small"
    assert load_config(tmp_path / "mine").origin.endswith("config.toml")


def test_the_name_defaults_to_that_of_the_file(tmp_path) -> None:
    path = tmp_path / "my-study.toml"
    path.write_text(MINIMAL.replace('name = "small"', ""), encoding="utf-8")
    assert load_config(path).name == "my-study"


def test_a_file_name_with_other_characters_makes_a_name_that_can_be_a_folder(tmp_path) -> None:
    path = tmp_path / "my first. study.toml"
    path.write_text(MINIMAL.replace('name = "small"', ""), encoding="utf-8")
    assert load_config(path).name == "my-first-study"


def test_an_unknown_name_is_refused_with_the_closest_one(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="did you mean 'quickstart'"):
        load_config("quikstart")
    with pytest.raises(ConfigError, match="no such file"):
        load_config("somewhere/else.toml")
    with pytest.raises(ConfigError, match="without a config"):
        load_config(tmp_path)
    with pytest.raises(ConfigError, match="cannot be the path"):
        load_config("a" * 5000)
    with pytest.raises(ConfigError):
        load_config("nul\0byte")


def test_the_reference_page_is_in_step_with_the_schema() -> None:
    page = (config_folder() / "README.md").read_text(encoding="utf-8")
    assert page == reference_page(), "make it anew: python -m landscape.config.reference"


def test_the_json_schema_has_the_keys_of_every_neuron_model_readout_and_direction() -> None:
    tables = Config.model_json_schema()["$defs"]
    models = {table["properties"]["neuron"]["const"]: table["properties"] for table in tables["ModelConfig"]["anyOf"]}
    assert "threshold" in models["lif"]
    assert "threshold" not in models["qif"]
    readouts = {table["properties"]["kind"]["const"] for table in tables["ObjectiveConfig"]["anyOf"]}
    assert readouts == {"first_spike", "max_potential", "mean_potential"}
    shorthand, *directions = tables["DirectionConfig"]["anyOf"]
    assert shorthand == {"type": "string"}
    weight = next(table for table in directions if table["properties"]["kind"]["const"] == "weight")
    assert weight["required"] == ["kind", "layer", "post", "pre"]


def test_keys_of_another_readout_stay_without_effect_and_misspelt_ones_do_not() -> None:
    for kind in ("max_potential", "mean_potential"):
        config = parse_config(TWO, overrides=[f"objective.kind={kind}", "objective.gamma=0.5"])
        assert config.objective.constants == {}
    assert "unknown key for readout" in message_of(TWO, "objective.gama=0.5")


def test_a_model_with_a_readout_of_its_own_takes_no_keys_of_the_other() -> None:
    changes = ["objective.gamma=0.5", "model.lif.objective.kind=max_potential"]
    config = parse_config(TWO, overrides=changes)
    lif, qif = config.model
    assert (config.objective_of(lif).kind, config.objective_of(lif).constants) == ("max_potential", {})
    assert config.objective_of(qif).gamma == 0.5
    assert parse_config(config.to_toml()).to_toml() == config.to_toml()


def test_every_key_has_a_description() -> None:
    def check(table) -> None:
        for name, info in table.model_fields.items():
            assert info.description, f"{table.__name__}.{name}"

    from landscape import config as public

    for name in public.__all__:
        kind = getattr(public, name)
        if isinstance(kind, type) and hasattr(kind, "model_fields"):
            check(kind)


@pytest.mark.parametrize(
    ("models", "slices", "said"),
    [
        (["lif", "lif"], [], "two [[model]] tables are named 'lif'; names must differ"),
        (["lif", "LIF"], [], "two [[model]] tables are named 'lif' and 'LIF'; names must differ"),
        (["lif"], ["Line", "line"], "two [[slice]] tables are named 'Line' and 'line'; names"),
        (["a", "a-b"], ["b-c", "c"], "model 'a' with slice 'b-c' and model 'a-b' with slice 'c' would have"),
        (["a", "A-B"], ["b-c", "c"], "model 'a' with slice 'b-c' and model 'A-B' with slice 'c' would have"),
    ],
)
def test_names_that_make_the_same_name_of_a_file_are_refused(models: list[str], slices: list[str], said: str) -> None:
    tables = ['name = "small"', *(f'[[model]]\nname = "{name}"\nneuron = "lif"\n' for name in models)]
    tables += [f'[[slice]]\nname = "{name}"\ndirections = "random"\n' for name in slices]
    assert said in message_of("\n".join(tables))


def test_reserved_names_are_those_of_the_result_file() -> None:
    from landscape.h5.kinds import group_names

    assert group_names() == RESERVED_NAMES


def test_training_keys_are_those_of_the_library() -> None:
    from dataclasses import fields

    from landscape.config import TrainingConfig
    from landscape.training import TrainingSettings

    assert {field.name for field in fields(TrainingSettings)} == set(TrainingConfig.model_fields)


plain = st.one_of(
    st.text(max_size=20),
    st.integers(-(2**62), 2**62),
    st.booleans(),
    st.floats(allow_nan=False),
)
keys = st.text(min_size=1, max_size=8)
nested = st.recursive(
    plain,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=8,
)


@given(st.dictionaries(keys, nested, max_size=4))
def test_written_toml_reads_back_equal(table: dict) -> None:
    assert tomllib.loads(dumps(table)) == table


@given(st.text(max_size=30))
def test_any_override_value_is_read_or_taken_as_text(text: str) -> None:
    parse_value(text)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(ConfigError):
        parse_config(text)


def test_an_experiment_can_be_made_in_python() -> None:
    config = Config.model_validate({"name": "x", "model": [{"name": "qif", "neuron": "qif"}]})
    assert parse_config(config.to_toml()).to_toml() == config.to_toml()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (".".join(["a"] * 50_000) + " = 1", "a dotted key of more than 32 parts (at line 1)"),
        (MINIMAL + f"[{' . '.join(['b'] * 33)}]", "a dotted key of more than 32 parts (at line 6)"),
        (MINIMAL + "seed = " + "[" * 40 + "]" * 40, "more than 32 deep"),
        (MINIMAL + "seed = " + "[" * 5000 + "]" * 5000, "more than 32 deep"),
        (MINIMAL + "seed = 0x" + "f" * 5000, "an integer of more than 64 bits"),
        (MINIMAL + "seed = " + "9" * 5000, "an integer of more than 64 bits"),
        (MINIMAL + "seed = 1\nseed = 2\n", "(at line 7, column 9)"),
        ("#" * (LONGEST + 1), "longer than"),
    ],
    ids=["key", "heading", "arrays", "arrays beyond recursion", "hexadecimal", "decimal", "twice", "length"],
)
def test_toml_that_would_take_all_memory_is_refused_at_once(text: str, problem: str) -> None:
    message = message_of(text)
    assert message.startswith("file.toml: is no valid TOML: ")
    assert problem in message
    assert len(message) < 200


@pytest.mark.parametrize("override", [f"{'a.' * 50_000}b=1", f"{'a' * 50_000}=1", f"seed={{{'a.' * 50_000}b=1}}"])
def test_an_override_as_long_as_a_command_line_may_be_is_refused_in_a_short_line(override: str) -> None:
    assert len(message_of(MINIMAL, override)) < 300


def test_an_override_in_another_encoding_is_refused() -> None:
    assert message_of(MINIMAL, "description=caf\udce9").endswith("is not UTF-8 text")


def test_texts_and_numbers_with_many_dots_are_no_dotted_keys() -> None:
    many = "Short. " * 50 + "0.5, " * 50
    config = parse_config(f'# {many}\ndescription = """\n{many}"""\n{MINIMAL}threshold = 0.5 # {many}\n')
    assert config.description == many
    quoted = ".".join(["'#'", r'"\""', '"#"'] * 11)
    with pytest.raises(ConfigError, match="a dotted key of more than 32 parts"):
        parse_config(f'description = "{many}"\n[{quoted}]')


@pytest.mark.parametrize(
    "content",
    ["\ufeff" + MINIMAL, MINIMAL.replace("\n", "\r\n"), "\ufeff" + MINIMAL.replace("\n", "\r\n")],
    ids=["mark", "line ends", "both"],
)
def test_files_of_windows_editors_are_read(tmp_path: Path, content: str) -> None:
    (tmp_path / "small.toml").write_bytes(content.encode())
    assert load_config(tmp_path / "small.toml").model_names == ["lif"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (MINIMAL.encode("utf-16"), "is UTF-16 text; save it as UTF-8"),
        (MINIMAL.encode("utf-16-be"), "is no valid TOML"),
        ('description = "café"\n'.encode("latin-1"), "is not UTF-8 text, so no TOML file (byte 0xe9 in line 1)"),
        (b"\x89HDF\r\n\x1a\n" + bytes(99), "is an HDF5 file with results or data, no experiment"),
        (MINIMAL.encode() + b"\0", "is no valid TOML"),
        (bytes(LONGEST + 1), "is longer than"),
        (b"\x89PNG", "is not UTF-8 text"),
    ],
    ids=["UTF-16", "UTF-16 without mark", "Latin-1", "HDF5", "NUL", "long", "PNG"],
)
def test_files_that_are_no_experiment_are_told_by_their_content(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "e.toml").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "e.toml")
    assert str(caught.value).startswith(f"{tmp_path / 'e.toml'}: {problem}")


def test_an_experiment_can_come_from_a_pipe_of_the_shell() -> None:
    read, write = os.pipe()
    os.write(write, MINIMAL.replace('name = "small"', "").encode())
    os.close(write)
    try:
        config = load_config(f"/dev/fd/{read}")
    finally:
        os.close(read)
    assert (config.name, config.model_names) == ("experiment", ["lif"])
    assert find_config("-") == Path("/dev/stdin")


@pytest.mark.parametrize("name", ["pipe", "pipe.toml"])
def test_a_named_pipe_that_nobody_writes_to_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo(name)
    with pytest.raises(ConfigError, match="cannot be read: is a pipe, not a file"):
        load_config(name)
