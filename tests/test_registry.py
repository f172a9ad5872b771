"""Things that are found by being there."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from landscape.errors import ConfigError, DirectionError
from landscape.registry import Registry
from landscape.slices.directions import kinds

TOY = Path(__file__).parent / "plugins" / "toy_direction.py"
PACKAGE = "landscape.slices.directions.kinds"


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """The kinds of directions, with one more file in their folder."""
    shutil.copy(TOY, tmp_path / "one_layer.py")
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(tmp_path)])
    monkeypatch.delenv("LANDSCAPE_PLUGINS", raising=False)
    yield Registry(PACKAGE, "DIRECTION", "kind of direction", DirectionError)
    sys.modules.pop(f"{PACKAGE}.one_layer", None)


def test_a_module_in_the_folder_is_enough(registry):
    assert registry.names() == ["file", "gradient", "line", "one_layer", "pca", "random", "weight"]
    assert registry["one_layer"].words({"layer": 2}) == "random in layer 2"


def test_a_module_is_loaded_when_its_name_is_asked_for(registry):
    assert "random" in registry
    assert "one_layer" in registry.names()
    assert f"{PACKAGE}.one_layer" not in sys.modules
    assert "one_layer" in registry
    assert f"{PACKAGE}.one_layer" in sys.modules


def test_an_unknown_name_is_told_with_the_closest_and_where_others_are_found(registry):
    with pytest.raises(
        DirectionError, match=r"kind of direction 'randm' is unknown; there are .*did you mean 'random'"
    ):
        _ = registry["randm"]
    with pytest.raises(DirectionError, match="LANDSCAPE_PLUGINS names modules with others"):
        _ = registry["zzz"]


def test_a_plugin_is_known_by_its_path_or_its_name_and_never_takes_the_place_of_another(
    registry, monkeypatch, tmp_path
):
    other = tmp_path / "plugin_for_a_test.py"
    other.write_text(TOY.read_text(encoding="utf-8").replace('"one_layer"', '"of_a_plugin"'), encoding="utf-8")
    monkeypatch.setenv("LANDSCAPE_PLUGINS", str(other))
    assert registry.names()[-1] == "of_a_plugin"
    assert registry["of_a_plugin"].source_hash
    assert not registry["random"].source_hash
    taken = tmp_path / "plugin_that_takes.py"
    taken.write_text(TOY.read_text(encoding="utf-8").replace('"one_layer"', '"random"'), encoding="utf-8")
    monkeypatch.setenv("LANDSCAPE_PLUGINS", str(taken))
    with pytest.raises(DirectionError, match="'random' has the name of one of the package"):
        registry.names()


@pytest.mark.parametrize("text", ["raise RuntimeError('no')", "import no_such_module_at_all", "def"])
def test_a_plugin_that_cannot_be_loaded_is_named_with_the_reason(registry, monkeypatch, tmp_path, text):
    path = tmp_path / "broken_plugin.py"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("LANDSCAPE_PLUGINS", str(path))
    with pytest.raises(ConfigError, match=r"broken_plugin.py: cannot be loaded: (RuntimeError|ModuleNotFound|Syntax)"):
        registry.names()
