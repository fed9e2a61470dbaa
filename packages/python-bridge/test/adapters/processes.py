"""Tools that make processes in every way that Python has."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from typing import Any


def square(number: int) -> int:
    print("in the pool", number)
    return number * number


class Processes:
    def pid(self) -> int:
        return os.getpid()

    def echo(self, value: Any) -> Any:
        return value

    def fork_and_return(self) -> int:
        """Both processes return from here."""
        return os.fork()

    def fork_and_raise(self) -> int:
        child = os.fork()
        if child == 0:
            raise ValueError("in the child")
        return child

    async def fork_in_coroutine(self) -> int:
        return os.fork()

    def fork_while_streaming(self, n: int) -> Any:
        for number in range(n):
            if number == n // 2:
                os.fork()
            yield number

    def fork_in_thread(self) -> int:
        children: list[int] = []
        thread = threading.Thread(target=lambda: children.append(os.fork()))
        thread.start()
        thread.join()
        return children[0]

    def reap(self, pid: int) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def pool(self, method: str, n: int) -> list[int]:
        with multiprocessing.get_context(method).Pool(2) as pool:
            return pool.map(square, range(n))

    def executor(self, method: str, n: int) -> list[int]:
        with ProcessPoolExecutor(2, multiprocessing.get_context(method)) as executor:
            return list(executor.map(square, range(n)))

    def shell(self, command: str) -> str:
        return subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout

    def daemonize(self) -> int:
        """A process that leaves the worker's group and holds everything it inherited."""
        read, write = os.pipe()
        if os.fork() == 0:
            os.setsid()
            os.write(write, b"%d" % os.getpid())
            os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)"])
        return int(os.read(read, 100))
