"""Finds what several threads do at once and should not."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Any

from snakepit_bridge._thread_safe_libraries import find_library

log = logging.getLogger(__name__)

#: Methods and libraries that are remembered, and violations that are kept.
_MAX_RECORDS = 1_000


class ThreadSafetyError(RuntimeError):
    """Something is not safe to do in several threads at once."""


class MethodRecord:
    """What was seen of one method."""

    __slots__ = ("accesses", "concurrent", "inside", "known", "threads")

    def __init__(self) -> None:
        self.accesses = 0
        self.concurrent = 0
        self.threads = 0
        #: Says in each thread that it is counted: numbers of threads are used again after their end.
        self.known = threading.local()
        #: The threads that are in it now, and how often each has entered it.
        self.inside: dict[int, int] = {}


class Access:
    """A thread is in a method, for as long as a ``with`` block lasts."""

    __slots__ = ("_checker", "_method")

    def __init__(self, checker: ThreadSafetyChecker, method: str) -> None:
        self._checker = checker
        self._method = method

    def __enter__(self) -> None:
        self._checker._enter(self._method)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._checker._leave(self._method)


class ThreadSafetyChecker:
    """Watches methods and libraries while an adapter is being developed.

    :param enabled: False makes every check free and silent.
    :param strict_mode: raise ``ThreadSafetyError`` instead of logging a warning.
    """

    def __init__(self, enabled: bool = True, strict_mode: bool = False) -> None:
        self.enabled = enabled
        self.strict_mode = strict_mode
        self._lock = threading.Lock()
        self._methods: dict[str, MethodRecord] = {}
        self._libraries: dict[str, dict[str, Any]] = {}
        self._violations: list[dict[str, Any]] = []
        self._dropped = 0

    def check_method_access(self, method: str) -> Access:
        """Notes that this thread uses ``method``: ``with checker.check_method_access("predict"):``.

        Two threads in the block at once are a violation. Put it inside of the lock that guards what the
        method changes, where there is one: such a block is never shared. Without ``with`` the access is only
        counted.

        :raises ThreadSafetyError: in strict mode, when a thread enters the block while another one is in it.
        """
        if self.enabled:
            self._note(method)
        return Access(self, method)

    def check_library_safety(self, library: str) -> bool | None:
        """Whether several threads may use a library at once: ``numpy``, ``sklearn.svm``, ``PyTorch`` …

        None: it is not in the table. What is not safe is reported once, with advice.

        :raises ThreadSafetyError: it is not, and the mode is strict.
        """
        found = find_library(library)
        if found is None or not self.enabled:
            return None if found is None else found.safe
        with self._lock:
            new = found.name not in self._libraries
            if new and len(self._libraries) < _MAX_RECORDS:
                self._libraries[found.name] = {"safe": found.safe, "advice": found.advice}
        if not found.safe and (new or self.strict_mode):
            self._report("library", found.name, f"{found.name} is not thread-safe. {found.advice}", new)
        return found.safe

    def get_report(self) -> dict[str, Any]:
        """What was seen so far.

        ``methods``: by name the ``accesses``, the number of ``threads`` and how often one came while another
        one was there (``concurrent``). ``libraries``: by name ``safe`` and ``advice``. ``violations``: the
        first 1,000, each with ``kind``, ``name``, ``thread`` and ``message``; ``dropped`` counts the others.
        """
        with self._lock:
            methods = {
                name: {
                    "accesses": record.accesses,
                    "threads": record.threads,
                    "concurrent": record.concurrent,
                }
                for name, record in self._methods.items()
            }
            return {
                "enabled": self.enabled,
                "strict_mode": self.strict_mode,
                "methods": methods,
                "libraries": {name: dict(entry) for name, entry in self._libraries.items()},
                "violations": [dict(violation) for violation in self._violations],
                "dropped": self._dropped,
            }

    def _note(self, method: str) -> None:
        with self._lock:
            record = self._methods.get(method)
            if record is None:
                if len(self._methods) >= _MAX_RECORDS:
                    self._dropped += 1
                    return
                record = self._methods[method] = MethodRecord()
            record.accesses += 1
            if not vars(record.known):
                record.known.counted = True
                record.threads += 1

    def _enter(self, method: str) -> None:
        """Looks at who is there and goes in, in one step: of two that come at once, one sees the other."""
        with self._lock:
            record = self._methods.get(method)
            if record is None:
                return
            thread = threading.get_ident()
            others = len(record.inside.keys() - {thread})
            record.concurrent += bool(others)
            first = record.concurrent == 1
            if not (others and self.strict_mode):
                record.inside[thread] = record.inside.get(thread, 0) + 1
        if others:
            message = f"{method} is used by {others + 1} threads at once, without a lock around it"
            self._report("method", method, message, first)

    def _leave(self, method: str) -> None:
        with self._lock:
            record = self._methods.get(method)
            thread = threading.get_ident()
            if record is None or thread not in record.inside:
                return
            record.inside[thread] -= 1
            if not record.inside[thread]:
                del record.inside[thread]

    def _report(self, kind: str, name: str, message: str, first: bool) -> None:
        violation = {
            "kind": kind,
            "name": name,
            "thread": threading.current_thread().name,
            "message": message,
        }
        with self._lock:
            if len(self._violations) < _MAX_RECORDS:
                self._violations.append(violation)
            else:
                self._dropped += 1
        if self.strict_mode:
            raise ThreadSafetyError(message)
        if first:
            log.warning(message)
