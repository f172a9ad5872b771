"""Memory of kernels: where arrays begin, and who owns them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import types
from numba.core import cgutils, imputils
from numba.extending import intrinsic
from numba.np import arrayobj

from landscape.compilation import inline

__all__ = ["LANES", "aligned", "aligned_zeros", "borrowed", "owned", "part"]

LANES = 8  # of a vector register


@inline
def aligned(n):
    """An array of ``n`` float64 numbers, not set, that begins where a vector register's worth of them lies in one cache
    line: otherwise every access touches two."""
    buffer = np.empty(n + LANES)
    skip = -(buffer.ctypes.data // 8) % LANES
    return buffer[skip : skip + n]


def aligned_zeros(*shape: int) -> np.ndarray:
    """Zeros that begin where a vector register's worth of them lies in one cache line.

    Rows of weights are read for every input spike, from there a third faster than from where arrays usually begin.
    """
    n = math.prod(shape)
    buffer = np.zeros(n + LANES)
    skip = -(buffer.ctypes.data // 8) % LANES
    return buffer[skip : skip + n].reshape(shape)


@intrinsic
def borrowed(typingctx: Any, array: Any) -> Any:
    """The same array without its owner, in compiled code: valid as long as somebody else keeps the owner.

    Numba counts the references to an owner with an atomic instruction wherever an array is handed on, and threads that
    count the same one wait for each other.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        view = context.make_array(signature.args[0])(context, builder, arguments[0])
        view.meminfo = view.meminfo.type(None)
        return view._getvalue()

    return array(array), codegen if isinstance(array, types.Array) else None


@intrinsic
def owned(typingctx: Any, view: Any, owner: Any) -> Any:
    """A :func:`borrowed` array with its owner, as other arrays are: it may outlive all else."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        array.meminfo = context.make_array(signature.args[1])(context, builder, arguments[1]).meminfo
        return imputils.impl_ret_borrowed(context, builder, signature.return_type, array._getvalue())

    return view(view, owner), codegen


@intrinsic
def part(typingctx: Any, memory: Any, begin: Any, shape: Any, dtype: Any) -> Any:
    """An array of this shape (a tuple) and type (``np.float64``, ...) that begins with ``memory[begin]`` (float64),
    in compiled code; :func:`borrowed`, and nothing is checked."""
    result = types.Array(dtype.dtype, len(shape), "C")

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        memory = context.make_array(signature.args[0])(context, builder, arguments[0])
        view = context.make_array(result)(context, builder)
        lengths = cgutils.unpack_tuple(builder, arguments[2], len(shape))
        size = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(result.dtype)))
        strides = [size]
        for length in lengths[:0:-1]:
            strides.insert(0, builder.mul(strides[0], length))
        arrayobj.populate_array(
            view,
            data=builder.bitcast(builder.gep(memory.data, [arguments[1]]), view.data.type),
            shape=lengths,
            strides=strides,
            itemsize=size,
            meminfo=None,
        )
        return view._getvalue()

    return result(memory, types.int64, shape, dtype), codegen
