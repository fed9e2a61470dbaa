"""Scripts that create their adapter themselves and serve it, by ``ProtocolHandler(...).run()``."""

from __future__ import annotations

import sys
import traceback
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Callable

from snakepit_bridge._worker.failures import Refusal

_OPTION = "--script"

#: Serves an adapter on the channel of this worker and returns the exit code.
Serve = Callable[[object], int]

#: Where a script runs in a worker that has taken its channel already: at most one.
_waiting: list[Serve] = []


def parse_script(arguments: Sequence[str]) -> tuple[str, list[str]] | None:
    """The script that the command line names, and the script's own arguments."""
    if len(arguments) < 2 or arguments[0] != _OPTION:
        return None
    return arguments[1], list(arguments[2:])


def run_script(
    path: str, arguments: Sequence[str], serve: Serve, fail: Callable[[BaseException], int]
) -> int:
    """Runs a script as ``python path`` would, and returns its exit code.

    :param fail: tells the host that the worker cannot start, and returns the exit code.
    """
    _waiting[:] = [serve]
    sys.argv = [path, *arguments]
    try:
        _execute(Path(path).resolve())
        if _waiting:
            raise _bad(f"the script {path} ended without ProtocolHandler(...).run()")
    except SystemExit as end:
        if _waiting:
            return fail(_bad(f"the script {path} left before ProtocolHandler(...).run(): {end!r}"))
        return _code_of(end)
    except BaseException as error:
        if _waiting:
            return fail(error)
        # The host has nothing to hear any more.
        traceback.print_exc()
        return 1
    return 0


def serve(adapter: object) -> int:
    """Serves an adapter in this very process; returns the exit code."""
    if _waiting:
        return _waiting.pop()(adapter)
    from snakepit_bridge._worker.main import main

    return main(sys.argv[1:], adapter)


def _execute(path: Path) -> None:
    """As the main module, which stays when it is done: threads of the script may go on."""
    if not path.is_file():
        raise _bad(f"there is no script {path}")
    code = compile(path.read_bytes(), str(path), "exec")
    module = types.ModuleType("__main__")
    module.__file__ = str(path)
    sys.modules["__main__"] = module
    # What lies beside the script can be imported, and a child of `multiprocessing` finds it again.
    sys.path.insert(0, str(path.parent))
    exec(code, vars(module))


def _bad(message: str) -> Refusal:
    return Refusal("internal", "ScriptError", message)


def _code_of(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    sys.stderr.write(f"{end.code}\n")
    return 1
