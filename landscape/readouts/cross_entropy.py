"""Cross entropy of the softmax of scores: the loss of every readout."""

from __future__ import annotations

import math

import numpy as np

from landscape.compilation import inline

__all__ = ["cross_entropy"]


@inline
def cross_entropy(scores, unit, label):
    """Loss of ``softmax(scores / unit)``, whether the label's score is the only highest one, and the loss's derivatives
    with respect to the scores.

    A sample classified with confidence has a loss far below the rounding of 1, and so have its derivatives: the loss
    is ``log1p`` of what the other scores have, and the label's derivative is the sum of theirs, not ``p - 1``. A score
    may be minus infinity; the label's makes the loss infinite.
    """
    highest = scores[0]
    for i in range(1, scores.size):
        highest = max(highest, scores[i])
    correct = True
    others = 0.0
    gradient = np.empty(scores.size)
    for i in range(scores.size):
        gradient[i] = 0.0 if scores[i] == -math.inf else math.exp((scores[i] - highest) / unit)
        if i != label:
            others += gradient[i]
            if scores[i] >= scores[label]:
                correct = False
    total = others + gradient[label]
    for i in range(scores.size):
        gradient[i] /= total * unit
    gradient[label] = -others / (total * unit)
    loss = math.inf
    if scores[label] != -math.inf:
        gap = (highest - scores[label]) / unit
        loss = gap + math.log1p(others + math.expm1(-gap))
    return loss, correct, gradient
