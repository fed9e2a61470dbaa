"""How many calls a worker runs at a time."""

from __future__ import annotations

import os
import sys

from snakepit_bridge._worker.failures import Refusal

_MAX_THREADS = 1024


def free_threaded() -> bool:
    """Whether threads run Python code in parallel: there is no global lock, or it is switched off.

    An extension module that needs the lock switches it on when it is imported.
    """
    return not getattr(sys, "_is_gil_enabled", lambda: True)()


def take_profile(objection: bool = False) -> int | None:
    """The threads that tools shall run in, by the environment; None: in the main thread, one after the other.

    :param objection: the adapter says that it is not thread-safe, which decides where the choice is free.
    :raises Refusal: the environment asks for what there is not.
    """
    profile = os.environ.pop("SNAKEPIT_PROFILE", "process")
    number = os.environ.pop("SNAKEPIT_THREADS", "16")
    if profile not in ("process", "thread", "auto"):
        raise _bad(f"SNAKEPIT_PROFILE is {profile!r}; it must be process, thread or auto")
    if profile == "process" or (profile == "auto" and (objection or not free_threaded())):
        return None
    if not (number.isdecimal() and 1 <= int(number) <= _MAX_THREADS):
        raise _bad(f"SNAKEPIT_THREADS is {number!r}; it must be a number from 1 to {_MAX_THREADS}")
    return int(number)


def _bad(message: str) -> Refusal:
    return Refusal("internal", "AdapterError", message)
