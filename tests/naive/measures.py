"""Slow, obvious versions of the measures of sampled surfaces: what the fast ones are judged by."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np


def neighbours(index, shape, diagonal):
    """Indices of the neighbours of a point on a grid."""
    for step in product((-1, 0, 1), repeat=len(shape)):
        if not any(step) or (not diagonal and sum(map(abs, step)) > 1):
            continue
        other = tuple(i + s for i, s in zip(index, step, strict=True))
        if all(0 <= i < n for i, n in zip(other, shape, strict=True)):
            yield other


def components(points, shape, diagonal):
    """Connected sets of points, by flooding, each sorted; sorted by their first points."""
    left, found = set(points), []
    while left:
        front = [min(left)]
        left.discard(front[0])
        part = []
        while front:
            index = front.pop()
            part.append(index)
            for other in neighbours(index, shape, diagonal):
                if other in left:
                    left.discard(other)
                    front.append(other)
        found.append(sorted(part))
    return sorted(found)


def silent_regions(surface):
    """(layer, neuron, number of points) of every silent region."""
    regions, start = [], 0
    for layer, size in enumerate(surface.hidden_sizes):
        for neuron in range(size):
            where = [
                index
                for index in np.ndindex(surface.shape)
                if surface.done[index] and surface.silent[index][start + neuron]
            ]
            regions += [(layer, neuron, len(part)) for part in components(where, surface.shape, diagonal=False)]
        start += size
    return regions


def minima(surface):
    """(first index, loss, persistence, points) of every local minimum, from the definition.

    A minimum is a connected set of equal values without a lower neighbour. Its persistence is found by
    raising the level through all values: at the first level at which its sublevel set holds an older minimum
    (lower, or equally low and earlier).
    """
    usable = [i for i in np.ndindex(surface.shape) if surface.done[i] and np.isfinite(surface.loss[i])]
    value = {index: surface.loss[index] for index in usable}
    found = []
    for height in sorted(set(value.values())):
        equal = [index for index in usable if value[index] == height]
        for plateau in components(equal, surface.shape, diagonal=True):
            around = {o for i in plateau for o in neighbours(i, surface.shape, diagonal=True) if o in value}
            if all(value[o] >= height for o in around):
                found.append((plateau[0], height, len(plateau)))
    result = []
    for first, height, points in found:
        older = {f for f, h, _ in found if (h, f) < (height, first)}
        persistence = np.inf
        for level in sorted(v for v in set(value.values()) if v >= height):
            below = [index for index in usable if value[index] <= level]
            mine = next(part for part in components(below, surface.shape, diagonal=True) if first in part)
            if older & set(mine):
                persistence = level - height
                break
        result.append((first, height, persistence, points))
    return sorted(result, key=lambda minimum: (-minimum[2], minimum[1], minimum[0]))


def runs(surface, axis, ok):
    """Lists of indices of neighbouring points along an axis at which ``ok`` holds, at least two each; per
    grid line.
    """
    lines = []
    others = [range(n) for k, n in enumerate(surface.shape) if k != axis]
    for rest in product(*others):
        line = [(*rest[:axis], i, *rest[axis:]) for i in range(surface.shape[axis])]
        parts, part = [], []
        for index in line:
            if ok(index):
                part.append(index)
            else:
                parts.append(part)
                part = []
        parts.append(part)
        lines.append([p for p in parts if len(p) > 1])
    return lines


def roughness(surface, axis):
    """The roughness along one axis, in the order of the result's fields."""

    def usable(index):
        return surface.done[index] and np.isfinite(surface.loss[index])

    lines = [line for line in runs(surface, axis, usable) if line]
    changes = [abs(surface.loss[b] - surface.loss[a]) for line in lines for part in line for a, b in pairwise(part)]
    net = sum(abs(surface.loss[part[-1]] - surface.loss[part[0]]) for line in lines for part in line)
    values = [surface.loss[i] for i in np.ndindex(surface.shape) if usable(i)]
    variation = sum(changes) / len(lines) if lines else np.nan
    spread = max(values) - min(values) if values else np.nan

    def slope(index):
        return surface.directional_derivative[index][axis]

    sign_changes, length = 0, 0.0
    for line in runs(surface, axis, lambda i: usable(i) and np.isfinite(slope(i))):
        for part in line:
            signs = [np.sign(slope(index)) for index in part if slope(index) != 0.0]
            sign_changes += sum(a != b for a, b in pairwise(signs))
            length += abs(surface.axes[axis][part[-1][axis]] - surface.axes[axis][part[0][axis]])
    return (
        variation,
        sum(changes) / net if lines and net > 0 else np.nan,
        variation / spread if spread > 0 else np.nan,
        sign_changes / length if length > 0 else np.nan,
        max(changes) if changes else np.nan,
    )
