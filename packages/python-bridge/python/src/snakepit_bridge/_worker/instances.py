"""Adapters of which there is more than one instance: one for each session, or one for each call."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Generator, Iterable
from typing import Any, Callable, TypeVar

from snakepit_bridge._worker.calls import Call
from snakepit_bridge._worker.failures import Refusal
from snakepit_bridge._worker.mailbox import own_mailbox
from snakepit_bridge.errors import CallCancelled
from snakepit_bridge.methods import find_hook

_logger = logging.getLogger("snakepit_bridge")
_LIFECYCLES = ("worker", "session", "request")

T = TypeVar("T")
#: Yields what must be awaited before it can go on, and is sent the outcome.
Steps = Generator[Awaitable[Any], Any, T]
#: Makes an instance, without ``initialize()``.
Create = Callable[[], object]
#: Runs the adapter's own code for a call, be it async or not.
Run = Callable[..., Steps[Any]]


def lifecycle_of(adapter: object) -> str:
    """
    :raises Refusal: ``lifecycle`` is none that there is.
    """
    lifecycle = getattr(adapter, "lifecycle", "worker")
    if lifecycle in _LIFECYCLES:
        return str(lifecycle)
    # A tool may have the name, too.
    if callable(lifecycle):
        return "worker"
    name = type(adapter).__name__
    message = f'{name}.lifecycle is {lifecycle!r}; it must be "worker", "session" or "request"'
    raise Refusal("internal", "AdapterError", message)


def instances_of(adapter: object, create: Create | None) -> Instances | None:
    """None: ``adapter`` serves all calls.

    :param create: makes another one, without ``initialize()``; None when that is not possible.
    :raises Refusal: what the adapter says cannot be done.
    """
    lifecycle = lifecycle_of(adapter)
    if lifecycle == "worker":
        return None
    if create is None:
        name = type(adapter).__name__
        message = f'{name}.lifecycle is "{lifecycle}", but one instance was given; give the class instead'
        raise Refusal("internal", "AdapterError", message)
    return SessionInstances(create, adapter) if lifecycle == "session" else RequestInstances(create)


class Instances:
    """Which instance of the adapter serves a call. Nothing else holds one of them.

    :param create: for further instances.
    """

    def __init__(self, create: Create) -> None:
        self._create = create

    def serve(self, call: Call, run: Run) -> Steps[object]:
        """The instance for a call; made first where there is none.

        :raises Exception: whatever its constructor or ``initialize()`` raises; the next call tries again.
        """
        raise NotImplementedError

    def leave(self, call: Call) -> Awaitable[Any] | None:
        """The call is over. What is to be awaited never raises."""
        return None

    def end_session(self, session: str) -> Awaitable[Any] | None:
        """Lets go of what a session has. What is to be awaited never raises."""
        return None

    def remaining(self) -> Iterable[tuple[str | None, object]]:
        """The instances that there are when the worker ends, each with its session."""
        return ()

    def _make(self, call: Call, run: Run) -> Steps[object]:
        adapter: object = yield from run(call, self._create)
        initialize = find_hook(adapter, "initialize")
        if initialize is not None:
            yield from run(call, initialize)
        return adapter


class _Making:
    """An instance that a call is making, and who waits for it."""

    def __init__(self, call: Call) -> None:
        self.outermost = call.outermost
        self.over = False
        self._waiting: list[Callable[[], None]] = []

    def wait(self, call: Call) -> None:
        """Returns when it is over, or ``call`` must stop."""
        mailbox = own_mailbox()
        call.wake = mailbox.wake
        self._waiting.append(mailbox.wake)
        # What is nested in a call further out is served when this one has its instance.
        others: list[Call] = []
        mailbox.wait(lambda: self.over or call.must_stop, others.append)
        for other in others:
            mailbox.put(other)

    def end(self) -> None:
        self.over = True
        for wake in self._waiting:
            wake()


class SessionInstances(Instances):
    """One for each session that has called, and ``shared`` for all calls outside of any session.

    Of several calls that come at once for a new session, the first makes the instance, the others wait.
    """

    def __init__(self, create: Create, shared: object) -> None:
        super().__init__(create)
        self._shared = shared
        self._by_session: dict[str, object] = {}
        self._in_making: dict[str, _Making] = {}

    def serve(self, call: Call, run: Run) -> Steps[object]:
        session = call.session
        if session is None:
            return self._shared
        adapter = self._by_session.get(session)
        return (yield from self._make_for(session, call, run)) if adapter is None else adapter

    def end_session(self, session: str) -> Awaitable[Any] | None:
        adapter = self._by_session.pop(session, None)
        return None if adapter is None else clean_up(adapter)

    def remaining(self) -> Iterable[tuple[str | None, object]]:
        return ((None, self._shared), *list(self._by_session.items()))

    def _make_for(self, session: str, call: Call, run: Run) -> Steps[object]:
        mine = _Making(call)
        while True:
            # In one step, since threads may come at the same time.
            making = self._in_making.setdefault(session, mine)
            adapter = self._by_session.get(session)
            if making is mine:
                break
            if making.outermost is mine.outermost:
                message = "the adapter of this session is being made by the call that this one is nested in"
                raise Refusal("unavailable", "AdapterNotReady", message)
            making.wait(call)
            if call.must_stop:
                call.interrupted = True
                raise CallCancelled("the call was cancelled")
        try:
            # Another one may have been faster between the first look and this.
            if adapter is None:
                adapter = self._by_session[session] = yield from self._make(call, run)
        finally:
            del self._in_making[session]
            mine.end()
        return adapter


class RequestInstances(Instances):
    """One for each call."""

    def serve(self, call: Call, run: Run) -> Steps[object]:
        call.instance = adapter = yield from self._make(call, run)
        return adapter

    def leave(self, call: Call) -> Awaitable[Any] | None:
        adapter, call.instance = call.instance, None
        return None if adapter is None else clean_up(adapter)


def clean_up(adapter: object) -> Awaitable[Any] | None:
    """Calls ``cleanup()``. What it raises is logged; what is to be awaited never raises."""
    return _call_hook(adapter, "cleanup")


def clean_up_session(adapter: object, session: str) -> Awaitable[Any] | None:
    """The same for ``cleanup_session(session_id)`` of an adapter that serves all sessions."""
    return _call_hook(adapter, "cleanup_session", session)


def _call_hook(adapter: object, name: str, *arguments: Any) -> Awaitable[Any] | None:
    hook = find_hook(adapter, name)
    if hook is None:
        return None
    try:
        outcome = hook(*arguments)
    # Also what is no Exception: the call that is over has its answer, and the worker goes on.
    except BaseException:
        _log_failure(adapter, name)
        return None
    return _finish(adapter, name, outcome) if inspect.isawaitable(outcome) else None


async def _finish(adapter: object, name: str, outcome: Awaitable[Any]) -> None:
    try:
        await outcome
    except BaseException:
        _log_failure(adapter, name)


def _log_failure(adapter: object, hook: str) -> None:
    _logger.exception("%s() of %s failed", hook, type(adapter).__name__)
