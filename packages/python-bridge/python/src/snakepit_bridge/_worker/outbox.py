"""Everything the worker sends, in order, from whichever thread."""

from __future__ import annotations

import threading
import time
from collections import deque
from queue import SimpleQueue
from typing import NoReturn, Union

from snakepit_bridge._wire.frames import Batch, Binary, Encoded, Outlet
from snakepit_bridge._wire.shared.pieces import SharedPieces
from snakepit_bridge._worker.ending import end_by_fault, end_with_host, leave_forked_child
from snakepit_bridge._worker.journal import Journal

#: Posted frames leave together, this many seconds after the first.
_LINGER = 0.001
#: Frames below are joined into one write; larger pieces are written from where they are.
_JOIN_BYTES = 64 * 1024
#: Answers that may wait for each other: enough that a write costs each of them little.
_MAX_HELD = 32
#: Frames of the reader (pongs, refusals) that may wait for a host that does not read.
_MAX_PENDING = 100_000
#: Log records that may wait.
_MAX_PENDING_LOGS = 10_000


class Outbox:
    """``send`` returns when the outlet has the frame; ``post`` returns at once.

    Whoever holds the lock writes what everybody left in the queue.

    :param journal: keeps the frames of ``hold``; without one they do not wait.
    """

    def __init__(self, outlet: Outlet, journal: Journal | None = None) -> None:
        self._outlet = outlet
        #: A top-level call is about to start.
        self.starting = outlet.starting
        self._journal = journal
        #: What the journal has, in order. All of ``_pending`` follows on it.
        self._held: list[bytes] = []
        #: How many bytes the outlet was given.
        self._position = 0
        self._pending: deque[Union[Encoded, Batch]] = deque()
        self._lock = threading.Lock()
        self._armed = False
        self._alarms: SimpleQueue[float] = SimpleQueue()
        #: Set in a forked child. Nothing leaves it any more; where it would have to send, it ends.
        self.closed = False
        threading.Thread(target=self._flush_when_told, name="snakepit-flush", daemon=True).start()

    def send(self, frame: Encoded | Batch) -> None:
        """Blocks until this frame, and all before it, are handed to the outlet."""
        if self.closed:
            leave_forked_child(None)
        with self._lock:
            if type(frame) is bytes and not self._pending and not self._held:
                self._write(frame)
            else:
                self._pending.append(frame)
                self._drain()

    def hold(self, frame: Encoded) -> None:
        """The same, but the frame may wait for the next ones: in the journal it outlives this process.

        A write wakes the host, which costs both sides more than a short call does. The caller sees to it that
        ``flush`` follows, or ``hasten``.
        """
        if self.closed:
            leave_forked_child(None)
        with self._lock:
            journal = self._journal
            if journal is None or type(frame) is not bytes or self._pending:
                self._pending.append(frame)
                self._drain()
                return
            noted = journal.note(frame, self._position)
            self._held.append(frame)
            if not noted or len(self._held) == _MAX_HELD:
                self._drain()

    def hasten(self, linger: float = 0) -> None:
        """What is held leaves within ``linger`` seconds, by another thread. Never blocks."""
        if self._held and not self._armed:
            self._arm(linger)

    def flush(self) -> None:
        """Blocks until everything posted is handed to the outlet."""
        if self.closed:
            leave_forked_child(None)
        # Also where nothing is pending: another thread may be about to write what it took.
        with self._lock:
            self._drain()

    def post(self, frame: Encoded | Batch, linger: float = _LINGER) -> None:
        """Leaves the frame to another thread, which sends it within ``linger`` seconds. Never blocks."""
        if self.closed:
            return
        if len(self._pending) > _MAX_PENDING:
            end_by_fault("the host does not read")
        self._pending.append(frame)
        # Cleared before the queue is drained, so a frame that comes in between is never forgotten.
        if not self._armed:
            self._arm(linger)

    def _arm(self, linger: float) -> None:
        self._armed = True
        self._alarms.put(linger)

    def let_leave(self) -> None:
        """Blocks until everything posted has left this process, however slowly the host reads."""
        self.flush()
        self._outlet.flush()

    def finish(self) -> None:
        """The same, and tells the host that nothing more comes."""
        self.let_leave()
        self._outlet.finish()

    @property
    def crowded(self) -> bool:
        """Whether log records should rather be dropped."""
        return len(self._pending) > _MAX_PENDING_LOGS

    def _flush_when_told(self) -> NoReturn:
        while True:
            linger = self._alarms.get()
            if linger:
                time.sleep(linger)
            self._armed = False
            self.flush()

    def _drain(self) -> None:
        pending = self._pending
        if self._held:
            self._drain_held()
        while pending:
            frame = self._next()
            if pending:
                self._write_many(frame)
            elif isinstance(frame, bytes):
                self._write(frame)
            else:
                self._write_pieces(frame)

    def _next(self) -> Encoded:
        frame = self._pending.popleft()
        return frame if isinstance(frame, (bytes, list)) else frame.take()

    def _drain_held(self) -> None:
        held, pending = self._held, self._pending
        # What waits behind may leave with it.
        if pending and isinstance(pending[0], bytes):
            held.append(pending[0])
            pending.popleft()
        self._write(b"".join(held))
        held.clear()
        if self._journal is not None:
            self._journal.clear()

    def _write_many(self, first: Encoded) -> None:
        """Joins small frames that stand in line, up to the first large one."""
        frame, small, size = first, [], 0
        while isinstance(frame, bytes):
            small.append(frame)
            size += len(frame)
            if size >= _JOIN_BYTES or not self._pending:
                return self._write(b"".join(small))
            frame = self._next()
        if small:
            self._write(b"".join(small))
        return self._write_pieces(frame)

    def _write_pieces(self, pieces: list[Binary]) -> None:
        if isinstance(pieces, SharedPieces):
            pieces.leave()
        small: list[Binary] = []
        for piece in pieces:
            if len(piece) < _JOIN_BYTES:
                small.append(piece)
                continue
            if small:
                self._write(b"".join(small))
                small = []
            self._write(piece)
        if small:
            self._write(b"".join(small))

    def _write(self, data: Binary) -> None:
        if not data:
            return
        try:
            self._outlet.write(data)
        except OSError:
            end_with_host()
        self._position += len(data)
