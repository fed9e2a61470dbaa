"""The profile `thread`: tools run in threads of their own, several at a time."""

from __future__ import annotations

import contextlib
import threading
import traceback
from queue import SimpleQueue
from typing import NoReturn

from snakepit_bridge._wire.frames import Inlet
from snakepit_bridge._worker.calls import Call, CallTable
from snakepit_bridge._worker.cooperative_interrupts import CooperativeInterrupts
from snakepit_bridge._worker.ending import Terminated, end_by_fault
from snakepit_bridge._worker.executor import Executor
from snakepit_bridge._worker.failures import not_started
from snakepit_bridge._worker.router import Router
from snakepit_bridge._worker.sessions_in_use import SessionsInUse


class Threads:
    """``Serving`` in up to ``limit`` threads, while the main thread reads.

    A thread takes the call that has waited longest, and the next one only when that is answered. So what has
    started and is not answered are always the oldest calls.
    """

    def __init__(
        self,
        inlet: Inlet,
        router: Router,
        executor: Executor,
        calls: CallTable,
        interrupts: CooperativeInterrupts,
        limit: int,
    ) -> None:
        self._router = router
        self._executor = executor
        self._calls = calls
        self._interrupts = interrupts
        self._limit = limit
        self._threads: list[threading.Thread] = []
        self._sessions = SessionsInUse()
        #: None ends the thread that takes it.
        self._queue: SimpleQueue[Call | None] = SimpleQueue()
        self._serving = True
        self._accepting = True
        inlet.on_wait(lambda: self._hand_out(router.take_batch()))

    def serve(self) -> None:
        try:
            self._add_thread()
            while not self._router.draining:
                self._hand_out(self._router.read_batch())
            self._finish()
        except Terminated:
            self._stop_all()
            raise
        finally:
            self._serving = False

    def terminate(self) -> None:
        if self._serving:
            self._serving = False
            raise Terminated

    def _hand_out(self, batch: list[Call]) -> None:
        if not self._accepting:
            return
        for call in batch:
            self._sessions.enter(call)
            self._queue.put(call)
        while len(self._threads) < min(self._limit, len(self._calls.top)):
            try:
                self._add_thread()
            except RuntimeError:
                # The system has no more threads. Those that there are serve everything.
                return

    def _add_thread(self) -> None:
        name = f"snakepit-tool-{len(self._threads) + 1}"
        # What a tool starts in turn is no daemon either, and may finish when the worker ends.
        thread = threading.Thread(target=self._run, name=name, daemon=False)
        thread.start()
        self._threads.append(thread)

    def _run(self) -> None:
        self._interrupts.enlist()
        take, execute, sessions = self._queue.get, self._executor.execute, self._sessions
        while True:
            call = take()
            if call is None:
                return
            try:
                sessions.await_others(call)
                execute(call)
            except BaseException:
                # A thread less would go unnoticed until the last one is gone.
                end_by_fault(f"serving a call failed\n{traceback.format_exc()}")
            finally:
                sessions.leave(call)

    def _finish(self) -> None:
        """Returns when every call is answered."""
        self._accepting = False
        # What still runs needs somebody who reads. Without one the host will lose patience.
        with contextlib.suppress(RuntimeError):
            threading.Thread(target=self._read_on, name="snakepit-reader", daemon=True).start()
        self._end_threads()
        self._refuse_waiting()

    def _read_on(self) -> NoReturn:
        while True:
            self._router.read_batch()

    def _stop_all(self) -> None:
        self._refuse_waiting()
        for call in self._calls.open():
            self._router.stop(call)
        self._end_threads()

    def _refuse_waiting(self) -> None:
        # A thread that finds its call taken waits for this lock, so the answer leaves before its next call.
        with self._calls.taking_back:
            for call in self._calls.claim_all():
                self._executor.refuse(call, not_started("the worker is ending"))

    def _end_threads(self) -> None:
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
