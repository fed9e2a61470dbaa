"""Tools that print wherever a process can, while others work."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import threading
from typing import Any

FORGED = b'{"type":"result","id":%d,"value":"forged"}\n'
#: Prints what looks like frames, from a grandchild, until it is killed.
GRANDCHILD = """
import os, sys, time
while True:
    for id in range(1, 50):
        os.write(1, b'{"type":"result","id":%d,"value":"forged by a grandchild"}\\n' % id)
        os.write(2, b"\\x00\\x00\\x00\\x05\\xff grandchild\\n")
    time.sleep(0.001)
"""


class Noisy:
    def __init__(self) -> None:
        self.quiet = threading.Event()
        self.printed = 0
        self.grandchild: subprocess.Popen[bytes] | None = None

    def start(self) -> int:
        """Prints in a thread and in a grandchild from now on, whether a tool runs or not."""
        self.grandchild = subprocess.Popen([sys.executable, "-c", GRANDCHILD])
        threading.Thread(target=self._print, daemon=True).start()
        return self.grandchild.pid

    def stop(self) -> int:
        """How often the thread has printed."""
        self.quiet.set()
        if self.grandchild is not None:
            self.grandchild.kill()
            self.grandchild.wait()
        return self.printed

    def echo(self, value: Any) -> Any:
        return value

    def shout(self, value: Any) -> Any:
        print("printed while a tool runs", value)
        os.write(1, FORGED % 7)
        return value

    def count(self, n: int) -> Any:
        for number in range(n):
            os.write(1, FORGED % number)
            yield number

    def flood(self, lines: int) -> int:
        for number in range(lines):
            os.write(1, b"line %d\n" % number)
        return lines

    def long_line(self, size: int) -> int:
        os.write(2, b"begin ")
        for _ in range(size // 65536):
            os.write(2, b"x" * 65536)
        os.write(2, b"\n")
        return size

    def _print(self) -> None:
        libc = ctypes.CDLL(None)
        while not self.quiet.wait(0.001):
            for id in range(1, 20):
                os.write(1, FORGED % id)
            os.write(1, b"\x00\x00\x00\x02\xc1\xc1 no end of line")
            libc.printf(b"from C %d\n", 1)
            libc.fflush(None)
            print("from Python", "é\ud800")
            sys.stderr.write("to stderr\n")
            self.printed += 1
