"""What an adapter says about several threads at once."""

from __future__ import annotations

import logging

from snakepit_bridge._worker.failures import Refusal

_logger = logging.getLogger("snakepit_bridge")


def objects(adapter: object) -> bool:
    """Whether the adapter says that it is not thread-safe."""
    return getattr(adapter, "__thread_safe__", None) is False


def require_no_objection(adapter: object) -> None:
    """
    :raises Refusal: the adapter says that it is not thread-safe.
    """
    if objects(adapter):
        name = type(adapter).__name__
        message = f'{name} says __thread_safe__ = False; serve it with the profile "process"'
        raise Refusal("internal", "ThreadSafetyError", message)


def warn_of_silence(adapter: object) -> None:
    """Nobody has said that the adapter's tools may run in several threads."""
    if getattr(adapter, "__thread_safe__", None) is None:
        _logger.warning(
            "%s does not say whether its tools may run in several threads at once; "
            "set __thread_safe__ = True, or derive it from ThreadSafeAdapter",
            type(adapter).__name__,
        )
