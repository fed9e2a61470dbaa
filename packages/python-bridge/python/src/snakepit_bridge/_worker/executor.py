"""Runs tools and answers their calls."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, Callable

from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.frames import Deferred, Encoded, Frames
from snakepit_bridge._worker.calls import Call, CallTable
from snakepit_bridge._worker.cancelling import make_cancellable, refuse_cancelled, undisturbed
from snakepit_bridge._worker.drivers import Driver, is_async_iterator, is_iterator, must_stream
from snakepit_bridge._worker.ending import end_by_fault, leave_forked_child
from snakepit_bridge._worker.failures import Refusal, attributes, describe, error_frame, invalid_parameter
from snakepit_bridge._worker.instances import Instances, Steps
from snakepit_bridge._worker.interrupts import Interrupts
from snakepit_bridge._worker.loops import Loops, running_loop
from snakepit_bridge._worker.outbox import Outbox
from snakepit_bridge._worker.preparation import finish, finish_on_loop
from snakepit_bridge._worker.required_variables import require_variables
from snakepit_bridge._worker.streams import ChunkWriter
from snakepit_bridge._worker.toolbox import BridgeTool, Toolbox
from snakepit_bridge.read_cache import forget_reads
from snakepit_bridge.session_context import current_scope
from snakepit_bridge.signatures import BadArgument

if TYPE_CHECKING:
    import asyncio

_logger = logging.getLogger("snakepit_bridge")
#: Results of these types are certainly neither streams nor awaitable.
_PLAIN = frozenset({dict, list, str, int, float, bool, type(None), tuple, bytes})


class Executor:
    """Every call that it claims is answered exactly once, whatever its tool does."""

    def __init__(
        self,
        toolbox: Toolbox,
        frames: Frames,
        calls: CallTable,
        outbox: Outbox,
        interrupts: Interrupts,
        loops: Loops,
    ) -> None:
        self._toolbox = toolbox
        self._frames = frames
        self._calls = calls
        self._outbox = outbox
        self._interrupts = interrupts
        self._loops = loops
        #: Set by whoever runs calls one after the other: the next one is here, and will be quick.
        self.may_hold = False
        #: Nested calls that go on as tasks; a loop itself keeps only weak references.
        self._tasks: set[asyncio.Task[None]] = set()
        loops.serve_with(self)
        self._driver = Driver(outbox, interrupts, self.execute)

    def execute(self, call: Call) -> None:
        """Runs a waiting call in this thread and answers it. Returns at once when it was taken back."""
        # Whoever waits in a callback of a loop serves calls there, too.
        call.outer_loop = running_loop()
        if (unfinished := self._begin(call)) is None:
            return
        try:
            left = self._loops.complete(call, self._complete_all(call, unfinished))
        # A tool may cancel its own task, or stop the loop; and there may be no thread for a loop.
        except BaseException as error:
            self.give_up(call, error)
        else:
            if left is not None:
                call.cancel_task, call.outer_loop = None, running_loop()
                self._answer(call, left=left)

    def execute_on_loop(self, call: Call) -> None:
        """The same from a callback of the running event loop: an async tool goes on as a task."""
        call.outer_loop = loop = running_loop()
        unfinished = self._begin(call, on_loop=True)
        if unfinished is not None and loop is not None:
            import asyncio

            task = loop.create_task(self._complete(call, unfinished))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            task.add_done_callback(lambda _task: self.give_up(call, asyncio.CancelledError()))

    def _see_off(self) -> None:
        """Sends the answer of a call that was taken back before the next call starts.

        If this process died then without having sent it, the host would take the next one for one that waits.
        """
        with self._calls.taking_back:
            pass
        self._outbox.flush()

    def refuse(self, call: Call, error: Exception) -> None:
        """Answers a claimed call without running it."""
        self._settle(call, self._failure(call, error))

    def give_up(self, call: Call, error: BaseException) -> None:
        """Nobody works for the call any more. Usually it is answered; or else it has failed."""
        if not call.answered:
            self._settle(call, self._failure(call, error))

    def _begin(self, call: Call, on_loop: bool = False) -> Any | None:
        """Runs what needs no event loop. Returns what is left to await, or None when the call is answered."""
        if not self._calls.claim(call):
            self._see_off()
            return None
        if call.parent is None:
            self._outbox.starting(call.id)
        else:
            forget_reads()
        if call.stream:
            call.started = time.perf_counter()
        return self._answer(call, on_loop)

    def _answer(self, call: Call, on_loop: bool = False, left: Any | None = None) -> Any | None:
        """:param left: what the tool has returned already: an iterator, to be driven in this thread."""
        scope = current_scope.set(call)
        try:
            try:
                value = self._invoke(call, on_loop) if left is None else left
                if type(value) in _PLAIN and not call.stream:
                    frame = self._result(call, value)
                elif _is_async(value):
                    return value
                else:
                    frame = self._conclude(call, value)
            except BaseException as error:
                frame = self._failure(call, error)
            if self._toolbox.instances is not None:
                self._leave(call, self._toolbox.instances)
        finally:
            current_scope.reset(scope)
        self._settle(call, frame)
        return None

    def _leave(self, call: Call, instances: Instances) -> None:
        """Lets go of the instance that served the call."""
        unfinished = _let_go(call, instances)
        if unfinished is not None:
            try:
                self._loops.run(unfinished)
            except BaseException:
                _logger.exception("the cleanup after a call has failed")

    async def _complete_all(self, call: Call, unfinished: Any) -> Any | None:
        """Stays on the loop until nested calls are answered, too: nobody else would run them."""
        import asyncio

        left = await self._complete(call, unfinished, hand_back=self._loops.awaits(call))
        loop = asyncio.get_running_loop()
        while nested := {task for task in self._tasks.copy() if task.get_loop() is loop}:
            # A cancel that comes now is for a tool that has ended.
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait(nested)
        return left

    async def _complete(self, call: Call, unfinished: Any, hand_back: bool = False) -> Any | None:
        """
        :param hand_back: a thread waits for this, and can drive an ordinary iterator without blocking a loop.
        :returns: such an iterator; None: the call is answered.
        """
        current_scope.set(call)
        call.outer_loop = None
        try:
            make_cancellable(call)
            if is_async_iterator(unfinished):
                value = unfinished
            else:
                refuse_cancelled(call, unfinished)
                value = await unfinished
            if hand_back and is_iterator(value) and not _is_async(value):
                return value
            frame = await self._conclude_async(call, value)
        except BaseException as error:
            frame = self._failure(call, error)
        instances = self._toolbox.instances
        unfinished = None if instances is None else _let_go(call, instances)
        if unfinished is not None:
            await undisturbed(unfinished)
        self._settle(call, frame)
        return None

    def _invoke(self, call: Call, on_loop: bool) -> Any:
        if call.deadline is not None and time.monotonic() >= call.deadline:
            raise Refusal(
                "deadline_exceeded", "DeadlineExceeded", "the deadline passed before the call could start"
            )
        tool = self._toolbox.find(call.tool)
        if tool.streaming and not call.stream:
            raise must_stream(call)
        arguments, call.args = call.args, None
        if type(arguments) is not dict:
            arguments = self._restore(arguments)
        try:
            positional, keywords = tool.bind(arguments, call)
        except BadArgument as error:
            raise invalid_parameter(call.tool, error.key, error.reason) from None
        if tool.required_variables:
            require_variables(tool, call)
        run = self._interrupts.run
        if not self._toolbox.prepares or isinstance(tool, BridgeTool):
            return run(call, tool.function, positional, keywords)
        steps = self._toolbox.prepare(call, tool, self._own_code)
        try:
            unfinished = next(steps)
        except StopIteration as prepared:
            method = prepared.value
        else:
            if on_loop:
                prepared_method = finish_on_loop(call, steps, unfinished)
                return self._invoke_prepared(call, prepared_method, positional, keywords)
            method = finish(steps, unfinished, self._loops.run)
        return run(call, method, positional, keywords)

    async def _invoke_prepared(
        self, call: Call, method: Awaitable[Callable[..., Any]], positional: Any, keywords: Any
    ) -> Any:
        value = self._interrupts.run(call, await method, positional, keywords)
        if not _is_async(value):
            return value
        call.outer_loop = None
        return value if is_async_iterator(value) else await value

    def _own_code(self, call: Call, function: Callable[..., Any], *arguments: Any) -> Steps[Any]:
        """Runs code of the adapter that is no tool."""
        outcome = self._interrupts.run(call, function, arguments)
        return (yield outcome) if _is_async(outcome) else outcome

    def _restore(self, deferred: Deferred) -> dict[str, Any]:
        try:
            arguments = deferred.restore()
        except ProtocolError as error:
            end_by_fault(f"protocol error: {error}")
        if type(arguments) is not dict:
            end_by_fault("protocol error: call: args is of the wrong type")
        return arguments

    def _conclude(self, call: Call, value: Any) -> Encoded:
        """The terminal frame for what a tool returned."""
        if type(value) not in _PLAIN and is_iterator(value):
            return self._driver.drive(call, value, self._writer(call))
        if call.stream:
            return self._driver.end(call, self._writer(call), value)
        return self._result(call, value)

    async def _conclude_async(self, call: Call, value: Any) -> Encoded:
        """The same on a loop, which it never blocks to wait for the host."""
        if is_async_iterator(value) or is_iterator(value):
            return await self._driver.drive_async(call, value, self._writer(call))
        if call.stream:
            return await self._driver.end_async(call, self._writer(call), value)
        return self._result(call, value)

    def _result(self, call: Call, value: Any) -> Encoded:
        return self._frames.encode({"type": "result", "id": call.id, "value": value}, "value", "result")

    def _writer(self, call: Call) -> ChunkWriter:
        return ChunkWriter(call, self._frames, self._outbox)

    def _failure(self, call: Call, error: BaseException) -> Encoded:
        if self._outbox.closed:
            leave_forked_child(error)
        fields = describe(error, call.cancelled)
        # What an exception carries may be anything; the error arrives also without it.
        with contextlib.suppress(BaseException):
            details = attributes(error) if fields["code"] == "tool_error" else {}
            if details:
                detailed = {"type": "error", "id": call.id, "error": {**fields, "details": details}}
                return self._frames.encode(detailed, "error", "error")
        return error_frame(self._frames, call.id, fields)

    def _settle(self, call: Call, frame: Encoded) -> None:
        """Hands the terminal frame to the outlet. Nothing of the call outlives it."""
        call.answered = True
        if call.parent is not None:
            forget_reads()
        self._calls.remove(call)
        if call.host_calls:
            for host_call in call.host_calls.copy():
                host_call.abandon()
        # The host waits for the answer of a nested call, and this thread for the host.
        leave = self._outbox.hold if self.may_hold and call.parent is None else self._outbox.send
        leave(frame)


def _is_async(value: Any) -> bool:
    return hasattr(type(value), "__await__") or is_async_iterator(value)


def _let_go(call: Call, instances: Instances) -> Awaitable[Any] | None:
    """The tool has ended: a cancel that comes from now on is not for the clean-up."""
    call.interrupted = True
    return instances.leave(call)
