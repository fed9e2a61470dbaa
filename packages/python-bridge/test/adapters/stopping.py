"""Tools that are stopped, and remember how that was."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

from snakepit_bridge import CallCancelled


class Stopping:
    def __init__(self) -> None:
        self.notes: list[str] = []

    def pid(self) -> int:
        return os.getpid()

    def recall(self) -> list[str]:
        """What was noted since the last time."""
        notes, self.notes = self.notes, []
        return notes

    def endless(self, pause: float = 0.001) -> Any:
        try:
            number = 0
            while True:
                yield number
                number += 1
                time.sleep(pause)
        except CallCancelled:
            self.notes.append("cancelled")
            raise
        except GeneratorExit:
            self.notes.append("closed")
            raise
        finally:
            self.notes.append("finally")

    async def endless_async(self) -> Any:
        try:
            number = 0
            while True:
                yield number
                number += 1
                await asyncio.sleep(0.001)
        finally:
            self.notes.append("finally")

    def silent_stream(self, touch: str) -> Any:
        """Never gets to its first chunk."""
        try:
            Path(touch).touch()
            time.sleep(600)
            yield "never"
        finally:
            self.notes.append("finally")

    def nap(self, touch: str) -> None:
        try:
            Path(touch).touch()
            time.sleep(600)
        finally:
            self.notes.append("finally")

    def spin(self, touch: str) -> None:
        try:
            Path(touch).touch()
            while True:
                pass
        finally:
            self.notes.append("finally")

    async def nap_async(self, touch: str) -> None:
        try:
            Path(touch).touch()
            await asyncio.sleep(600)
        finally:
            self.notes.append("finally")

    def refuse(self, touch: str, released: str) -> str:
        """Goes on until the file is there, although it was told to stop. It is told once."""
        for _ in range(2):
            try:
                Path(touch).touch()
                while not Path(released).exists():
                    time.sleep(0.01)
                return "a late result"
            except BaseException:
                continue
        return "told twice"
