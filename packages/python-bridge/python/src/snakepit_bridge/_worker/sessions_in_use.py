"""Which sessions have calls in threads: what a session keeps is not cleaned up under their feet."""

from __future__ import annotations

import threading

from snakepit_bridge._worker.calls import Call

#: The call that ends a session.
END_SESSION = "snakepit.end_session"
#: How long that waits for calls of the session that were cancelled and do not stop.
_PATIENCE = 2.0


class SessionsInUse:
    """Counts the calls of each session, from their arrival to their end."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._calls: dict[str, int] = {}

    def enter(self, call: Call) -> None:
        session = call.session
        if session is not None and call.tool != END_SESSION:
            with self._changed:
                self._calls[session] = self._calls.get(session, 0) + 1

    def leave(self, call: Call) -> None:
        session = call.session
        if session is not None and call.tool != END_SESSION:
            with self._changed:
                self._calls[session] -= 1
                if not self._calls[session]:
                    del self._calls[session]
                    self._changed.notify_all()

    def await_others(self, call: Call) -> None:
        """Where ``call`` ends its session: blocks until the calls that came before have ended."""
        if call.tool == END_SESSION:
            with self._changed:
                self._changed.wait_for(lambda: call.session not in self._calls, _PATIENCE)
