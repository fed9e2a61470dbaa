"""The private channel of a worker whose frames travel elsewhere: it only tells that the host is there."""

from __future__ import annotations

import threading

from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.source import Source
from snakepit_bridge._worker.ending import end_with_host

#: The host says nothing more here; what it may say in later versions is passed over.
_MAX_LINE = 64 * 1024


def end_when_closed(source: Source) -> None:
    """Ends this process once the host closes the channel, whatever runs then."""

    def watch() -> None:
        try:
            while True:
                source.line(_MAX_LINE)
        except (EOFError, OSError, ProtocolError):
            end_with_host()

    threading.Thread(target=watch, name="snakepit-host-watch", daemon=True).start()
