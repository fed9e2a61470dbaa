"""gRPC, loaded so that a tool that uses it as well does not notice."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

# gRPC's own handlers would stop threads at every fork, and its complaints about strangers concern nobody.
_SILENT = {"GRPC_ENABLE_FORK_SUPPORT": "0", "GRPC_VERBOSITY": "NONE"}


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Sets what gRPC reads when it is loaded and first used, unless it is set, and takes it away again."""
    mine = {name: value for name, value in _SILENT.items() if name not in os.environ}
    os.environ.update(mine)
    try:
        yield
    finally:
        for name in mine:
            os.environ.pop(name, None)


with silence():
    import grpc

__all__ = ["grpc", "silence"]
