"""Two thousand experiments, data files and result files that are wrong in some way.

Each ends in a documented exception, and no file is changed by being read.
"""

from __future__ import annotations

import copy
import functools
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from synthetic import results as synthetic_results
from synthetic import tiny_experiment

from landscape.config import config_names, parse_config
from landscape.config.loading import config_folder
from landscape.config.toml import dumps
from landscape.datasets import digits
from landscape.errors import InputError
from landscape.experiment import plan_of, prepare_data
from landscape.fragmentation import compare_tables
from landscape.results import ResultFile, info, validate, write_results
from landscape_cli.commands import cli

CASES = {"edited keys": 600, "edited text": 400, "data bytes": 300, "data parts": 250, "bytes": 450, "parts": 90}
assert sum(CASES.values()) >= 2000


def cases(name: str) -> Any:
    return settings(
        max_examples=CASES[name],
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


odd_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["", "../..", "lif", "loss", "a" * 300, "\x00", "file:", "random", "nan", "digits", "yin-yang"]),
    st.lists(st.one_of(st.integers(-2, 2**40), st.floats(), st.text(max_size=3)), max_size=4),
    st.dictionaries(st.sampled_from(["name", "kind", "seed", "x"]), st.integers(-1, 5), max_size=2),
)


def refused_or_fine(work: Callable[[], Any]) -> None:
    """Do something; an error must be the input's, in words, and name something."""
    said = "nothing"
    try:
        work()
    except InputError as error:
        said = str(error)
    assert said.strip()
    assert "Traceback" not in said


# --- experiments ---


@functools.cache
def shipped() -> list[dict[str, Any]]:
    texts = [(config_folder() / f"{name}.toml").read_text(encoding="utf-8") for name in config_names()]
    return [tomllib.loads(text) for text in [tiny_experiment.TOML, *texts]]


def places(table: Any) -> list[tuple[Any, Any]]:
    """Every container of a nested table with each of its keys."""
    found = []
    items = table.items() if isinstance(table, dict) else enumerate(table) if isinstance(table, list) else ()
    for key, value in items:
        found += [(table, key), *places(value)]
    return found


def read_and_plan(text: str) -> None:
    config = parse_config(text, origin="edited.toml", default_name="edited")
    again = parse_config(config.to_toml(), origin="edited.toml")
    assert again.to_toml() == config.to_toml()
    assert plan_of(config).pieces


@cases("edited keys")
@given(
    st.integers(0, 5),
    st.lists(
        st.tuples(st.integers(0, 10**6), st.sampled_from(["set", "set", "drop", "add"]), odd_values),
        min_size=1,
        max_size=3,
    ),
)
def test_an_experiment_with_odd_values_is_refused_or_planned(which: int, edits: list[tuple[int, str, Any]]) -> None:
    table = copy.deepcopy(shipped()[which % len(shipped())])
    for number, deed, value in edits:
        spots = places(table)
        if not spots:
            break
        container, key = spots[number % len(spots)]
        if deed == "drop":
            del container[key]
        elif deed == "add" and isinstance(container, dict):
            container[str(value)[:20] or "x"] = value
        else:
            container[key] = value
    try:
        text = dumps(_without_none(table))
    except (TypeError, ValueError):
        return
    refused_or_fine(lambda: read_and_plan(text))


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _without_none(item) for key, item in value.items() if item is not None}
    return [_without_none(item) for item in value if item is not None] if isinstance(value, list) else value


@cases("edited text")
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 12), st.text(max_size=6)), min_size=1, max_size=4))
def test_an_experiment_whose_text_was_edited_is_refused_or_planned(edits: list[tuple[int, int, str]]) -> None:
    text = tiny_experiment.TOML
    for position, length, new in edits:
        start = position % (len(text) + 1)
        text = text[:start] + new + text[start + length :]
    refused_or_fine(lambda: read_and_plan(text))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a" * 100_000, b"[[model]]\n" * 2000, b"x=" + b"[" * 5000, b""])
def test_a_file_that_is_no_experiment_ends_in_status_2(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.toml"
    path.write_bytes(content)
    for command in ("plan", "status", "run", "merge"):
        done = CliRunner().invoke(cli, [command, str(path), "--out", str(tmp_path / "r")])
        assert done.exit_code == 2, done.output
        assert "Traceback" not in done.output
    assert not (tmp_path / "r").exists()


# --- data files ---


@functools.cache
def spoken() -> bytes:
    """A small file in the layout of Spiking Heidelberg Digits."""
    import io

    data = digits().select(count=6, seed=1)
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        samples = [data[number] for number in range(len(data))]
        for name, dtype in (("times", np.float32), ("units", np.int32)):
            part = file.create_dataset(f"spikes/{name}", (len(data),), dtype=h5py.vlen_dtype(dtype))
            for number, sample in enumerate(samples):
                part[number] = sample[0] if name == "times" else sample[1]
        file["labels"] = np.array([sample[2] for sample in samples], np.int64)
    return buffer.getvalue()


def load(path: Path) -> None:
    config = parse_config(
        tiny_experiment.TOML, overrides=[f"data.source={path}", "data.samples=", "data.test_samples="]
    )
    # The plan looks into data files too, but leaves it to those who load them to say what is wrong.
    assert plan_of(config).pieces
    prepare_data(config)


@cases("data bytes")
@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 255)), min_size=1, max_size=4), st.integers(0, 6))
def test_a_data_file_cut_off_or_with_changed_values_is_refused_or_read(
    tmp_path: Path, edits: list[tuple[int, int]], kind: int
) -> None:
    content = bytearray(spoken())
    for position, value in edits:
        content[position % len(content)] = value
    if kind < 3:
        content = bytearray(spoken()[: edits[0][0] % len(content)])
    path = tmp_path / ("data.h5" if kind != 1 else "data.h5.gz")
    path.write_bytes(content)
    refused_or_fine(lambda: load(path))
    assert path.read_bytes() == content


numbers = st.one_of(
    st.sampled_from([0.0, -1.0, float("nan"), float("inf"), 1e300, -1e-300, 2.0**40]), st.integers(-5, 800)
)


@cases("data parts")
@given(
    st.sampled_from(["labels", "spikes/times", "spikes/units", "spikes"]), st.integers(0, 6), st.integers(0, 5), numbers
)
def test_a_data_file_with_odd_parts_is_refused_or_read(
    tmp_path: Path, name: str, deed: int, sample: int, number: float
) -> None:
    path = tmp_path / "data.h5"
    path.write_bytes(spoken())
    with h5py.File(path, "r+") as file:
        item = file[name]
        if deed == 0 or isinstance(item, h5py.Group):
            del file[name]
        elif deed == 1:
            del file[name]
            file[name] = np.full((2, 3), number)
        elif deed == 2:
            del file[name]
            file[name] = "text"
        elif name == "labels":
            item[sample] = int(min(max(np.nan_to_num(number), -1e15), 1e15))
        else:
            values = item[sample]
            values[len(values) // 2] = (
                int(np.nan_to_num(number)) % 2**31 if name.endswith("units") else min(number, 1e30)
            )
            item[sample] = values if deed < 6 else values[: len(values) // 2]
    refused_or_fine(lambda: load(path))


# --- result files ---


@functools.cache
def result() -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.h5"
        full = synthetic_results.results(("lif",), plane=(3, 2), line=3)["lif"]
        values = np.array([[[3.0, 2.0], [4.0, 4.0]], [[0.0, 0.0], [np.nan, 1.0]]])
        compared = compare_tables(("lif", "qif"), {"total_jump": values}, primary="total_jump", resamples=9)
        models = {"lif": full.changed(slices={"plane": full.slices["plane"]})}
        write_results(path, models, comparison=compared)
        return path.read_bytes()


def read_everything(path: Path) -> None:
    readers: list[Callable[[], Any]] = [lambda: ResultFile(path).read(), lambda: ResultFile(path).comparison]
    for work in [lambda: validate(path), lambda: info(path), *readers]:
        refused_or_fine(work)


@cases("bytes")
@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 255)), min_size=1, max_size=3), st.integers(0, 3))
def test_a_result_file_with_any_changed_byte_is_refused(
    tmp_path: Path, edits: list[tuple[int, int]], kind: int
) -> None:
    content = bytearray(result())
    for position, value in edits:
        content[position % len(content)] ^= value
    if kind == 0:
        content = bytearray(result()[: edits[0][0] % len(content)])
    if bytes(content) == result():
        return
    path = tmp_path / "r.h5"
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    with pytest.raises(InputError):
        validate(path)
    assert path.read_bytes() == content


@cases("parts")
@given(st.integers(0, 10**6), st.integers(0, 7), odd_values)
def test_a_result_file_with_odd_parts_is_refused_or_read(tmp_path: Path, number: int, deed: int, value: Any) -> None:
    path = tmp_path / "r.h5"
    path.unlink(missing_ok=True)
    path.write_bytes(result())
    with h5py.File(path, "r+") as file:
        names: list[str] = []
        file.visit(names.append)
        name = names[number % len(names)]
        item = file[name]
        attributes = sorted(item.attrs)
        if deed in (0, 1) and attributes:
            chosen = attributes[number % len(attributes)]
            if deed == 0:
                del item.attrs[chosen]
            else:
                _try(lambda: item.attrs.__setitem__(chosen, value))
        elif deed == 2:
            del file[name]
        elif deed == 3:
            del file[name]
            _try(lambda: file.__setitem__(name, value))
        elif deed == 4:
            file.move(name, f"{name}_")
        elif deed == 5:
            del file[name]
            file.create_group(name)
        elif isinstance(item, h5py.Dataset) and item.size and item.dtype.kind in "fiu":
            spot = np.unravel_index(number % item.size, item.shape)
            item[spot] = np.nan if item.dtype.kind == "f" else 99
    before = path.read_bytes()
    read_everything(path)
    assert path.read_bytes() == before


def _try(work: Callable[[], Any]) -> None:
    """Some odd values cannot even be stored."""
    try:
        work()
    except (TypeError, ValueError, OverflowError, OSError, RuntimeError):
        return
