"""What can be wrong with a frame."""

from __future__ import annotations


class ProtocolError(Exception):
    """The peer broke the protocol; the connection ends."""


class Unrepresentable(Exception):
    """A value cannot travel. Gathers the path to the culprit on its way up."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.steps: list[str] = []

    def within(self, key: object) -> Unrepresentable:
        """Adds the step that leads to where the value was found."""
        self.steps.append(_step(key))
        return self

    def describe(self, root: str) -> str:
        """For people; a path too long to read is cut."""
        path = "".join(reversed(self.steps))
        if len(path) > 200:
            path = path[:200] + "…"
        return f"{root}{path}: {self.reason}"


class Unsendable(Exception):
    """A frame cannot be encoded. The message names type and path of the culprit, or the limit."""


def _step(key: object) -> str:
    try:
        text = str(key)
    except Exception:
        # A huge integer has no text, for instance.
        return f"[a key of type {type(key).__name__}]"
    if type(key) is int:
        return f"[{text}]"
    return f".{text}" if text.isidentifier() else f"[{text!r}]"
