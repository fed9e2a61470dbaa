"""What the servers of the peers share: they say where they listen, and end with the program that started them."""

import signal
import sys
import threading
from typing import Callable


def announce(port: int) -> None:
    print(port, flush=True)


def when_host_is_gone(stop: Callable[[], object]) -> None:
    """Calls `stop` from another thread at the end of stdin."""

    def watch() -> None:
        sys.stdin.buffer.read()
        stop()

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=watch, daemon=True).start()
