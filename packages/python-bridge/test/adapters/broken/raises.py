"""Cannot be created."""

from __future__ import annotations

import sys


class Raises:
    def __init__(self) -> None:
        sys.stderr.write("opening the model\n")
        raise RuntimeError("no model at /models/big.bin")


class RaisesLater:
    def initialize(self) -> None:
        try:
            raise KeyError("token")
        except KeyError as error:
            raise RuntimeError("cannot log in") from error


class Exits:
    def __init__(self) -> None:
        sys.exit("leaving")
