"""The sampled values on a slice of the parameter space."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.errors import DirectionError, InputError

if TYPE_CHECKING:
    from landscape.slices.directions import Directions

FloatArray = NDArray[np.float64]


class Status(IntEnum):
    """What became of a point of a slice. Only this tells; the values at the point never do."""

    PENDING = 0  #: not evaluated yet
    DONE = 1  #: evaluated, all recorded values are finite
    FAILED = 2  #: the evaluation raised an exception
    NOT_FINITE = 3  #: evaluated, but the loss or a derivative is infinite or not a number


@dataclass(eq=False)
class Surface:
    """Values at the points of a 1D or 2D slice.

    Point ``(i, j)`` is the network with the parameters ``centre + axes[0][i] * directions[0] + axes[1][j] *
    directions[1]``: the first index of every array goes with the first axis and the first direction. At
    points whose status is not ``DONE`` the float arrays hold NaN, ``silent`` holds False; ``status`` is what
    tells.

    Attributes:
        axes: one float64 array (n,) per direction of the slice: the coordinates that were evaluated, in
            multiples of the direction.
        loss: mean loss over the samples, in nats; shape ``shape``.
        accuracy: share of samples classified correctly; shape ``shape``.
        directional_derivative: exact derivative of the loss along each direction, in nats per unit of the
            axis; ``shape + (n_directions,)``.
        spike_count: mean number of spikes per neuron and sample in each layer, the output last; ``shape +
            (n_layers,)``.
        silent: whether a hidden neuron fires in no sample, all hidden layers one after another; bool,
            ``shape + (n_hidden_total,)``.
        status: :class:`Status` of each point, uint8, ``shape``.
        directions: the directions, one list of arrays shaped like the weights per axis.
        hidden_sizes: number of neurons in each hidden layer.
        gradient_norm: Euclidean norm of the gradient over all weights, ``shape``; None where not asked.
        sample_loss: loss of each sample, ``shape + (n_samples,)``; None where not asked.
        gradient: gradient over all weights, ``shape + (n_parameters,)``; None where not asked.
        attributes: what the numbers belong to (model, data, objective, ...), as text and numbers.
    """

    axes: list[FloatArray]
    loss: FloatArray
    accuracy: FloatArray
    directional_derivative: FloatArray
    spike_count: FloatArray
    silent: NDArray[np.bool_]
    status: NDArray[np.uint8]
    directions: Directions
    hidden_sizes: tuple[int, ...]
    gradient_norm: FloatArray | None = None
    sample_loss: FloatArray | None = None
    gradient: FloatArray | None = None
    attributes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Bring the arrays to their types and check that their shapes fit.

        Raises:
            DirectionError: an axis that is not one-dimensional or is empty.
            InputError: an array whose shape does not fit the axes.
        """
        self.axes = [np.asarray(axis, dtype=np.float64) for axis in self.axes]
        if len(self.axes) not in (1, 2):
            raise DirectionError(f"a surface has one or two axes, not {len(self.axes)}; give one array per axis")
        for number, axis in enumerate(self.axes):
            if axis.ndim != 1 or axis.size == 0:
                raise DirectionError(
                    f"axis {number} has shape {axis.shape}; give a one-dimensional array of coordinates"
                )
        self.hidden_sizes = tuple(int(size) for size in self.hidden_sizes)
        for name in ("loss", "accuracy", "directional_derivative", "spike_count"):
            setattr(self, name, np.asarray(getattr(self, name), dtype=np.float64))
        for name in ("gradient_norm", "sample_loss", "gradient"):
            if getattr(self, name) is not None:
                setattr(self, name, np.asarray(getattr(self, name), dtype=np.float64))
        self.silent = np.asarray(self.silent, dtype=np.bool_)
        self.status = np.asarray(self.status, dtype=np.uint8)
        shape = self.shape
        expected: dict[str, tuple[int | None, ...]] = {
            "loss": shape,
            "accuracy": shape,
            "directional_derivative": (*shape, None),
            "spike_count": (*shape, None),
            "silent": (*shape, sum(self.hidden_sizes)),
            "status": shape,
            "gradient_norm": shape,
            "sample_loss": (*shape, None),
            "gradient": (*shape, None),
        }
        for name, wanted in expected.items():
            values = getattr(self, name)
            if values is None:
                continue
            fits = len(values.shape) == len(wanted) and all(
                w is None or w == found for w, found in zip(wanted, values.shape, strict=True)
            )
            if not fits:
                text = " x ".join("any" if w is None else str(w) for w in wanted)
                raise InputError(f"surface: {name} has shape {values.shape}, but the axes ask for {text}")

    @classmethod
    def pending(
        cls,
        axes: Sequence[ArrayLike],
        directions: Directions,
        hidden_sizes: Sequence[int],
        n_layers: int,
        *,
        gradient_norm: bool = False,
        n_samples: int | None = None,
        n_parameters: int | None = None,
        attributes: dict[str, Any] | None = None,
    ) -> Surface:
        """A surface none of whose points is evaluated yet.

        Args:
            axes: one array of coordinates per direction of the slice.
            directions: the directions.
            hidden_sizes: number of neurons in each hidden layer.
            n_layers: number of layers with a spike count, the output included.
            gradient_norm: whether there is to be a gradient norm.
            n_samples: number of samples, where their losses are to be recorded.
            n_parameters: number of weights, where full gradients are to be recorded.
            attributes: what the numbers belong to.
        """
        coordinates = [np.array(axis, dtype=np.float64) for axis in axes]
        shape = tuple(axis.size for axis in coordinates)

        def nan(*more: int) -> FloatArray:
            return np.full((*shape, *more), np.nan)

        return cls(
            axes=coordinates,
            loss=nan(),
            accuracy=nan(),
            directional_derivative=nan(len(directions)),
            spike_count=nan(n_layers),
            silent=np.zeros((*shape, sum(hidden_sizes)), dtype=np.bool_),
            status=np.full(shape, Status.PENDING, dtype=np.uint8),
            directions=directions,
            hidden_sizes=tuple(hidden_sizes),
            gradient_norm=nan() if gradient_norm else None,
            sample_loss=None if n_samples is None else nan(n_samples),
            gradient=None if n_parameters is None else nan(n_parameters),
            attributes=dict(attributes or {}),
        )

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of points along each axis."""
        return tuple(axis.size for axis in self.axes)

    @property
    def n_points(self) -> int:
        """Number of points, evaluated or not."""
        return int(np.prod(self.shape))

    @property
    def done(self) -> NDArray[np.bool_]:
        """Where the status is ``DONE``; bool, ``shape``."""
        return self.status == Status.DONE

    @property
    def complete(self) -> bool:
        """Whether no point is pending any more."""
        return not bool(np.any(self.status == Status.PENDING))

    @property
    def silent_share(self) -> FloatArray:
        """Share of the hidden neurons that fire in no sample, ``shape``; NaN where not done or without
        hidden neurons.
        """
        return self._share_of(self.silent)

    @property
    def silent_share_per_layer(self) -> FloatArray:
        """Share of silent neurons in each hidden layer, ``shape + (n_hidden_layers,)``; NaN where not
        done.
        """
        ends = np.cumsum((0, *self.hidden_sizes))
        shares = [self._share_of(self.silent[..., a:b]) for a, b in pairwise(ends)]
        return np.stack(shares, axis=-1) if shares else np.empty((*self.shape, 0))

    def _share_of(self, silent: NDArray[np.bool_]) -> FloatArray:
        share = np.full(self.shape, np.nan)
        if silent.shape[-1]:
            share[self.done] = silent[self.done].mean(axis=-1)
        return share

    def save(self, path: str | os.PathLike[str], group: str = "surface") -> None:
        """Write the surface to a group of a result file, made where it is missing; other content stays.

        Args:
            path: the result file.
            group: ``"MODEL"`` for the first slice of a model, ``"MODEL/SLICE"`` for a further one.

        Raises:
            ResultFileError: the file at ``path`` is no result file or is damaged, or the group's name is not
                allowed.
            InputError: the file cannot be written.
        """
        from landscape.storage import save_surface

        save_surface(path, group, self)

    @classmethod
    def load(cls, path: str | os.PathLike[str], group: str = "surface") -> Surface:
        """Read a surface from a group of a result file, as ``"lif"`` or ``"lif/line"``.

        Raises:
            ResultFileError: no such file or group, or the file is damaged or of another format or format
                version.
        """
        from landscape.storage import load_surface

        return load_surface(path, group)
