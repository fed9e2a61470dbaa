"""Tells how it was launched."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Optional

import snakepit_bridge
from snakepit_bridge import BaseAdapter, tool


class Environment(BaseAdapter):
    @tool
    def launched(self) -> dict[str, Any]:
        return {
            "executable": sys.executable,
            "cwd": str(Path.cwd()),
            "args": list(self.adapter_args),
            "bridge": str(Path(snakepit_bridge.__file__).parent),
            "version": snakepit_bridge.__version__,
        }

    @tool
    def variable(self, name: str) -> Optional[str]:
        return os.environ.get(name)

    @tool
    def snakepit_variables(self) -> list[str]:
        return sorted(name for name in os.environ if name.startswith("SNAKEPIT_"))
