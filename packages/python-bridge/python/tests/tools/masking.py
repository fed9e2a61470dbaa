"""A worker whose main thread does not feel SIGTERM, so that another thread receives it."""

from __future__ import annotations

import signal


class Masking:
    def mask(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})

    def cleanup(self) -> None:
        print("cleaned up")
