"""Where a gRPC server listens on this machine."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any, Callable
from urllib.parse import quote

from snakepit_bridge._transports.grpc_settings import Settings

#: Binds a server to an address as gRPC writes it. Returns the port, or raises RuntimeError.
Bind = Callable[[str], int]

_LOOPBACK = "127.0.0.1"
_PREFIX = "snakepit-grpc-"
#: A path of a socket is shorter than this everywhere, what `mkdtemp` adds and the name included.
_MAX_PATH = 103


class Listener:
    """Binds a server, and knows what it has made for that on the disk.

    :raises RuntimeError: none of the ports is free.
    """

    def __init__(self, settings: Settings, bind: Bind) -> None:
        # Only the owner may enter such a folder.
        parent = _short_folder()
        _sweep(parent)
        self._folder: str | None = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent)
        atexit.register(self.hide)
        #: What the operating system calls the sockets: a path, or a port.
        self._name: str | int
        #: As the protocol writes it.
        self.address: str
        try:
            if settings.listen == "unix":
                self._name = self._bind_unix(bind)
                self.address = f"unix:{self._name}"
            else:
                self._name = _bind_tcp(settings.ports, bind)
                self.address = f"tcp:{_LOOPBACK}:{self._name}"
        except BaseException:
            self.hide()
            raise

    def path_of(self, name: str) -> str:
        """Where a file in the private folder is; only until ``hide``."""
        if self._folder is None:
            raise RuntimeError("the private folder is gone")
        return os.path.join(self._folder, name)  # noqa: PTH118

    def hide(self) -> None:
        """Takes the folder away: nobody finds what is in it any more. Whoever has it open goes on."""
        folder, self._folder = self._folder, None
        if folder is not None:
            atexit.unregister(self.hide)
            shutil.rmtree(folder, ignore_errors=True)

    def close_in_child(self) -> None:
        """Gives up the sockets that a forked child has inherited: it must not keep the connection open."""
        for fd in _descriptors():
            with contextlib.suppress(OSError):
                if self._is_ours(_name_of(fd)):
                    os.close(fd)
        self._folder = None

    def _is_ours(self, name: Any) -> bool:
        # gRPC may have bound a socket of IPv6, which writes the address of IPv4 in its own way.
        if isinstance(name, tuple):
            return str(name[0]).endswith(_LOOPBACK) and name[1] == self._name
        return bool(name == self._name)

    def _bind_unix(self, bind: Bind) -> str:
        path = self.path_of("socket")
        bind(f"unix:{quote(path)}")
        return path


def _bind_tcp(ports: range, bind: Bind) -> int:
    for port in ports:
        with contextlib.suppress(RuntimeError):
            bound = bind(f"{_LOOPBACK}:{port}")
            if bound:
                return bound
    if len(ports) == 1:
        raise RuntimeError(f"port {ports[0]} of {_LOOPBACK} is not free")
    raise RuntimeError(f"no port of {_LOOPBACK} from {ports[0]} to {ports[-1]} is free")


def _short_folder() -> str:
    folder = tempfile.gettempdir()
    longest = len(os.fsencode(folder)) + len(f"/{_PREFIX}{os.getpid()}-12345678/socket")
    return folder if longest <= _MAX_PATH else "/tmp"


def _sweep(parent: str) -> None:
    """Removes the folders of workers that were killed before their host was in."""
    for path in Path(parent).glob(f"{_PREFIX}*-*"):
        pid = path.name[len(_PREFIX) :].partition("-")[0]
        with contextlib.suppress(OSError):
            if pid.isdigit() and path.stat().st_uid == os.getuid() and not _runs(int(pid)):
                shutil.rmtree(path, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _name_of(fd: int) -> Any:
    """The address of a socket. :raises OSError: it is none."""
    here = socket.socket(fileno=fd)
    try:
        return here.getsockname()
    finally:
        here.detach()


def _descriptors() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/dev/fd")]  # noqa: PTH208
    except OSError:
        return []
