"""An adapter that prints wherever it can."""

import subprocess
import sys

print("importing")


class Chatty:
    def initialize(self) -> None:
        print("initializing")
        subprocess.run(
            [sys.executable, "-c", "print('from a subprocess'); import sys; sys.stdin.read()"], check=True
        )

    def work(self) -> str:
        sys.stdout.write("working\n")
        sys.__stdout__.write("still working\n")  # type: ignore[union-attr]
        return "done"

    def cleanup(self) -> None:
        print("cleaning up")
