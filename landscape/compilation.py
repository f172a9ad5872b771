"""How numerical kernels are compiled and where the compiled code is kept.

``@kernel`` marks a function that Python calls: it is compiled on first use for the neuron model and readout it is
called with, releases the interpreter lock, and is kept on disk. ``@inline`` marks a building block of kernels; it is
compiled into each kernel that uses it and never kept by itself.

**Why the cache is our own.** Numba's disk cache looks at the file of the compiled function only, not at the files
of the functions it calls: after a change of a neuron model the old code would be loaded, a silent wrong number. It
also keeps one index file per function that several processes can overwrite for one another. Here each compiled
kernel is one file, named by a hash of everything it depends on (all sources of this package, the source of a neuron
model defined elsewhere, argument types, Numba's version and settings, processor), written under a temporary name and
renamed, in a folder that nobody else can write to (:mod:`landscape.kernel_folder`).
Nothing is shared, so any number of processes may compile at once, and nothing can be stale. Processes on one machine
that want the same kernel wait for the one that compiles it (:mod:`landscape.claims`).

**Floating point.** Strict IEEE arithmetic: no ``fastmath``, so that the compiler never assumes the absence of
infinities, never reorders a sum, and the result of a neuron does not depend on where it stands in its layer. Fused
multiply-adds are written out (:func:`fma`), not left to the compiler, so all kernels round alike.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import inspect
import os
import pickle
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from landscape.errors import InputError

try:
    import numba
except ValueError as error:
    raise InputError(f"Numba refuses a setting (NUMBA_...) of the environment: {error}; unset it") from None

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from landscape.claims import claim, release, release_all, tell_that_compiling
from landscape.interrupts import interruptible, uninterrupted
from landscape.kernel_folder import cache_directory, read_own, source_digest, write_own
from landscape.linking import ApartCompiler, PartCompiler, set_environments
from landscape.numba_internals import BARE, CompileResult, class_of_tuple

__all__ = [
    "OPTIONS",
    "BeingCompiledError",
    "apart",
    "cache_directory",
    "fma",
    "inline",
    "kernel",
    "leaf",
    "leave_to_others",
    "routine",
    "source_digest",
    "trailing_zeros",
]

if numba.config.DISABLE_JIT:
    raise InputError("NUMBA_DISABLE_JIT is set, but landscape consists of compiled code; unset it")

FASTMATH = False

# What is only called by other compiled code needs no wrappers for Python. Numpy's error model: a division by zero gives
# infinity, so that loops have no branch for it and vectorise.
OPTIONS = {
    "fastmath": FASTMATH,
    "error_model": "numpy",
    **BARE,
}

DIGEST_SIZE = 32  # of the checksum at the start of each file
_announced = threading.Event()


@intrinsic
def fma(typingctx: Any, a: Any, b: Any, c: Any) -> Any:
    """``a * b + c`` with one rounding; a processor instruction where there is one."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fma(*args)

    return types.float64(types.float64, types.float64, types.float64), codegen


@intrinsic
def trailing_zeros(typingctx: Any, word: Any) -> Any:
    """Number of zero bits below the lowest one that is set, of a uint64 that is not zero."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), codegen


class _KernelCache:
    """One file per compiled kernel. Has the methods that a Numba dispatcher calls."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._name = f"{function.__module__}.{function.__qualname__}"

    def _path(self, signature: Any, codegen: Any) -> Path | None:
        folder = cache_directory()
        if folder is None:
            return None
        digest = hashlib.sha256()
        digest.update(repr((self._name, str(signature), codegen.magic_tuple())).encode())
        for argument in signature:
            model = class_of_tuple(argument)
            if model is not None:
                digest.update(_model_source(model))
        return folder / f"{self._name.rpartition('.')[2]}-{digest.hexdigest()[:24]}.nbc"

    def load_overload(self, signature: Any, target: Any) -> Any:
        target.refresh()
        path = self._path(signature, target.codegen())
        kept = self._kept(path, target)
        if kept is not None:
            return kept
        _announce()
        while path is not None and not claim(path):
            if _leaves_to_others:
                raise BeingCompiledError(path.name)
            time.sleep(0.05)
            kept = self._kept(path, target)
            if kept is not None:
                return kept
        return None

    def _kept(self, path: Path | None, target: Any) -> Any:
        if path is not None:
            # Whatever is wrong with a kept kernel, compiling it anew is right.
            with contextlib.suppress(Exception):
                content = read_own(path)
                if hashlib.sha256(content[DIGEST_SIZE:]).digest() == content[:DIGEST_SIZE]:
                    return CompileResult._rebuild(target, *pickle.loads(content[DIGEST_SIZE:]))
        return None

    def save_overload(self, signature: Any, result: Any) -> None:
        set_environments(result)
        path = self._path(signature, result.codegen)
        if path is None:
            return
        # A cache that cannot be written costs time, never a result.
        with contextlib.suppress(OSError):
            content = pickle.dumps(result._reduce(), protocol=pickle.HIGHEST_PROTOCOL)
            write_own(path, hashlib.sha256(content).digest() + content)
        release(path)

    def flush(self) -> None:
        """Nothing to flush: a file that does not fit is never looked at again."""

    @property
    def cache_path(self) -> str:
        return str(cache_directory())


@functools.cache
def _model_source(model: type) -> bytes:
    """Source of a neuron model or readout that lives outside this package (its file can change at any time)."""
    if model.__module__.partition(".")[0] == __package__:
        return b""
    try:
        return Path(inspect.getfile(model)).read_bytes()
    except (
        OSError,
        TypeError,
    ):  # typed at a prompt: nothing to compare, so nothing is shared between processes
        return os.urandom(16)


class BeingCompiledError(RuntimeError):
    """Raised in a process that only compiles what nobody else does, for a kernel that another process compiles."""


_leaves_to_others = False


def leave_to_others() -> None:
    """From now on, have this process not wait for kernels that others compile but raise :class:`BeingCompiledError`."""
    global _leaves_to_others
    _leaves_to_others = True


def _announce() -> None:
    """Say once per process that compilation takes a while."""
    if not _announced.is_set():
        _announced.set()
        tell_that_compiling()
        if os.environ.get("LANDSCAPE_QUIET") != "1":
            kept = cache_directory() is not None
            how_often = "once per installation" if kept else "in each process, as no folder of yours can keep them"
            print(
                f"landscape: compiling kernels, {how_often} (half a minute per model, with a census a minute)",
                file=sys.stderr,
            )


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls; it runs without the interpreter lock and is kept on disk."""
    dispatcher = numba.njit(nogil=True, fastmath=FASTMATH, error_model="numpy")(function)
    dispatcher._cache = _KernelCache(function)
    compiled = dispatcher.compile

    def compile_or_release(signature: Any) -> Any:
        try:
            return interruptible(compiled, signature)
        except BaseException:
            release_all()  # interrupted, or not to be compiled: nobody is to wait for it
            raise

    dispatcher.compile = compile_or_release

    @functools.wraps(function)
    def call(*arguments: Any) -> Any:
        return uninterrupted(dispatcher, *arguments)

    return call


def inline(function: Callable[..., Any]) -> Any:
    """Compile a building block of kernels."""
    return numba.njit(pipeline_class=PartCompiler, **OPTIONS)(function)


def leaf(function: Callable[..., Any]) -> Any:
    """Compile a building block that makes no arrays, for the inside of loops.

    Numba counts the references to an array wherever it is handed on or looked into, with two atomic instructions a
    time, which cost more than a neuron's update. Code that makes no arrays can do without: its caller owns them all.
    """
    # Put into its caller in any case: handing over arrays costs dozens of instructions, as much as a small layer.
    return numba.njit(pipeline_class=PartCompiler, _nrt=False, forceinline=True, **OPTIONS)(function)


def routine(function: Callable[..., Any]) -> Any:
    """Compile a :func:`leaf` that is called: what a layer or a sample needs once, so that a kernel holds it once.

    Put into each caller it would be optimised there anew, which is most of the time of compilation.
    """
    return numba.njit(pipeline_class=PartCompiler, _nrt=False, **OPTIONS)(function)


def apart(function: Callable[..., Any]) -> Any:
    """Compile a :func:`leaf` that writes to no memory which it reads through another argument.

    Before a loop over neurons the compiled code would test whether its arrays overlap, for a small layer as long as the
    loop takes. An array of which one row is read and another one written is given twice.
    """
    return numba.njit(pipeline_class=ApartCompiler, _nrt=False, forceinline=True, **OPTIONS)(function)
