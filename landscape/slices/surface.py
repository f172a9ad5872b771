"""The sampled values on a slice of the parameter space."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.errors import DirectionError, InputError
from landscape.h5.fields import array, attribute, attributes, group, layers, record
from landscape.slices.directions_record import DirectionsRecord

if TYPE_CHECKING:
    from landscape.slices.directions import Directions

FloatArray = NDArray[np.float64]


class Status(IntEnum):
    """What became of a point of a slice. Only this tells; the values at the point never do."""

    PENDING = 0  #: not evaluated yet
    DONE = 1  #: evaluated, all recorded values are finite
    FAILED = 2  #: the evaluation raised an exception
    NOT_FINITE = 3  #: evaluated, but the loss or a derivative is infinite or not a number


def _at_points(doc: str, *dims: str, dtype: str = "f8", **options: Any) -> Any:
    return array(("axes", *dims), doc, dtype=dtype, where=("status", Status.DONE), **options)


@record(
    title="/MODEL/SLICE",
    doc=(
        "A slice of the loss landscape. The first index of every array goes with `axis_0` and the first direction. "
        "Where `status` is not 1 (done), numbers are NaN and `silent` is 0: only `status` tells."
    ),
    dims={
        "direction": "number of the direction, from 0",
        "layer": "number of the layer, the output last",
        "hidden_neuron": "number of the hidden neuron, through all layers",
        "sample": "number of the sample in the slice's data",
        "parameter": "number of the weight in the parameter vector",
    },
    derived={"hidden_neuron_layer": array("hidden_neuron", "layer of the hidden neuron", dtype="i4")},
    frozen=False,
)
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

    axes: list[FloatArray] = layers(
        "axis_{n}", "axis_{n}", "coordinate along direction {n}, in multiples of it", most=2
    )
    loss: FloatArray = _at_points("loss, mean over the samples", unit="nat")
    accuracy: FloatArray = _at_points("share of samples classified correctly", lowest=0.0, highest=1.0)
    directional_derivative: FloatArray = _at_points(
        "exact derivative of the loss along each direction, per unit of the axis", "direction", unit="nat"
    )
    spike_count: FloatArray = _at_points(
        "mean number of spikes per neuron and sample in the layer", "layer", lowest=0.0
    )
    silent: NDArray[np.bool_] = _at_points(
        "whether the hidden neuron fires in no sample", "hidden_neuron", dtype="bool"
    )
    status: NDArray[np.uint8] = array(
        "axes",
        "what became of the point",
        dtype="u1",
        flags={int(status): status.name.lower() for status in Status},
    )
    directions: Directions = group(DirectionsRecord)
    hidden_sizes: tuple[int, ...] = attribute("integers", "number of neurons in each hidden layer")
    gradient_norm: FloatArray | None = _at_points(
        "Euclidean norm of the loss gradient over all weights", unit="nat/potential", lowest=0.0, default=None
    )
    sample_loss: FloatArray | None = _at_points("loss of each sample", "sample", unit="nat", default=None)
    gradient: FloatArray | None = _at_points(
        "derivative of the loss by each weight", "parameter", unit="nat/potential", default=None
    )
    attributes: dict[str, Any] = attributes()

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
    def hidden_neuron_layer(self) -> NDArray[np.int64]:
        """Layer of each hidden neuron, 0 for the first one; (n_hidden_total,)."""
        return np.repeat(np.arange(len(self.hidden_sizes)), self.hidden_sizes)

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

    def problems(self) -> Iterator[str]:
        """What does not fit together, one line each."""
        n_directions = self.directional_derivative.shape[-1]
        if n_directions != len(self.axes) or len(self.directions) != len(self.axes):
            yield f"direction: there are {len(self.axes)} axes but {n_directions} directions"

    def save(self, path: str | os.PathLike[str], group: str = "surface") -> None:
        """Write the surface to a group of a result file, made where it is missing; other content stays.

        What was measured on an earlier surface of that name is removed with it.

        Args:
            path: the result file.
            group: ``"MODEL/SLICE"``; ``"MODEL"`` for the slice that comes first, which is then called ``plane`` or
                ``line``.

        Raises:
            ResultFileError: the file at ``path`` is no result file or is damaged, or the group's name is not
                allowed.
            InputError: the file cannot be written.
        """
        # Not at the top: it takes time to load.
        from landscape.h5.tree import save_slice

        save_slice(path, group, self, "plane" if len(self.axes) == 2 else "line")

    @classmethod
    def load(cls, path: str | os.PathLike[str], group: str = "surface") -> Surface:
        """Read a surface from a group of a result file, as ``"lif/line"``, or ``"lif"`` for the first one.

        Raises:
            ResultFileError: no such file or group, or the file is damaged or of another format or format
                version.
        """
        from landscape.h5.tree import load_slice

        return load_slice(path, group, cls)
