"""The cache of compiled kernels: quick the second time, never stale, safe for many processes, never fatal."""

from __future__ import annotations

import os
import pickle
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from landscape.claims import claim, release

PACKAGE = Path(__file__).parents[1] / "landscape"

SPIKES = """
import landscape as ls, numpy as np
network = ls.Network(ls.LIF(), [np.array([[6.0]]), np.array([[9.0]])], 4.0)
trial = ls.simulate(network, [0.25], [0])
print(repr([layer.times.tolist() for layer in trial.layers]))
"""


def environment(cache, package):
    variables = {k: v for k, v in os.environ.items() if k not in ("LANDSCAPE_QUIET", "PYTHONPATH")}
    return variables | {"LANDSCAPE_CACHE_DIR": str(cache), "PYTHONPATH": str(package.parent)}


def start(code, cache, package=PACKAGE):
    """A process of its own that runs ``code`` with this cache and this copy of the package."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code],
        env=environment(cache, package),
        cwd=package.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def result_of(process):
    """What it printed, and whether it said that it compiled."""
    out, error = process.communicate(timeout=600)
    assert process.returncode == 0, error
    assert error.count("compiling kernels") <= 1
    return out, "compiling kernels" in error


def files(cache):
    return {path.relative_to(cache): path.stat().st_mtime_ns for path in Path(cache).rglob("*") if path.is_file()}


def a_copy(folder):
    return Path(shutil.copytree(PACKAGE, folder / "landscape", ignore=shutil.ignore_patterns("__pycache__")))


def edit(package, path, pattern, replacement):
    source = (package / path).read_text()
    edited, count = re.subn(pattern, replacement, source)
    assert count >= 1, f"{path} has no {pattern}"
    (package / path).write_text(edited)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A cache folder in which the kernels of SPIKES are, and what SPIKES prints."""
    cache = tmp_path_factory.mktemp("cache")
    out, compiled = result_of(start(SPIKES, cache))
    assert compiled
    return cache, out


@pytest.mark.slow
def test_a_second_process_compiles_nothing_and_gives_the_same(filled):
    cache, out = filled
    before = files(cache)
    assert before
    again, compiled = result_of(start(SPIKES, cache))
    assert again == out
    assert not compiled
    assert files(cache) == before
    assert not [path for path in before if path.suffix != ".nbc"]


@pytest.mark.slow
def test_a_changed_step_of_a_neuron_model_gives_changed_results_with_the_same_cache(filled, tmp_path):
    cache, out = filled
    copy = a_copy(tmp_path)
    assert result_of(start(SPIKES, cache, copy)) == (out, False)  # an unchanged copy may use what is there
    edit(copy, "neurons/lif.py", r"root = 2\.0 \*", "root = 1.9 *")
    changed, compiled = result_of(start(SPIKES, cache, copy))
    assert compiled
    assert changed != out
    assert result_of(start(SPIKES, cache)) == (out, False)


@pytest.mark.slow
def test_every_source_file_that_holds_compiled_code_enters_the_name_of_the_cache_folder(tmp_path):
    code = "from landscape.compilation import cache_directory; print(cache_directory())"
    copy = a_copy(tmp_path)
    compiled = [
        path.relative_to(copy)
        for path in sorted(copy.rglob("*.py"))
        if re.search(r"^@(inline|kernel|implements|overload)", path.read_text(), re.MULTILINE)
    ]
    assert len(compiled) > 8
    processes = [start(code, tmp_path / "cache", copy)]
    names = {result_of(processes[0])[0]}
    stale = []
    for path in {part.parent: part for part in compiled}.values():  # one file of every folder
        (copy / path).write_text((copy / path).read_text() + "\n# changed\n")
        name = result_of(start(code, tmp_path / "cache", copy))[0]
        if name in names:
            stale.append(str(path))
        names.add(name)
    assert not stale


@pytest.mark.slow
def test_a_changed_model_outside_the_package_gives_changed_results_with_the_same_cache(tmp_path):
    module = Path(__file__).parent / "synthetic" / "delta_models.py"
    code = f"""
import sys; sys.path.insert(0, {str(tmp_path)!r})
import landscape as ls, numpy as np
from delta_models import OscillatoryLIF
from landscape.neurons import register_neuron
register_neuron("outside", OscillatoryLIF)
network = ls.Network(OscillatoryLIF(), [np.array([[0.3]])], 4.0)
print(ls.simulate(network, [0.25], [0]).layers[0].times.tolist())
"""
    shutil.copy(module, tmp_path)
    cache = tmp_path / "cache"
    out, _ = result_of(start(code, cache))
    assert result_of(start(code, cache)) == (out, False)
    edit(tmp_path, "delta_models.py", r"return \(state\[0\] \+ weight,\)", "return (state[0] + 2.0 * weight,)")
    changed, compiled = result_of(start(code, cache))
    assert changed != out
    assert compiled


# The cache itself, with a kernel that compiles in a moment.

TINY = """
import numpy as np
from landscape.compilation import kernel

@kernel
def tripled(values):
    total = 0.0
    for value in values:
        total += 3.0 * value
    return total

print(tripled(np.arange(5.0)))
"""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A cache folder with one small kernel."""
    cache = tmp_path_factory.mktemp("tiny")
    assert result_of(start(TINY, cache)) == ("30.0\n", True)
    assert result_of(start(TINY, cache)) == ("30.0\n", False)
    return cache


@pytest.mark.slow
def test_processes_that_compile_at_once_all_give_the_right_result_and_leave_a_cache_that_works(tmp_path):
    processes = [start(TINY, tmp_path / "cache") for _ in range(6)]
    assert [result_of(process)[0] for process in processes] == ["30.0\n"] * 6
    assert result_of(start(TINY, tmp_path / "cache")) == ("30.0\n", False)
    assert not [path for path in files(tmp_path / "cache") if path.suffix != ".nbc"]


@pytest.mark.slow
def test_a_process_waits_for_a_kernel_that_another_one_compiles(tiny, tmp_path):
    (kept,) = tiny.rglob("*.nbc")
    folder = tmp_path / "cache" / kept.parent.name
    folder.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        (folder / f"{kept.name}.claim").write_text(f"{socket.gethostname()} {other.pid}")
        waiting = start(TINY, tmp_path / "cache")
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(timeout=8)
        shutil.copy(kept, folder)
        assert result_of(waiting)[0] == "30.0\n"
        other.communicate(b"\n")
    assert files(tmp_path / "cache").keys() == {
        (folder / name).relative_to(tmp_path / "cache") for name in (kept.name, f"{kept.name}.claim")
    }


def test_a_claim_keeps_others_of_this_machine_off_as_long_as_its_process_lives(tmp_path):
    path, mark = tmp_path / "kernel.nbc", tmp_path / "kernel.nbc.claim"
    assert claim(path)
    assert mark.read_text() == f"{socket.gethostname()} {os.getpid()}"
    release(path)
    assert not mark.exists()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        mark.write_text(f"{socket.gethostname()} {other.pid}")
        assert not claim(path)
        os.utime(mark, (0, 0))  # a compilation of many minutes is none
        assert claim(path)
        release(path)
        mark.write_text(f"{socket.gethostname()} {other.pid}")
        release(path)  # not ours
        assert mark.exists()
        other.communicate(b"\n")
    assert claim(path)  # it has ended
    release(path)
    numbers = ("x", "0", "-1", "4294967296", "9" * 5000)
    for text in ("another-host 1", "nonsense", *(f"{socket.gethostname()} {number}" for number in numbers)):
        mark.write_text(text)
        assert claim(path)
        release(path)
    assert claim(tmp_path / "no folder" / "kernel.nbc")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system does not tell that a process has ended")
def test_a_claim_of_an_ended_process_means_nothing_before_its_parent_has_asked_about_it(tmp_path):
    path = tmp_path / "kernel.nbc"
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as ended:
        assert ended.stdout.read() == b""  # closed as it ends
        (tmp_path / "kernel.nbc.claim").write_text(f"{socket.gethostname()} {ended.pid}")
        deadline = time.monotonic() + 30
        while not claim(path) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert ended.returncode is None
    assert (tmp_path / "kernel.nbc.claim").read_text() == f"{socket.gethostname()} {os.getpid()}"
    release(path)


INTERRUPTED = """
import numpy as np
from landscape.compilation import cache_directory, kernel
@kernel
def broken(array):
    return array.no_such_attribute
try:
    broken(np.zeros(2))
except Exception:
    print(len(list(cache_directory().glob('*.claim'))))
"""


@pytest.mark.slow
def test_a_compilation_that_fails_leaves_no_claim(tmp_path):
    assert result_of(start(INTERRUPTED, tmp_path / "cache"))[0] == "0\n"
    assert not list((tmp_path / "cache").rglob("*.claim"))


DAMAGE = {
    "empty": lambda content: b"",
    "truncated": lambda content: content[: len(content) // 2],
    "text": lambda content: b"this is no kernel\n" * 100,
    "another object": lambda content: pickle.dumps({"not": "a kernel"}),
    "a missing module": lambda content: b"cno_such_module\nThing\n.",
    "a flipped bit": lambda content: (
        content[: len(content) // 2] + bytes([content[len(content) // 2] ^ 1]) + content[len(content) // 2 + 1 :]
    ),
}


@pytest.mark.parametrize(
    "damage",
    ["a flipped bit", *(pytest.param(d, marks=pytest.mark.slow) for d in DAMAGE if d != "a flipped bit")],
)
def test_a_damaged_cache_file_is_compiled_anew_and_never_fatal(tiny, damage, tmp_path):
    shutil.copytree(tiny, tmp_path / "cache")
    (path,) = (tmp_path / "cache").rglob("*.nbc")
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    assert result_of(start(TINY, tmp_path / "cache")) == ("30.0\n", True)
    assert result_of(start(TINY, tmp_path / "cache")) == ("30.0\n", False)


def test_a_cache_folder_that_cannot_be_made_costs_time_and_no_result(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert result_of(start(TINY, tmp_path / "file" / "cache")) == ("30.0\n", True)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a user whom permissions stop")
def test_a_cache_folder_that_cannot_be_written_is_still_read(tiny, tmp_path):
    shutil.copytree(tiny, tmp_path / "cache")
    folders = (tmp_path / "cache", *(tmp_path / "cache").iterdir())
    for folder in folders:
        folder.chmod(0o500)
    try:
        assert result_of(start(TINY, tmp_path / "cache")) == ("30.0\n", False)
    finally:
        for folder in folders:
            folder.chmod(0o700)


def test_importing_the_package_compiles_and_imports_nothing_heavy():
    code = (
        "import sys, landscape\n"
        "heavy = {'numba', 'numpy', 'h5py', 'matplotlib', 'pydantic', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert set(landscape.__all__) <= set(dir(landscape))\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=PACKAGE.parent, timeout=60)


def test_every_public_name_can_be_had_and_an_unknown_one_is_an_attribute_error():
    import landscape

    for name in landscape.__all__:
        assert getattr(landscape, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Landscape'"):
        _ = landscape.Landscape
