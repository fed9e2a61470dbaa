"""Another name for ``snakepit_bridge.base_adapter``."""

from snakepit_bridge.base_adapter import BaseAdapter, tool

__all__ = ["BaseAdapter", "tool"]
