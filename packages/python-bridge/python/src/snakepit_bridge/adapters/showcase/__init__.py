"""The adapter that runs when none is named."""

from snakepit_bridge.adapters.showcase.adapter import ShowcaseAdapter

__all__ = ["ShowcaseAdapter"]
