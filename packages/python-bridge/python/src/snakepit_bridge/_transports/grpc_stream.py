"""The two directions of an RPC that carries bytes."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Callable

from snakepit_bridge._transports.grpc_ledger import Ledger
from snakepit_bridge._wire.frames import Binary

#: What one message carries at most.
PIECE_BYTES = 512 * 1024
#: What may be queued before whoever writes has to wait.
_MAX_QUEUED_BYTES = 8 * 1024 * 1024
#: What leaves at once, however much may follow.
_PROMPT_BYTES = 128 * 1024
#: How long answers may wait for others while calls are being served one after the other.
_PROMPT_SECONDS = 0.001
#: How often each call waits in a period for the answers before it to leave; more would cost too much.
_MAX_WAITS = 4
_PERIOD_SECONDS = 0.25
#: Beyond that as many answers may be here still when another call starts. A crash takes them with it.
MAX_UNSENT = 16
#: How long the host may take to hear that the worker has ended the RPC.
_FINISH_SECONDS = 1.5


class RpcInput:
    """``Readable`` over the messages that the host sends, as soon as it is in."""

    def __init__(self) -> None:
        #: The worker is about to end the RPC itself.
        self.leaving = False
        #: Whether somebody waits for the next message, and what is called before that.
        self.waiting = False
        self.on_wait: Callable[[], None] = lambda: None
        self._arrival: SimpleQueue[Iterator[bytes]] = SimpleQueue()
        self._messages: Iterator[bytes] | None = None
        self._rest = memoryview(b"")

    def begin(self, messages: Iterator[bytes]) -> None:
        """The host is in, and sends these."""
        self._arrival.put(messages)

    def readinto(self, buffer: memoryview) -> int:
        rest = self._rest or self._next()
        count = min(len(rest), len(buffer))
        buffer[:count] = rest[:count]
        self._rest = rest[count:]
        return count

    def _next(self) -> memoryview:
        self.waiting = True
        self.on_wait()
        if self._messages is None:
            self._messages = self._arrival.get()
        # An empty message is none.
        message = next(filter(None, self._messages), b"")
        if not message and self.leaving:
            # This end of the RPC is the worker's own; it does not mean that the host is gone.
            threading.Event().wait()
        self.waiting = False
        return memoryview(message)


class RpcOutlet:
    """``Outlet`` to the host. What is written leaves this process a little later, with what came then.

    A thread of its own sends. As long as calls are few, each waits until the answers before it have left, so
    that a crash takes none of them with it. When they are many, answers are gathered until the worker has
    nothing more to do at the moment: else both threads would take turns with each of them.
    """

    def __init__(self, input: RpcInput, ledger: Ledger) -> None:
        self._ledger = ledger
        self._input = input
        input.on_wait = self._pause
        #: When the present period began, and how often a call has waited in it for answers to leave.
        self._period = 0.0
        self._waits = 0
        self._pieces: deque[bytes] = deque()
        #: Bytes since the beginning; each is counted by one thread at a time.
        self._queued = self._left = 0
        #: What was written since everything had left.
        self._unsent = 0
        self._since = 0.0
        self._alarms: SimpleQueue[None] = SimpleQueue()
        self._roused = False
        self._progress = threading.Condition()
        self._finished = self._ended = False

    def starting(self, id: int) -> None:
        if self._left != self._queued:
            self._let_leave()
        self._ledger.note(id)

    def write(self, data: Binary) -> None:
        waiting = self._queued - self._left
        if waiting > _MAX_QUEUED_BYTES:
            self._wait_for_room(_MAX_QUEUED_BYTES // 2)
        if self._ended:
            raise BrokenPipeError("the host has ended the RPC")
        now = time.perf_counter()
        if not waiting:
            self._since = now
            self._unsent = 0
        self._unsent += 1
        self._queued += len(data)
        # Others may change what is not bytes before it has left.
        self._pieces.append(data if isinstance(data, bytes) else bytes(data))
        if self._input.waiting or waiting > _PROMPT_BYTES or now - self._since > _PROMPT_SECONDS:
            self._rouse()

    def flush(self) -> None:
        self._wait_for_room(0)

    def finish(self) -> None:
        self._input.leaving = self._finished = True
        self._rouse()
        with self._progress:
            self._progress.wait_for(lambda: self._ended, _FINISH_SECONDS)

    def messages(self) -> Iterator[bytes]:
        """What is to be sent. The next one must be asked for when the last one has left this process."""
        while not self._ended:
            self._alarms.get()
            # Cleared before the queue is emptied, so that nothing that comes in between is forgotten.
            self._roused = False
            while self._pieces:
                pieces, size = self._gather()
                yield from _cut(pieces, size)
                self._left += size
                with self._progress:
                    self._progress.notify_all()
            if self._finished:
                return

    def end(self) -> None:
        """The RPC has ended: nothing leaves any more."""
        with self._progress:
            self._ended = True
            self._progress.notify_all()
        self._rouse()

    def _gather(self) -> tuple[list[bytes], int]:
        """What stands in line, up to one message or the first piece that is larger."""
        pieces = [self._pieces.popleft()]
        size = len(pieces[0])
        while self._pieces and size + len(self._pieces[0]) <= PIECE_BYTES:
            pieces.append(self._pieces.popleft())
            size += len(pieces[-1])
        return pieces, size

    def _pause(self) -> None:
        """The worker is going to wait for messages."""
        if self._pieces:
            self._rouse()

    def _let_leave(self) -> None:
        """Waits until the answers before have left; where calls are many, only now and then."""
        now = time.perf_counter()
        if now - self._period > _PERIOD_SECONDS:
            self._period, self._waits = now, 0
        late = self._unsent >= MAX_UNSENT or now - self._since > _PROMPT_SECONDS
        if late or self._waits < _MAX_WAITS:
            self._waits += not late
            self._wait_for_room(0)

    def _rouse(self) -> None:
        if not self._roused:
            self._roused = True
            self._alarms.put(None)

    def _wait_for_room(self, enough: int) -> None:
        """Blocks while more than ``enough`` bytes are queued."""
        self._rouse()
        with self._progress:
            self._progress.wait_for(lambda: self._ended or self._queued - self._left <= enough)


def _cut(pieces: list[bytes], size: int) -> Iterator[bytes]:
    whole = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    for start in range(0, size, PIECE_BYTES):
        yield whole[start : start + PIECE_BYTES]
