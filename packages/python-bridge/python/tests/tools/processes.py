"""Tools that have to do with processes and descriptors."""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import os
import subprocess
import sys
import time
from typing import Any

from snakepit_bridge import BaseAdapter, SessionContext, tool


def square(number: int) -> int:
    return number * number


class Processes(BaseAdapter):
    @tool
    def fork_and_return(self) -> int:
        return os.fork()

    @tool
    def fork_and_raise(self) -> int:
        child = os.fork()
        if not child:
            raise ValueError("in the child")
        return child

    @tool
    def fork_and_stay(self) -> int:
        """The child outlives the call by ten minutes."""
        child = os.fork()
        if not child:
            time.sleep(600)
        return child

    @tool
    def fork_and_exit(self) -> int:
        child = os.fork()
        if not child:
            sys.exit(5)
        return child

    @tool
    async def async_fork(self) -> int:
        return os.fork()

    @tool
    def fork_and_yield(self, n: int) -> Any:
        for index in range(n):
            if index == n // 2:
                os.fork()
            yield index

    @tool
    def speak_in_child(self, ctx: SessionContext) -> str:
        reader, writer = os.pipe()
        if not os.fork():
            logging.getLogger("child").error("from the child")
            try:
                ctx.call_host_tool("help")
            except RuntimeError as error:
                os.write(writer, str(error).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            return pipe.read()

    @tool
    def reap(self, pid: int) -> int:
        _, status = os.waitpid(pid, 0)
        return os.WEXITSTATUS(status)

    @tool
    def squares(self, method: str) -> list[int]:
        with multiprocessing.get_context(method).Pool(2) as pool:
            return pool.map(square, range(4))

    @tool
    def spawn_child(self) -> int:
        return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid

    @tool
    def hold_gil(self) -> None:
        """A C call that never gives the interpreter lock back."""
        logging.getLogger("tools").info("holding")
        time.sleep(0.05)
        ctypes.PyDLL(None).sleep(600)

    @tool
    def open_descriptors_of_child(self) -> list[str]:
        code = "import os; print(*sorted(os.listdir('/dev/fd')))"
        return subprocess.check_output([sys.executable, "-c", code], close_fds=False, text=True).split()

    @tool
    def descriptors_without_bridge(self) -> list[str]:
        code = "import os; print(*sorted(os.listdir('/dev/fd')))"
        return subprocess.check_output([sys.executable, "-c", code], close_fds=True, text=True).split()

    @tool
    def print_everywhere(self) -> None:
        print("unprintable: \ud800")
        print(f"nothing on stdin: {sys.stdin.read()!r}")
        libc = ctypes.CDLL(None)
        libc.puts(b"from C")
        libc.fflush(None)
        os.write(1, b"straight to the descriptor\n")
        subprocess.run([sys.executable, "-c", "print('from a subprocess')"], check=True)

    @tool
    def log_exception(self, size: int) -> None:
        try:
            raise ValueError("logged")
        except ValueError:
            logging.getLogger("tools").exception("x" * size)
