"""What is used of Numba though Numba does not document it: the one place that imports it and lists it.

A release of Numba may change or remove any of it; ``INTERNALS`` says what is needed and why, and :func:`lacking`, which
a test calls, names what is gone. Where linking is what fails, kernels are compiled without it (``landscape.linking``):
that takes longer and gives the same numbers. All else that ``landscape.compilation`` and the kernels use is documented:
``numba.njit``, ``numba.types``, ``numba.extending``, ``llvmlite.ir``, ``llvmlite.binding``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numba
from numba import types
from numba.core.compiler import Compiler, CompileResult
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

try:
    from numba.core.codegen import JITCodeLibrary
except ImportError:
    JITCodeLibrary = None

__all__ = [
    "BARE",
    "INTERNALS",
    "LINKED",
    "CompileResult",
    "Compiler",
    "Internal",
    "JITCodeLibrary",
    "array_of",
    "class_of_tuple",
    "lacking",
    "part",
]

#: Settings of ``njit`` for what is called by compiled code only: no wrappers for Python.
BARE = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

#: Attributes of a library of compiled code that linking sees to.
LINKED = (
    *(
        "_linking_libraries",
        "_final_module",
        "_finalized",
        "_codegen",
        "_ensure_finalized",
        "_finalize_dynamic_globals",
    ),
    *("_get_module_for_linking", "finalize", "get_pointer_to_function"),
)


class Internal(NamedTuple):
    """Names that something of Numba must have.

    Attributes:
        owner: what it is called.
        get: gives it.
        names: attributes that are used.
        why: what for.
    """

    owner: str
    get: Callable[[], Any]
    names: tuple[str, ...]
    why: str


class _Pair(NamedTuple):
    """A tuple with names, as constants of a model are."""

    first: float
    second: float


def _nothing() -> None:
    pass


def _context() -> Any:
    return numba.njit(_nothing).targetctx


INTERNALS = (
    Internal(
        "a compiled function",
        lambda: numba.njit(_nothing),
        ("_cache", "compile", "targetctx", "targetdescr"),
        "the cache of kernels takes the place of Numba's own, and signals wait while it compiles",
    ),
    Internal("CompileResult", lambda: CompileResult, ("_reduce", "_rebuild"), "what is kept of a kernel on disk"),
    Internal(
        "CompileResult",
        lambda: CompileResult,
        ("_find_referenced_environments",),
        "linked parts have their environments from the kernel",
    ),
    Internal("Compiler", lambda: Compiler, ("define_pipelines",), "linking gives it another library to write to"),
    Internal("a library", lambda: _context().codegen().create_library("probe"), LINKED, "linking keeps it unoptimised"),
    Internal("a code generator", lambda: _context().codegen(), ("magic_tuple", "set_env"), "names of kept kernels"),
    Internal("a target", _context, ("refresh", "codegen", "get_abi_sizeof", "get_data_type"), "kernels from disk"),
    Internal(
        "the settings of njit",
        lambda: numba.njit(_nothing).targetdescr.options,
        ("_nrt", "forceinline", "error_model", *BARE),
        "parts of kernels count no references and have no wrappers",
    ),
    Internal(
        "the type of a tuple", lambda: numba.typeof(_Pair(1.0, 2.0)), ("instance_class",), "models by their class"
    ),
)


def lacking() -> list[str]:
    """What this release of Numba lacks, as "CompileResult._reduce (what is kept of a kernel on disk)"."""
    return [
        f"{internal.owner}.{name} ({internal.why})"
        for internal in INTERNALS
        for name in internal.names
        if not hasattr(internal.get(), name)
    ]


def class_of_tuple(type_of_argument: Any) -> type | None:
    """The class of a ``NamedTuple`` by its type in compiled code; None for all else."""
    return getattr(type_of_argument, "instance_class", None)


def array_of(context: Any, builder: Any, signature: Any, arguments: Any, position: int) -> Any:
    """An argument of an intrinsic that is an array, with ``data``, ``shape`` and ``strides``."""
    return make_array(signature.args[position])(context, builder, arguments[position])


@intrinsic
def part(typingctx: Any, memory: Any, begin: Any, shape: Any, dtype: Any) -> Any:
    """An array of this shape (a tuple) and type (``np.float64``, ...) that begins with ``memory[begin]``, in compiled
    code.

    It owns nothing: it is valid as long as somebody else keeps the memory, and nothing is checked. ``numba.carray``
    does the same, but not in code without reference counts.
    """
    result = types.Array(dtype.dtype, len(shape), "C")

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        memory = array_of(context, builder, signature, arguments, 0)
        view = make_array(result)(context, builder)
        lengths = [builder.extract_value(arguments[2], axis) for axis in range(len(shape))]
        size = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(result.dtype)))
        strides = [size]
        for length in lengths[:0:-1]:
            strides.insert(0, builder.mul(strides[0], length))
        data = builder.bitcast(builder.gep(memory.data, [arguments[1]]), view.data.type)
        populate_array(view, data=data, shape=lengths, strides=strides, itemsize=size, meminfo=None)
        return view._getvalue()

    return result(memory, types.int64, types.UniTuple(types.intp, len(shape)), dtype), codegen
