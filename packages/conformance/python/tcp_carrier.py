import contextlib
import hmac
import queue
import secrets
import socket
import threading

from snakepit_bridge.transport import ByteOutlet, JsonFrames, JsonInlet, Limits, Link, Source


class TcpCarrier:
    """Lines of JSON over a TCP socket of this machine."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp:127.0.0.1:{self._listener.getsockname()[1]}"
        self.token = secrets.token_hex(16)
        self._hosts: queue.SimpleQueue[socket.socket] = queue.SimpleQueue()

    def open(self, source: Source, write_fd: int, limits: Limits) -> Link:
        threading.Thread(target=self._admit, daemon=True).start()
        connection = self._hosts.get()
        self._listener.close()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        fd = connection.detach()
        return Link(JsonFrames(limits), JsonInlet(Source(fd), limits), ByteOutlet(fd))

    def _admit(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                # A stranger who says nothing must not keep the host waiting.
                threading.Thread(target=self._check, args=(connection,), daemon=True).start()

    def _check(self, connection: socket.socket) -> None:
        if self._is_host(connection):
            self._hosts.put(connection)
        else:
            connection.close()

    def _is_host(self, connection: socket.socket) -> bool:
        connection.settimeout(5)
        try:
            line = connection.makefile("rb", buffering=0).readline(64)
        except OSError:
            return False
        connection.settimeout(None)
        return hmac.compare_digest(line, f"{self.token}\n".encode())
