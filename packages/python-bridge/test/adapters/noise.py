"""Tools that are as loud as a process can be."""

from __future__ import annotations

import ctypes
import logging
import os
import subprocess
import sys
from typing import Any


class Noise:
    def print_lines(self, n: int) -> int:
        for number in range(n):
            print("line", number)
        return n

    def write_everywhere(self, text: str) -> str:
        """To descriptor 1 by every way that goes around ``print``."""
        os.write(1, b"straight to descriptor 1: not a frame\n")
        libc = ctypes.CDLL(None)
        libc.puts(b'{"type":"result","id":1,"value":"forged in C"}')
        libc.fflush(None)
        forged = '{"type":"result","id":2,"value":"forged in a subprocess"}'
        subprocess.run([sys.executable, "-c", f"print({forged!r})"], check=True)
        subprocess.run(["sh", "-c", "echo from a shell; echo to its stderr >&2"], check=True)
        sys.__stdout__.write("through __stdout__\n")  # type: ignore[union-attr]
        sys.stderr.write("to stderr\n")
        return text

    def read_stdin(self) -> dict[str, Any]:
        """There is nothing to read, for the tool and for its children."""
        child = subprocess.run(
            [sys.executable, "-c", "import sys; print(len(sys.stdin.read()))"], capture_output=True
        )
        return {
            "read": sys.stdin.read(),
            "line": sys.stdin.readline(),
            "bytes": os.read(0, 100),
            "child": child.stdout.decode().strip(),
        }

    def ask(self) -> str:
        return input("a question that nobody hears: ")

    def print_while_streaming(self, n: int) -> Any:
        for number in range(n):
            os.write(1, b"x" * 1000 + b"\n")
            print(number, end="")
            yield number

    def odd_text(self) -> str:
        """What is no text, and what would move the cursor of a terminal."""
        os.write(1, b"\xff\xfe not UTF-8\n")
        print("a lone surrogate: \ud800")
        print("\x1b[2Jcleared \x07")
        print("no end of line", end="", flush=True)
        return "done"

    def close_stdout(self) -> str:
        os.close(1)
        sys.stdout = None
        return "closed"

    def speak(self) -> None:
        print("printed")
        sys.stderr.write("complained\n")
        for level in ("debug", "info", "warning", "error", "critical"):
            getattr(logging.getLogger("app.models"), level)("logged %s", level)
