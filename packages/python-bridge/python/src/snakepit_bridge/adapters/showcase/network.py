"""A small neural network that classifies rows of numbers."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

#: Stands in each file, so that no other one is taken for a model.
_FORMAT = "snakepit-network-1"


class Network:
    """Dense layers with ReLU between them, softmax at the end; without a hidden layer, logistic regression.

    :param sizes: numbers of features, of units in each hidden layer, and of classes.
    :param parameters: all weights and biases as one vector, layer by layer.
    :param classes: the label of each class.
    :param mean, scale: of each feature; rows are standardized by them.
    :raises ValueError: these do not fit together.
    """

    def __init__(
        self, sizes: Sequence[int], parameters: Floats, classes: Any, mean: Floats, scale: Floats
    ) -> None:
        self.sizes = tuple(int(size) for size in sizes)
        self.parameters = parameters
        self.classes = classes
        self.mean = mean
        self.scale = scale
        fits = parameters.shape == (parameter_count(self.sizes),) and classes.shape == (self.sizes[-1],)
        if not fits or not mean.shape == scale.shape == (self.sizes[0],):
            raise ValueError(f"weights, classes and scales do not fit a network of sizes {self.sizes}")

    def standardize(self, rows: Floats) -> Floats:
        """:raises ValueError: not as many numbers in a row as the network has features."""
        if rows.ndim != 2 or rows.shape[1] != self.sizes[0]:
            raise ValueError(f"rows of {rows.shape[-1]} numbers; this model takes {self.sizes[0]}")
        standardized: Floats = (rows - self.mean) / self.scale
        return standardized

    def probabilities(self, rows: Floats) -> Floats:
        """Of each class, for each row: shape ``(rows, classes)``."""
        return forward(self.parameters, self.sizes, self.standardize(rows))[-1]

    def save(self, path: str) -> None:
        """Writes an ``.npz`` of plain arrays: nothing in it is ever executed."""
        # A file object, because for a name NumPy would add `.npz`.
        with Path(path).open("wb") as file:
            np.savez(
                file,
                format=np.array(_FORMAT),
                sizes=np.array(self.sizes),
                parameters=self.parameters,
                classes=self.classes,
                mean=self.mean,
                scale=self.scale,
            )

    @classmethod
    def load(cls, path: str) -> Network:
        """:raises ValueError: it is no file that ``save`` has written. Pickles are never opened.
        :raises FileNotFoundError: there is no such file.
        """
        advice = "give an .npz that distributed_training has written; a pickle is never opened"
        with Path(path).expanduser().open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise ValueError(f"{path!r} is no model of this adapter; {advice}")
            file.seek(0)
            try:
                with np.load(file, allow_pickle=False) as arrays:
                    if str(arrays["format"]) != _FORMAT:
                        raise ValueError("its format is another")
                    names = ("sizes", "parameters", "classes", "mean", "scale")
                    return cls(*(arrays[name] for name in names))
            except (KeyError, ValueError, zipfile.BadZipFile) as error:
                raise ValueError(f"{path!r} is no model of this adapter ({error}); {advice}") from None


def parameter_count(sizes: Sequence[int]) -> int:
    return sum((inputs + 1) * outputs for inputs, outputs in zip(sizes, sizes[1:]))


def initial_parameters(sizes: Sequence[int], random: np.random.Generator) -> Floats:
    """Weights of a spread that neither fades nor grows through ReLU layers; biases 0."""
    parts = [
        part
        for inputs, outputs in zip(sizes, sizes[1:])
        for part in (random.normal(0, np.sqrt(2 / inputs), inputs * outputs), np.zeros(outputs))
    ]
    return np.concatenate(parts)


def forward(parameters: Floats, sizes: Sequence[int], rows: Floats) -> list[Floats]:
    """The rows themselves, what each hidden layer makes of them, and at last the probabilities."""
    layers = _layers(parameters, sizes)
    outputs = [rows]
    for weights, biases in layers[:-1]:
        outputs.append(np.maximum(outputs[-1] @ weights + biases, 0))
    weights, biases = layers[-1]
    scores = outputs[-1] @ weights + biases
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    outputs.append(exponentials / exponentials.sum(axis=1, keepdims=True))
    return outputs


def gradient(parameters: Floats, sizes: Sequence[int], rows: Floats, labels: Integers) -> Floats:
    """Of the mean cross entropy, by back-propagation, as one vector like the parameters."""
    outputs = forward(parameters, sizes, rows)
    error = outputs[-1].copy()
    error[np.arange(len(labels)), labels] -= 1
    error /= len(labels)
    parts: list[Floats] = []
    for (weights, _), inputs in zip(reversed(_layers(parameters, sizes)), reversed(outputs[:-1])):
        parts[:0] = [(inputs.T @ error).reshape(-1), error.sum(axis=0)]
        error = (error @ weights.T) * (inputs > 0)
    return np.concatenate(parts)


def evaluate(parameters: Floats, sizes: Sequence[int], rows: Floats, labels: Integers) -> tuple[float, float]:
    """Mean cross entropy, in nats, and the share of rows whose likeliest class is the right one."""
    probabilities = forward(parameters, sizes, rows)[-1]
    right = probabilities[np.arange(len(labels)), labels]
    loss = -np.log(np.maximum(right, np.finfo(float).tiny)).mean()
    return float(loss), float((probabilities.argmax(axis=1) == labels).mean())


def _layers(parameters: Floats, sizes: Sequence[int]) -> list[tuple[Floats, Floats]]:
    """Weights and biases of each layer, as views on the vector."""
    layers, start = [], 0
    for inputs, outputs in zip(sizes, sizes[1:]):
        middle = start + inputs * outputs
        end = middle + outputs
        layers.append((parameters[start:middle].reshape(inputs, outputs), parameters[middle:end]))
        start = end
    return layers
