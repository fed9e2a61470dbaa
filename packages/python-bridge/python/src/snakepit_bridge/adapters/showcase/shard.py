"""One process of a distributed training: keeps a part of the rows, and trains on it when told to.

Run as a program. All it reads and writes are NumPy arrays in the ``.npy`` format, one behind the other: first
the layer sizes, the batch size, a seed, its rows and its labels; then, for each epoch, the learning rate and
the parameters, which it answers with the parameters after one pass over its rows. It ends with its input.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import SimpleNamespace
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from snakepit_bridge.adapters.showcase.network import Floats, Integers, gradient

_GONE = "a process of the training has ended; the log has what it said"
_MOMENTUM, _SPREAD, _TINY = 0.9, 0.999, 1e-8


def send(stream: IO[bytes], *arrays: Any) -> None:
    """:raises EOFError: the other side is gone."""
    try:
        for array in arrays:
            npy.write_array(_unseekable(stream), np.asanyarray(array), allow_pickle=False)
        stream.flush()
    except BrokenPipeError as error:
        raise EOFError(_GONE) from error


def receive(stream: IO[bytes]) -> Any:
    """:raises EOFError: the other side is gone."""
    try:
        return npy.read_array(_unseekable(stream), allow_pickle=False)
    except ValueError as error:
        raise EOFError(_GONE) from error


def _unseekable(stream: IO[bytes]) -> Any:
    """A stream that NumPy does not take for a file: in files it seeks, which a pipe cannot."""
    return SimpleNamespace(read=stream.read, write=stream.write)


class Adam:
    """Steps against the gradient, each parameter's as large as the learning rate and its own history say."""

    def __init__(self, count: int) -> None:
        self._mean, self._square = np.zeros(count), np.zeros(count)
        self._steps = 0

    def step(self, parameters: Floats, slope: Floats, rate: float) -> Floats:
        self._steps += 1
        self._mean += (slope - self._mean) * (1 - _MOMENTUM)
        self._square += (slope**2 - self._square) * (1 - _SPREAD)
        mean = self._mean / (1 - _MOMENTUM**self._steps)
        spread = np.sqrt(self._square / (1 - _SPREAD**self._steps))
        stepped: Floats = parameters - rate * mean / (spread + _TINY)
        return stepped


class Shard:
    """Trains on its own rows alone."""

    def __init__(self, sizes: Sequence[int], batch: int, seed: int, rows: Floats, labels: Integers) -> None:
        self._sizes, self._batch = sizes, batch
        self._random = np.random.default_rng(seed)
        self._rows, self._labels = rows, labels
        self._adam: Adam | None = None

    def epoch(self, rate: float, parameters: Floats) -> Floats:
        """The parameters after one pass over all rows, in batches and in a new order."""
        self._adam = self._adam or Adam(len(parameters))
        order = self._random.permutation(len(self._rows))
        for start in range(0, len(order), self._batch):
            batch = order[start : start + self._batch]
            slope = gradient(parameters, self._sizes, self._rows[batch], self._labels[batch])
            parameters = self._adam.step(parameters, slope, rate)
        return parameters


def main(source: IO[bytes], sink: IO[bytes]) -> None:
    sizes, batch, seed, rows, labels = (receive(source) for _ in range(5))
    shard = Shard(sizes.tolist(), int(batch), int(seed), rows, labels)
    while True:
        try:
            rate = float(receive(source))
        except EOFError:
            return
        send(sink, shard.epoch(rate, receive(source)))


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
