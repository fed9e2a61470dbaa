"""Runs things in threads."""

from __future__ import annotations

import threading
from typing import Any, Callable


def result_in_thread(function: Callable[[], Any]) -> Any:
    """What ``function`` returns, or the text of what it raises, in a thread without any context."""
    box: list[Any] = []

    def run() -> None:
        try:
            box.append(function())
        except BaseException as error:
            box.append(f"{type(error).__name__}: {error}")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return box[0]
