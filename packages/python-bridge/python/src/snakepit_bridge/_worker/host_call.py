"""One call to a tool of the host."""

from __future__ import annotations

import base64
from collections import deque
from typing import Any, Callable

from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.frames import Deferred
from snakepit_bridge._worker.calls import Call
from snakepit_bridge._worker.ending import end_by_fault
from snakepit_bridge.errors import HostToolError


class HostCall:
    """A call to the host that has not been answered."""

    __slots__ = (
        "abandoned",
        "blocking",
        "call",
        "chunks",
        "id",
        "level",
        "next_seq",
        "offer",
        "only_reads",
        "reply",
        "streams",
        "wake",
        "withdraw",
    )

    def __init__(
        self,
        id: int,
        call: Call,
        streams: bool,
        offer: Callable[[Call], None],
        wake: Callable[[], None],
        withdraw: Callable[[int], None],
    ) -> None:
        self.id = id
        self.call = call
        self.level = call.level
        self.streams = streams
        #: It asks for variables, and changes nothing.
        self.only_reads = False
        #: A thread waits for it that a cancel of ``call`` must set free.
        self.blocking = True
        #: Hands a nested call to whoever waits; ``wake`` tells it to look at what is below.
        self.offer = offer
        self.wake = wake
        self.withdraw = withdraw
        #: Chunks that nobody has taken, with their sizes. The credit of the stream bounds them.
        self.chunks: deque[tuple[dict[str, Any], int]] = deque()
        self.next_seq = 0
        #: What ended it, a final chunk included.
        self.reply: dict[str, Any] | None = None
        #: The call it was made for is cancelled or has ended.
        self.abandoned = False

    @property
    def ready(self) -> bool:
        """Whoever waits need not wait any longer."""
        return self.reply is not None or self.abandoned or bool(self.chunks)

    def check_turn(self, seq: int) -> None:
        """A chunk has arrived.

        :raises ProtocolError: it is not the one that is due.
        """
        if seq != self.next_seq:
            raise ProtocolError(f"chunk {seq} of call {self.id} came where {self.next_seq} was due")
        self.next_seq += 1

    def abandon(self) -> None:
        """Nobody wants the answer any more. Safe in every thread, and never blocks."""
        self.abandoned = True
        self.withdraw(self.id)
        self.wake()

    def result(self) -> Any:
        """The value of the answer.

        :raises HostToolError: it is an error.
        """
        assert self.reply is not None
        if self.reply["type"] == "chunk":
            return restore_chunk(self.reply["value"])
        if self.reply["type"] == "result":
            return restore(self.reply["value"])
        error = self.reply["error"]
        details = restore(error.get("details"))
        raise HostToolError(error["type"], error["code"], error["message"], details, error.get("traceback"))


def restore(value: Any) -> Any:
    """What the host sent, as it was. This process ends when that was nonsense."""
    if not isinstance(value, Deferred):
        return value
    try:
        return value.restore()
    except ProtocolError as error:
        end_by_fault(f"protocol error: {error}")


def restore_chunk(value: Any) -> Any:
    """The same for the value of a chunk: a stream goes on after nonsense, which is handed on as it came."""
    if not isinstance(value, Deferred):
        return value
    try:
        return value.restore()
    except ProtocolError:
        return {"raw_data_base64": base64.b64encode(value.encoded()).decode()}
