"""Who reads the channel: threads change places without losing, doubling or reordering a call."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import Callable

import pytest

from snakepit_bridge._worker.anticipation import Anticipation
from snakepit_bridge._worker.reading import Reading


class Channel:
    """Batches that the test sends; tells which thread read each. Two at a time would be a fault."""

    def __init__(self) -> None:
        self.draining = False
        self.readers: list[str] = []
        self.reading = threading.Semaphore(0)
        self.taken_over = threading.Semaphore(0)
        self.before_wait: Callable[[], None] = lambda: None
        self._arrived: SimpleQueue[list[str]] = SimpleQueue()
        self._one_reader = threading.Lock()

    def send(self, *calls: str) -> None:
        self._arrived.put(list(calls))

    def read_batch(self) -> list[str]:
        assert self._one_reader.acquire(blocking=False), "two threads read at once"
        self.reading.release()
        self.before_wait()
        try:
            return self._arrived.get()
        finally:
            self.readers.append(threading.current_thread().name)
            self._one_reader.release()

    def take_batch(self) -> list[str]:
        return []

    def await_reader(self) -> None:
        assert self.reading.acquire(timeout=5), "nobody reads"


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def reading(channel: Channel) -> Reading[str]:
    reading = Reading(channel, Anticipation(None), channel.taken_over.release)
    reading.start()
    return reading


class Witness(Anticipation):
    """Tells which thread has waited, and whose read has ended."""

    def __init__(self) -> None:
        super().__init__(None)
        self.seen: list[tuple[str, str]] = []

    def wait(self) -> None:
        self.seen.append(("wait", threading.current_thread().name))

    def arrived(self) -> None:
        self.seen.append(("arrived", threading.current_thread().name))


MAIN = threading.current_thread().name
READER = "snakepit-reader"


def test_the_main_thread_reads_for_itself_while_calls_are_short(
    channel: Channel, reading: Reading[str]
) -> None:
    for number in range(100):
        channel.send(f"{number}")
        assert reading.next_batch() == [f"{number}"]
    # On a machine that stands still the reader may have helped out.
    assert channel.readers.count(MAIN) > 0


def test_only_the_main_thread_waits_awake(channel: Channel) -> None:
    witness = Witness()
    reading = Reading(channel, witness, channel.taken_over.release)
    channel.before_wait = reading.before_wait
    reading.start()
    channel.send("first")
    reading.next_batch()
    assert witness.seen == [("wait", MAIN), ("arrived", MAIN)]
    channel.await_reader()
    # The main thread is here, in its call: it is the reader thread that has begun to read.
    channel.await_reader()
    channel.send("second")
    assert reading.next_batch() == ["second"]
    assert witness.seen == [("wait", MAIN), ("arrived", MAIN)]


def test_the_reader_takes_over_when_the_main_thread_is_busy(channel: Channel, reading: Reading[str]) -> None:
    channel.send("long")
    assert reading.next_batch() == ["long"]
    channel.await_reader()
    # Nothing but the reader thread can do this: the main thread is here, in its call.
    channel.await_reader()
    assert channel.taken_over.acquire(timeout=5), "nobody was told"
    channel.send("ping answered meanwhile")
    channel.await_reader()
    assert channel.readers[-1] == READER


def test_it_gives_back_what_it_took_once_the_main_thread_waits(
    channel: Channel, reading: Reading[str]
) -> None:
    channel.send("long")
    reading.next_batch()
    channel.await_reader()
    channel.await_reader()
    channel.send("next")
    assert reading.next_batch() == ["next"]
    channel.send("read by the main thread again", "or by the reader, if this machine is slow")
    assert len(reading.next_batch()) == 2


def test_a_lent_channel_is_read_at_once_and_only_once(channel: Channel, reading: Reading[str]) -> None:
    channel.send("waits")
    reading.next_batch()
    channel.await_reader()
    for _ in range(10):
        reading.lend()
    channel.await_reader()
    assert not channel.reading.acquire(timeout=0.05)


def test_calls_stay_in_order_whoever_reads_them(channel: Channel, reading: Reading[str]) -> None:
    sent = [[f"{batch}.{call}" for call in range(batch % 4)] for batch in range(2000)]

    def send() -> None:
        for batch in sent:
            channel.send(*batch)

    threading.Thread(target=send).start()
    served: list[str] = []
    turns = 0
    while len(served) < sum(map(len, sent)):
        served += reading.next_batch()
        turns += 1
        if turns % 7 == 0:
            reading.lend()
        if turns % 97 == 0:
            # Busy for so long that the reader takes over.
            threading.Event().wait(0.002)
    assert served == [call for batch in sent for call in batch]
    assert {MAIN, READER} <= set(channel.readers)


def test_a_main_thread_that_waits_hears_of_the_end(channel: Channel, reading: Reading[str]) -> None:
    channel.send("last")
    assert reading.next_batch() == ["last"]
    reading.lend()
    channel.await_reader()
    channel.await_reader()

    def drain() -> None:
        channel.draining = True
        channel.send()

    threading.Thread(target=drain).start()
    assert reading.next_batch() == []
    assert reading.finished
