"""Weighted sums of rows of a matrix, the projection of spikes onto a layer: what reads most memory.

Its inner loop is written in vectors. From a loop over columns the compiler makes one in which the sums pass through
memory for every few rows; here those of 64 columns stay in registers for as many rows as there are, and the weights
come as fast as the second-level cache delivers them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from landscape.compilation import routine
from landscape.numba_internals import array_of
from landscape.simulator.memory import LANES

__all__ = ["add_rows"]

VECTOR = ir.VectorType(ir.DoubleType(), LANES)
NUMBER = ir.IntType(64)
PLACE = ir.IntType(32)  # in a vector
FMA = f"llvm.fma.v{LANES}f64"


def _adder(n_vectors: int) -> Callable[..., None]:
    """The intrinsic ``add(sums, k, column, index, count, low, high, rows)``.

    It adds ``count[j] * rows[index[j]]`` to ``sums[k]``, for ``j`` from ``low`` to ``high``, one after another, in the
    columns from ``column`` on that fill so many vectors.
    """

    @intrinsic
    def add(
        typingctx: Any, sums: Any, k: Any, column: Any, index: Any, count: Any, low: Any, high: Any, rows: Any
    ) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            def array(position: int) -> Any:
                return array_of(context, builder, signature, arguments, position)

            def vectors(position: int, row: Any) -> list[Any]:
                """Addresses of the vectors in a row of a matrix."""
                matrix = array(position)
                stride = builder.extract_value(matrix.strides, 0)
                start = builder.ptrtoint(matrix.data, NUMBER)
                start = builder.add(start, builder.add(builder.mul(row, stride), builder.mul(column, number(8))))
                offsets = (number(8 * LANES * n) for n in range(n_vectors))
                return [builder.inttoptr(builder.add(start, offset), VECTOR.as_pointer()) for offset in offsets]

            def number(value: int) -> Any:
                return ir.Constant(NUMBER, value)

            def same(value: Any) -> Any:
                """A vector of which every component is the value."""
                unset = ir.Constant(VECTOR, ir.Undefined)
                first = builder.insert_element(unset, value, ir.Constant(PLACE, 0))
                return builder.shuffle_vector(first, unset, ir.Constant(ir.VectorType(PLACE, LANES), [0] * LANES))

            _, k, column, _, _, low, high, _ = arguments
            module = builder.module
            fma = module.globals.get(FMA) or ir.Function(module, ir.FunctionType(VECTOR, [VECTOR] * 3), FMA)
            targets = vectors(0, k)
            begun = [builder.load(target, align=8) for target in targets]
            before = builder.block
            test, body, done = (builder.append_basic_block(name) for name in ("rows", "row", "summed"))
            builder.branch(test)
            builder.position_at_end(test)
            j = builder.phi(NUMBER)
            totals = [builder.phi(VECTOR) for _ in targets]
            builder.cbranch(builder.icmp_signed("<", j, high), body, done)
            builder.position_at_end(body)
            row = builder.load(builder.gep(array(3).data, [j]))
            factor = same(builder.load(builder.gep(array(4).data, [j])))
            for total, start, source in zip(totals, begun, vectors(7, row), strict=True):
                total.add_incoming(start, before)
                total.add_incoming(builder.call(fma, [factor, builder.load(source, align=8), total]), body)
            j.add_incoming(low, before)
            j.add_incoming(builder.add(j, number(1)), body)
            builder.branch(test)
            builder.position_at_end(done)
            for total, target in zip(totals, targets, strict=True):
                builder.store(total, target, align=8)
            return context.get_dummy_value()

        numbers = (types.int64, types.int64)
        return types.void(sums, *numbers, index, count, *numbers, rows), codegen

    return add


_add_8 = _adder(8)
_add_4 = _adder(4)
_add_2 = _adder(2)
_add_1 = _adder(1)


@routine
def add_rows(sums, first, index, count, rows):
    """Add ``count[j] * rows[index[j]]``, for ``j`` from ``first[k]`` to ``first[k + 1]``, to ``sums[k]``.

    ``index`` (int64) and ``count`` are contiguous; ``sums`` and ``rows`` are as wide as some whole vector registers.
    """
    width = rows.shape[1]
    for k in range(first.size - 1):
        low = first[np.uintp(k)]
        high = first[np.uintp(k + 1)]
        column = np.int64(0)
        while width - column >= 8 * LANES:
            _add_8(sums, k, column, index, count, low, high, rows)
            column += 8 * LANES
        if width - column >= 4 * LANES:
            _add_4(sums, k, column, index, count, low, high, rows)
            column += 4 * LANES
        if width - column >= 2 * LANES:
            _add_2(sums, k, column, index, count, low, high, rows)
            column += 2 * LANES
        if width - column >= LANES:
            _add_1(sums, k, column, index, count, low, high, rows)
