"""Where compiled kernels are kept: under a name that tells what they depend on, where nobody else can write."""

from __future__ import annotations

import compileall
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import platformdirs
import pytest

from landscape.kernel_folder import cache_directory, read_own, source_digest

PACKAGE = Path(__file__).parents[1] / "landscape"
POSIX = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs owners and permissions of files")


def run(code, place, **variables):
    """Run code in a process that imports the package from a folder or zip file; what it prints and its exit status."""
    ended = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(place)!r})\n{code}"],
        env={k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "LANDSCAPE_QUIET")} | variables,
        capture_output=True,
        text=True,
        timeout=100,
        cwd=Path(place).parent,
    )
    return ended.stdout + ended.stderr, ended.returncode


@pytest.mark.slow
def test_in_a_zip_file_or_as_byte_code_the_name_of_the_folder_tells_the_sources_too(tmp_path):
    code = (
        "import landscape\n"
        "from landscape.kernel_folder import source_digest\n"
        "from landscape.config import config_names, load_config\n"
        "assert load_config('quickstart').name == 'quickstart'\n"
        "assert landscape.__file__.startswith(sys.path[0]), landscape.__file__\n"
        "print(len(config_names()), source_digest())"
    )
    for name in ("one", "other"):
        copy = tmp_path / name / "landscape"
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        if not (copy / "configs").exists():  # beside the package in a clone
            shutil.copytree(PACKAGE.parent / "configs", copy / "configs")
        if name == "other":
            lif = copy / "neurons" / "lif.py"
            lif.write_text(lif.read_text().replace("state[1] + weight", "state[1] + 2.0 * weight"))
        shutil.make_archive(str(tmp_path / name), "zip", tmp_path / name)
    shutil.copytree(tmp_path / "one", tmp_path / "compiled")
    assert compileall.compile_dir(tmp_path / "compiled", quiet=1, legacy=True)
    for source in (tmp_path / "compiled").rglob("*.py"):
        source.unlink()
    names = {}
    for place in ("one", "one.zip", "other", "other.zip", "compiled"):
        said, status = run(code, tmp_path / place)
        assert status == 0, said
        assert not said.startswith("0 ")
        names[place] = said.split()[1]
    assert names["one"] == names["one.zip"] == source_digest()
    assert names["other"] == names["other.zip"] != names["one"]
    assert names["compiled"] not in ("None", names["one"], names["other"])


FROZEN = """
import importlib.machinery, sys
class Frozen(importlib.machinery.SourceFileLoader):
    def get_data(self, path):
        raise OSError(path)
    def get_code(self, name):
        return compile(open(self.path).read(), self.path, "exec")
hook = importlib.machinery.FileFinder.path_hook((Frozen, [".py"]))
sys.path_hooks.insert(0, lambda path: hook(path) if "landscape" in path else (_ for _ in ()).throw(ImportError()))
sys.path_importer_cache.clear()
from landscape.kernel_folder import cache_directory, source_digest
print(source_digest(), cache_directory())
"""


def test_where_the_modules_in_use_cannot_be_read_no_kernel_is_kept():
    assert run(FROZEN, PACKAGE.parent) == ("None None\n", 0)


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ({"NUMBA_DISABLE_JIT": "1"}, "InputError: NUMBA_DISABLE_JIT is set, but landscape consists of compiled code"),
        ({"NUMBA_NUM_THREADS": "0"}, "InputError: Numba refuses a setting"),
    ],
)
def test_settings_of_numba_that_cannot_work_are_named(variable, said):
    text, status = run("import landscape\nlandscape.LIF", PACKAGE.parent, **variable)
    assert status == 1
    assert said in text.splitlines()[-1]


@pytest.mark.slow
def test_settings_of_numba_that_alter_machine_code_alter_the_name_of_the_folder():
    code = "from landscape.kernel_folder import source_digest; print(source_digest())"
    names = [source_digest()]
    for setting in ("NUMBA_OPT=1", "NUMBA_BOUNDSCHECK=1", "NUMBA_LOOP_VECTORIZE=0"):
        said, status = run(code, PACKAGE.parent, **dict([setting.split("=")]))
        assert status == 0
        names.append(said.strip())
    assert len(set(names)) == 4
    assert run(code, PACKAGE.parent, NUMBA_NUM_THREADS="1")[0].strip() == names[0]


@pytest.fixture
def somewhere(tmp_path, monkeypatch):
    """A folder that LANDSCAPE_CACHE_DIR names."""
    monkeypatch.setenv("LANDSCAPE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def homeless(tmp_path, monkeypatch):
    """The folder for temporary files, open to all, of a user who has no home."""

    def no_home(_):
        raise RuntimeError("could not determine the home directory")

    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    monkeypatch.delenv("LANDSCAPE_CACHE_DIR", raising=False)
    monkeypatch.setattr(platformdirs, "user_cache_dir", no_home)
    monkeypatch.setattr(tempfile, "tempdir", str(shared))
    return shared


@POSIX
def test_the_folder_is_made_for_its_user_alone_and_used_as_long_as_it_is_so(somewhere):
    folder = cache_directory()
    assert folder.parent == somewhere
    assert folder.name == f"kernels-{source_digest()}"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    somewhere.chmod(0o777)  # where it stands others may write
    assert cache_directory() == folder
    for mode in (0o770, 0o702):
        folder.chmod(mode)
        assert cache_directory() is None
    folder.chmod(0o755)
    assert cache_directory() == folder
    folder.rename(somewhere / "away")
    folder.symlink_to(somewhere / "away")
    assert cache_directory() is None


@POSIX
def test_without_a_home_it_is_in_a_folder_for_temporary_files_that_is_its_users_own(homeless):
    folder = cache_directory()
    assert folder.parent == homeless / f"spiking-landscape-{os.geteuid()}"
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    folder.parent.chmod(0o777)
    assert cache_directory() is None


@POSIX
@pytest.mark.parametrize("planted", ["open to all", "a link", "a file", "another's"])
def test_a_planted_folder_for_temporary_files_is_not_used(homeless, planted, tmp_path):
    around = homeless / f"spiking-landscape-{os.geteuid()}"
    if planted == "a link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        around.symlink_to(tmp_path / "elsewhere")
    elif planted == "a file":
        around.write_text("in the way")
    else:
        around.mkdir()
        around.chmod(0o777 if planted == "open to all" else 0o755)
    if planted == "another's":
        if os.geteuid() != 0:
            pytest.skip("needs to give a folder away")
        os.chown(around, 1001, 1001)
    assert cache_directory() is None


@POSIX
def test_only_a_file_that_nobody_else_can_have_written_is_read(tmp_path):
    kept = tmp_path / "kernel.nbc"
    kept.write_bytes(b"machine code")
    kept.chmod(0o644)
    assert read_own(kept) == b"machine code"
    (tmp_path / "link.nbc").symlink_to(kept)
    with pytest.raises(OSError, match=r"link\.nbc"):
        read_own(tmp_path / "link.nbc")
    for mode in (0o664, 0o646):
        kept.chmod(mode)
        with pytest.raises(PermissionError, match="others may have written it"):
            read_own(kept)
    os.mkfifo(tmp_path / "pipe.nbc", 0o600)
    with pytest.raises(PermissionError):
        read_own(tmp_path / "pipe.nbc")
    if os.geteuid() == 0:
        kept.chmod(0o644)
        os.chown(kept, 1001, 1001)
        with pytest.raises(PermissionError):
            read_own(kept)
