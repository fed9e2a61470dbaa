"""The other end of a process that trains on a part of the rows."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import IO

from snakepit_bridge.adapters.showcase.network import Floats
from snakepit_bridge.adapters.showcase.shard import receive, send
from snakepit_bridge.adapters.showcase.training_data import Table

_COMMAND = (sys.executable, "-m", "snakepit_bridge.adapters.showcase.shard")


class ShardProcess:
    """A process that ends when it is closed, and when its parent is gone."""

    def __init__(self) -> None:
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._process = subprocess.Popen(
            _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
        )
        self.rows = 0

    def load(self, sizes: Sequence[int], batch_size: int, seed: int, part: Table) -> None:
        """Gives it the rows that it keeps. :raises EOFError: the process has ended."""
        self.rows = len(part.rows)
        send(self._input, sizes, batch_size, seed, part.rows, part.labels)

    def begin(self, rate: float, parameters: Floats) -> None:
        """Starts one pass over its rows. :raises EOFError: the process has ended."""
        send(self._input, rate, parameters)

    def finish(self) -> Floats:
        """Waits for the parameters after that pass. :raises EOFError: the process has ended."""
        parameters: Floats = receive(self._output)
        return parameters

    def close(self) -> None:
        self._process.kill()
        for pipe in (self._input, self._output):
            # What was not written yet has nobody to read it any more.
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        self._process.wait()

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _output(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout
