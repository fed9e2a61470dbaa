"""Another place to import ``StreamChunk`` and ``tool`` from."""

from snakepit_bridge.streaming import StreamChunk
from snakepit_bridge.tools import tool

__all__ = ["StreamChunk", "tool"]
