"""Which fields a frame has, and what may stand in them."""

from __future__ import annotations

from typing import Any, Callable

from snakepit_bridge._wire.errors import ProtocolError
from snakepit_bridge._wire.frames import Deferred
from snakepit_bridge._wire.limits import MAX_SAFE_INTEGER

Check = Callable[[Any], bool]


def _id(value: Any) -> bool:
    return type(value) is int and 0 < value <= MAX_SAFE_INTEGER


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_SAFE_INTEGER


def _integer(value: Any) -> bool:
    return type(value) is int


def _number(value: Any) -> bool:
    return type(value) is int or type(value) is float


def _flag(value: Any) -> bool:
    return type(value) is bool


def _text(value: Any) -> bool:
    return type(value) is str


def _any(_value: Any) -> bool:
    return True


def _map(value: Any) -> bool:
    return type(value) is dict


def _arguments(value: Any) -> bool:
    return type(value) is dict or isinstance(value, Deferred)


def _strings(value: Any) -> bool:
    return type(value) is dict and all(type(item) is str for item in value.values())


def _measurements(value: Any) -> bool:
    return type(value) is dict and all(_number(item) or type(item) is dict for item in value.values())


def _level(value: Any) -> bool:
    return value in ("debug", "info", "warn", "error")


def _error(value: Any) -> bool:
    if type(value) is not dict or not all(
        type(value.get(name)) is str for name in ("code", "type", "message")
    ):
        return False
    return _absent_or(_text, value.get("traceback")) and _absent_or(_flag, value.get("retryable"))


def _absent_or(check: Check, value: Any) -> bool:
    return value is None or check(value)


_CALL: dict[str, Check] = {"id": _id, "tool": _text, "args": _arguments}
_CALL_OPTIONS: dict[str, Check] = {
    "stream": _flag,
    "credit": _count,
    "session": _text,
    "deadlineMs": _number,
    "parent": _id,
    "meta": _strings,
}
#: For each type of frame its required and its optional fields.
_FRAMES: dict[str, tuple[dict[str, Check], dict[str, Check]]] = {
    "call": (_CALL, _CALL_OPTIONS),
    "result": ({"id": _id, "value": _any}, {"meta": _strings}),
    "chunk": ({"id": _id, "seq": _count, "value": _any}, {"final": _flag, "meta": _strings}),
    "error": ({"id": _id, "error": _error}, {}),
    "cancel": ({"id": _id}, {"reason": _text, "recall": _flag}),
    "credit": ({"id": _id, "n": _count}, {}),
    "ping": ({"nonce": _integer}, {}),
    "pong": ({"nonce": _integer}, {}),
    "log": ({"level": _level, "message": _text}, {"logger": _text, "call": _id}),
    "event": ({"name": _text, "measurements": _measurements, "metadata": _map}, {}),
    "drain": ({"graceMs": _number}, {}),
    "segment": ({"segment": _id, "fd": _count, "capacity": _id}, {}),
    "release": ({"segment": _count}, {}),
    "forget": ({"segment": _id}, {}),
}


def check(frame: dict[str, Any]) -> str | None:
    """The frame's type, or None for one that is to be ignored.

    :raises ProtocolError: the frame is of an unknown type, or a field is missing or wrong.
    """
    kind = frame.get("type")
    if kind == "call":
        check_call(frame)
        return "call"
    if type(kind) is not str:
        raise ProtocolError("a frame without a type")
    fields = _FRAMES.get(kind)
    if fields is None:
        if kind.startswith("x-"):
            return None
        raise ProtocolError(f"an unknown frame type {kind[:40]!r}")
    required, optional = fields
    for name, test in required.items():
        if name not in frame or not test(frame[name]):
            raise _wrong(kind, name)
    for name, test in optional.items():
        if not _absent_or(test, frame.get(name)):
            raise _wrong(kind, name)
    return kind


def check_call(frame: dict[str, Any]) -> None:
    """The same for a call, the most frequent frame, at half the price."""
    try:
        id, tool, args = frame["id"], frame["tool"], frame["args"]
    except KeyError as missing:
        raise _wrong("call", missing.args[0]) from None
    if type(id) is not int or not 0 < id <= MAX_SAFE_INTEGER:
        raise _wrong("call", "id")
    if type(tool) is not str:
        raise _wrong("call", "tool")
    if type(args) is not dict and not _arguments(args):
        raise _wrong("call", "args")
    options = len(frame) - len(_CALL) - 1
    if options and not (options == 1 and type(frame.get("deadlineMs")) is int):
        for name, value in frame.items():
            test = _CALL_OPTIONS.get(name)
            if test is not None and value is not None and not test(value):
                raise _wrong("call", name)


def _wrong(kind: str, name: str) -> ProtocolError:
    return ProtocolError(f"{kind}: {name} is missing or of the wrong type")
