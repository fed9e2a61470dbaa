"""Strings that are not valid Unicode."""

from __future__ import annotations

from typing import Any

from snakepit_bridge._wire.errors import Unrepresentable


def find_surrogate(value: Any) -> None:
    """Looks for what kept a value from being encoded.

    :raises Unrepresentable: with the path to the first string that is not valid Unicode.
    """
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Unrepresentable("a string with a lone surrogate") from None
    elif isinstance(value, (dict, list, tuple)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            try:
                find_surrogate(key)
                find_surrogate(item)
            except Unrepresentable as error:
                raise error.within(key) from None
