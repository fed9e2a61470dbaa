"""From the first instruction of a worker to its last."""

from __future__ import annotations

import contextlib
import faulthandler
import inspect
import json
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from snakepit_bridge import telemetry
from snakepit_bridge._transports.negotiation import Choice, negotiate
from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.source import Source
from snakepit_bridge._worker import lifeline
from snakepit_bridge._worker.adapters import (
    DEFAULT_ADAPTER,
    load_adapter,
    parse_arguments,
    prepare_adapter,
)
from snakepit_bridge._worker.channel import Channel, prepare_output, take_channel, write_all
from snakepit_bridge._worker.ending import end_by_fault, end_with_host
from snakepit_bridge._worker.events import EventSender
from snakepit_bridge._worker.failures import Refusal
from snakepit_bridge._worker.farewell import Farewell
from snakepit_bridge._worker.handshake import Welcome, error_hello, hello, read_welcome
from snakepit_bridge._worker.host_watch import end_when_closed
from snakepit_bridge._worker.instances import clean_up, instances_of
from snakepit_bridge._worker.journal import make_journal
from snakepit_bridge._worker.logs import LogHandler
from snakepit_bridge._worker.loop_thread import LoopThread
from snakepit_bridge._worker.loops import Loops, MainLoop
from snakepit_bridge._worker.profile import take_profile
from snakepit_bridge._worker.scripts import parse_script, run_script
from snakepit_bridge._worker.thread_safety import objects, require_no_objection, warn_of_silence
from snakepit_bridge._worker.toolbox import Toolbox
from snakepit_bridge._worker.worker import Worker
from snakepit_bridge.generic import GenericCalls
from snakepit_bridge.methods import find_hook
from snakepit_bridge.session_context import current_scope

_USAGE = """\
This is a Snakepit worker; a host starts it and speaks to it over a private channel.
usage: python -m snakepit_bridge [--adapter package.module:Class] [--generic] [adapter arguments]
       python -m snakepit_bridge --script script.py [script arguments]
"""


def main(arguments: Sequence[str] | None = None, adapter: object | None = None) -> int:
    """Runs a worker; returns its exit code.

    :param arguments: the command line; default: this process's own.
    :param adapter: what to serve; default: what the command line names.
    """
    words = sys.argv[1:] if arguments is None else arguments
    channel = take_channel()
    if channel is None:
        sys.stderr.write(_USAGE)
        return 2
    if channel.lifeline is not None:
        lifeline.arm(channel.lifeline)
    logs = prepare_process()
    if sys.flags.no_site and os.environ.pop("SNAKEPIT_SITE", "") == "1":
        _run_site()
    return serve(channel, logs, words, adapter)


def prepare_process() -> LogHandler:
    """What a worker needs of its process before anything of the user's is imported."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prepare_output()
    faulthandler.enable()
    logs = LogHandler()
    logs.install()
    return logs


def serve(channel: Channel, logs: LogHandler, words: Sequence[str], adapter: object | None = None) -> int:
    """Runs a worker in a process that is prepared; returns its exit code."""
    start = _Start(channel, logs)
    script = parse_script(words)
    if script is None or adapter is not None:
        return start.run(words, adapter)
    path, rest = script
    return run_script(path, rest, lambda served: start.run(rest, served), start.fail)


def _run_site() -> None:
    """The host switched `site` off, because what it runs could have printed into the channel."""
    import site

    site.main()


class _Start:
    """Hello, welcome, and then the worker."""

    def __init__(self, channel: Channel, logs: LogHandler) -> None:
        self._channel = channel
        self._loops: Loops = MainLoop()
        self._threads: int | None = None
        self._logs = logs
        self._skipped: list[dict[str, str]] = []

    def fail(self, error: BaseException) -> int:
        """Tells the host why there will be no worker; returns the exit code."""
        write_all(self._channel.write_fd, error_hello(error, self._skipped))
        # An async initialize() may have started a thread, which would keep this process alive.
        with contextlib.suppress(Exception):
            self._loops.close()
        return 1

    def run(self, arguments: Sequence[str], adapter: object | None) -> int:
        try:
            choice = self._negotiate()
            toolbox = self._toolbox(arguments, adapter)
            journal = make_journal() if self._threads is None and choice.on_channel else None
            line = hello(choice, toolbox.declare(), self._threads or 1, journal)
        except BaseException as error:
            return self.fail(error)
        source = Source(self._channel.read_fd)
        welcome = self._greet(line, source)
        assert choice.carrier is not None
        if choice.carrier.address is not None:
            end_when_closed(source)
        link = choice.carrier.open(source, self._channel.write_fd, welcome.limits)
        kept = journal if welcome.journal else None
        worker = Worker(self._channel, link, toolbox, welcome.limits, self._loops, self._threads, kept)
        self._logs.connect(worker.outbox, link.frames, worker.interrupts, welcome.log_level)
        events = EventSender(worker.outbox, link.frames, worker.interrupts)
        telemetry.connect(events.send)
        if self._threads is not None:
            warn_of_silence(toolbox.adapter)
        worker.serve()
        self._clean_up(toolbox)
        self._logs.end()
        events.end()
        worker.outbox.finish()
        self._loops.close()
        return 0

    def _negotiate(self) -> Choice:
        choice = negotiate(_offer())
        self._skipped = choice.skipped
        if choice.carrier is None:
            raise Refusal("unavailable", "NoTransport", "none of the offered transports can be used")
        return choice

    def _toolbox(self, arguments: Sequence[str], given: object | None) -> Toolbox:
        named, generic, rest = parse_arguments(arguments)
        if given is None:
            adapter = load_adapter(named or DEFAULT_ADAPTER, rest)
        else:
            adapter = prepare_adapter(given, rest)
        self._choose_profile(adapter)
        create = None if given is adapter else lambda: prepare_adapter(type(adapter), rest)
        offered = generic or (given is None and named is None)
        toolbox = Toolbox(adapter, instances_of(adapter, create), GenericCalls() if offered else None)
        for _session, one in toolbox.remaining():
            initialize = find_hook(one, "initialize")
            if initialize is not None:
                self._finish(initialize())
        return toolbox

    def _choose_profile(self, adapter: object) -> None:
        """After the import of the adapter, which may switch the interpreter's lock on."""
        self._threads = take_profile(objects(adapter))
        if self._threads is not None:
            require_no_objection(adapter)
            self._loops = LoopThread()

    def _clean_up(self, toolbox: Toolbox) -> None:
        for session, one in toolbox.remaining():
            scope = current_scope.set(None if session is None else Farewell(session))
            self._finish(clean_up(one))
            current_scope.reset(scope)

    def _finish(self, outcome: Any) -> None:
        if inspect.isawaitable(outcome):
            self._loops.run(outcome)

    def _greet(self, line: bytes, source: Source) -> Welcome:
        try:
            write_all(self._channel.write_fd, line)
            return read_welcome(source)
        except (OSError, EOFError):
            end_with_host()
        except ProtocolError as error:
            end_by_fault(f"protocol error: {error}")


def _offer() -> list[str]:
    text = os.environ.pop("SNAKEPIT_OFFER", '["json"]')
    try:
        offer = json.loads(text)
    except ValueError:
        offer = None
    if not isinstance(offer, list):
        raise Refusal(
            "unavailable", "NoTransport", f"SNAKEPIT_OFFER is not a list of transports: {text[:200]!r}"
        )
    return [str(name) for name in offer]
