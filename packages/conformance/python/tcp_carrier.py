import hmac
import secrets
import socket

from snakepit_bridge.transport import ByteOutlet, JsonFrames, JsonInlet, Limits, Link, Source


class TcpCarrier:
    """Lines of JSON over a TCP socket of this machine."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp:127.0.0.1:{self._listener.getsockname()[1]}"
        self.token = secrets.token_hex(16)

    def open(self, source: Source, write_fd: int, limits: Limits) -> Link:
        while True:
            connection, _ = self._listener.accept()
            if self._is_host(connection):
                break
            connection.close()
        self._listener.close()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        fd = connection.detach()
        return Link(JsonFrames(limits), JsonInlet(Source(fd), limits), ByteOutlet(fd))

    def _is_host(self, connection: socket.socket) -> bool:
        connection.settimeout(5)
        try:
            line = connection.makefile("rb", buffering=0).readline(64)
        except OSError:
            return False
        connection.settimeout(None)
        return hmac.compare_digest(line, f"{self.token}\n".encode())
