"""Takes every frame off the channel and brings it to whoever it concerns."""

from __future__ import annotations

import time
import traceback
from typing import Any, Callable

from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.fields import check, check_call
from snakepit_bridge._wire.frames import Frames, Inlet
from snakepit_bridge._wire.shared.lane import Lane
from snakepit_bridge._worker.calls import Call, CallTable
from snakepit_bridge._worker.ending import Terminated, end_by_fault, end_with_host
from snakepit_bridge._worker.failures import Refusal, error_frame, not_started
from snakepit_bridge._worker.host_calls import HostCalls
from snakepit_bridge._worker.interrupts import Interrupts
from snakepit_bridge._worker.outbox import Outbox

_MAX_LEVEL = 16


class Router:
    """Answers pings, credit and cancels itself, also while a tool runs. Never blocks on a write.

    :param max_in_flight: top-level calls that may be open.
    """

    def __init__(
        self,
        inlet: Inlet,
        frames: Frames,
        max_in_flight: int,
        calls: CallTable,
        host_calls: HostCalls,
        outbox: Outbox,
        interrupts: Interrupts,
        lane: Lane,
    ) -> None:
        #: The host wants this worker to finish what it was sent, and to leave.
        self.draining = False
        #: Frames for calls that nobody knows, or that are answered already.
        self.dropped = 0
        self._inlet = inlet
        self._frames = frames
        self._max_in_flight = max_in_flight
        self._calls = calls
        self._host_calls = host_calls
        self._outbox = outbox
        self._interrupts = interrupts
        self._batch: list[Call] = []
        self._now = 0.0
        self._routes: dict[str, Callable[[dict[str, Any]], None]] = {
            "result": self._reply,
            "chunk": self._chunk,
            "error": self._reply,
            "cancel": self._cancel,
            "credit": self._credit,
            "ping": self._ping,
            "drain": self._drain,
            "segment": lane.announced,
            "release": lane.released,
            "forget": lane.forgotten,
        }

    def read_batch(self) -> list[Call]:
        """Routes the next frame, and those that came with it. Returns the calls for the main thread.

        This process ends when the host is gone, or speaks nonsense.
        """
        inlet, read, routes = self._inlet, self._inlet.read, self._routes
        try:
            while True:
                frame = read()
                if frame.get("type") == "call":
                    check_call(frame)
                    self._call(frame)
                else:
                    kind = check(frame)
                    route = routes.get(kind) if kind else None
                    if route is not None:
                        route(frame)
                if not inlet.pending:
                    return self.take_batch()
        except (EOFError, OSError):
            end_with_host()
        except ProtocolError as error:
            end_by_fault(f"protocol error: {error}")
        except Terminated:
            raise
        except BaseException:
            end_by_fault(f"reading failed\n{traceback.format_exc()}")

    def take_batch(self) -> list[Call]:
        """The calls that were routed since the last batch."""
        batch, self._batch = self._batch, []
        self._now = 0.0
        return batch

    def _call(self, frame: dict[str, Any]) -> None:
        if not self._now:
            self._now = time.monotonic()
        parent = frame.get("parent")
        if parent is not None:
            self._nested_call(frame, parent)
            return
        call = Call(frame, self._now, None, self._host_calls)
        if len(self._calls.top) >= self._max_in_flight:
            limit = self._max_in_flight
            self._refuse(call, Refusal("resource_exhausted", "TooManyCalls", f"{limit} calls are in flight"))
        else:
            self._calls.add(call)
            self._batch.append(call)

    def _nested_call(self, frame: dict[str, Any], parent: int) -> None:
        host_call = self._host_calls.find(parent)
        call = Call(frame, self._now, host_call, self._host_calls)
        gone = not_started("the call that it is nested in has ended")
        if host_call is None:
            self._refuse(call, gone)
            return
        if call.level > _MAX_LEVEL:
            message = f"calls nest deeper than {_MAX_LEVEL}"
            self._refuse(call, Refusal("resource_exhausted", "NestingTooDeep", message))
            return
        self._calls.add(call)
        host_call.offer(call)
        # Whoever ends the host call removes it and then looks for waiting calls; this looks the other way.
        if self._host_calls.find(parent) is None and self._calls.claim(call):
            self._calls.remove(call)
            self._refuse(call, gone)

    def _refuse(self, call: Call, refusal: Refusal) -> None:
        self._outbox.post(error_frame(self._frames, call.id, refusal.describe()), 0)

    def _reply(self, frame: dict[str, Any]) -> None:
        if self._host_calls.find(frame["id"]) is None:
            self.dropped += 1
        else:
            self._host_calls.settle(frame)

    def _chunk(self, frame: dict[str, Any]) -> None:
        host_call = self._host_calls.find(frame["id"])
        if host_call is None:
            self.dropped += 1
        else:
            self._host_calls.receive_chunk(host_call, frame, self._inlet.size)

    def _cancel(self, frame: dict[str, Any]) -> None:
        call = self._calls.find(frame["id"])
        if call is None:
            self.dropped += 1
        elif not self._take_back(call) and frame.get("recall") is not True:
            self.stop(call)

    def _take_back(self, call: Call) -> bool:
        """Only a call that has not started."""
        with self._calls.taking_back:
            if not self._calls.claim(call):
                return False
            self._calls.remove(call)
            self._refuse(call, not_started("taken back before it started"))
            return True

    def stop(self, call: Call) -> None:
        """Tells the tool of a running call, wherever it runs."""
        self._interrupts.stop(call)
        for host_call in call.host_calls.copy():
            if host_call.blocking:
                host_call.abandon()
        if call.cancel_task is not None:
            call.cancel_task()
        call.wake()

    def _credit(self, frame: dict[str, Any]) -> None:
        call = self._calls.find(frame["id"])
        if call is None:
            self.dropped += 1
        else:
            call.granted += frame["n"]
            call.wake()

    def _ping(self, frame: dict[str, Any]) -> None:
        self._outbox.post(self._frames.encode_plain({"type": "pong", "nonce": frame["nonce"]}), 0)

    def _drain(self, _frame: dict[str, Any]) -> None:
        self.draining = True
