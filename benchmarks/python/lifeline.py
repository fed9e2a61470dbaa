"""What the peers' servers share: they print the port they listen on, and end when their stdin does."""

import signal
import sys
import threading
from collections.abc import Callable


def announce(port: int) -> None:
    print(port, flush=True)


def when_host_is_gone(stop: Callable[[], object]) -> None:
    """Calls `stop` on another thread at the end of stdin."""

    def watch() -> None:
        sys.stdin.buffer.read()
        stop()

    threading.Thread(target=watch, daemon=True).start()


def ignore_interrupt() -> None:
    """Ctrl-C reaches every process of the terminal, and the host closes things in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
