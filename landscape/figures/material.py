"""What the figures of a run are drawn from: the content of its result file, and a colour for each model."""

from __future__ import annotations

from functools import cached_property

from landscape.figures.style import model_colors
from landscape.results.run import Run

__all__ = ["Material"]


class Material(Run):
    """The content of a result file by model, with colours."""

    @cached_property
    def colors(self) -> dict[str, str]:
        """The colour of each model, the same in all figures."""
        neurons = [self.networks[model].neuron if model in self.networks else None for model in self.models]
        return dict(zip(self.models, model_colors(self.models, neurons), strict=True))
