"""An adapter that is not thread-safe, on an interpreter that looks as if it had no global lock."""

from __future__ import annotations

import sys
import threading
from typing import Any

_interpreter: Any = sys
_interpreter._is_gil_enabled = lambda: False


class Objecting:
    __thread_safe__ = False

    def thread(self) -> str:
        return threading.current_thread().name
