"""SIGTERM: never overlooked, however the main thread waits."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType
from typing import Callable

from snakepit_bridge._worker.ending import end_within

#: Makes a thread come back from a system call. Real-time signals are used by nobody else; elsewhere there is
#: only this one.
ROUSE_SIGNAL: int | None = (
    getattr(signal, "SIGRTMIN", 0) + 6 if hasattr(signal, "SIGRTMIN") else getattr(signal, "SIGUSR1", None)
)
#: How long an orderly end may take.
END_SECONDS = 2.0
#: Pauses between the attempts to rouse the main thread.
_FIRST_PAUSE = 0.001
_LONGEST_PAUSE = 0.05


class Termination:
    """Handles SIGTERM in the main thread: ``terminate`` is called there, once for each signal.

    Python runs a handler between two instructions. A signal that comes just before the main thread enters a
    system call does not interrupt that, and the handler would wait until something arrives. So another thread
    hears of each signal at once, by the descriptor that the C part of Python writes to, and rouses the main
    thread until it has heard, too.
    """

    def __init__(self, terminate: Callable[[], None]) -> None:
        self._terminate = terminate
        self._main = threading.get_ident()
        self._heard = False

    def install(self) -> None:
        """Call it in the main thread, before whoever has another use for ``ROUSE_SIGNAL``."""
        signal.signal(signal.SIGTERM, self._on_signal)
        if ROUSE_SIGNAL is None:
            return
        signal.signal(ROUSE_SIGNAL, _do_nothing)
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        threading.Thread(target=self._watch, args=(reader,), name="snakepit-signals", daemon=True).start()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._heard = True
        end_within(END_SECONDS)
        self._terminate()

    def _watch(self, reader: int) -> None:
        try:
            while signal.SIGTERM not in os.read(reader, 256):
                pass
        except OSError:
            return
        pause = _FIRST_PAUSE
        # A tool may have put a handler of its own in place of this one.
        while not self._heard and signal.getsignal(signal.SIGTERM) == self._on_signal:
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
            if not self._heard and ROUSE_SIGNAL is not None:
                signal.pthread_kill(self._main, ROUSE_SIGNAL)


def forget_signals() -> None:
    """In a forked child: its signals are none of the worker's business."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """That the signal came is all that it says."""
