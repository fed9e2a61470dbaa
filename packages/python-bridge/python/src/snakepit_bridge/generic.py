"""Calls of any Python function, and objects kept for later calls, with no adapter at all."""

from __future__ import annotations

import importlib
import inspect
import re
import reprlib
import threading
from collections.abc import Awaitable
from types import ModuleType
from typing import Any, Callable, Optional, Union

from snakepit_bridge.lent import lend
from snakepit_bridge.session_context import SessionContext

#: Of one session, and of all calls outside of any.
MAX_OBJECTS = 1_000
#: Private names that may be called nevertheless: what Python writes as an operator or a function.
ALLOWED = frozenset(
    f"__{name}__"
    for name in ("call", "len", "getitem", "setitem", "delitem", "contains", "iter", "next", "str", "repr")
)
_STORED = "stored"
_NOTHING = object()
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z", re.ASCII)
_REPR_LENGTH = 200
_REPR_ITEMS = 10


class UnknownTarget(LookupError):
    """There is nothing of this name, or it must not be reached from outside."""


class UnknownObject(LookupError):
    """Nothing is stored under this name."""


class TooManyObjects(RuntimeError):
    """1,000 objects are stored; delete some."""


class _ShortRepr(reprlib.Repr):
    """Looks at the beginning of large values alone."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxstring = self.maxother = self.maxlong = _REPR_LENGTH
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = self.maxfrozenset = _REPR_ITEMS
        self.maxdeque = self.maxarray = _REPR_ITEMS

    def repr_bytes(self, value: bytes, _level: int) -> str:
        return repr(value[:_REPR_LENGTH])

    repr_bytearray = repr_bytes


_short = _ShortRepr()


class GenericCalls:
    """The tools ``python.call``, ``python.get``, ``python.store`` and so on.

    A *target* is ``module.attribute.…``, for instance ``statistics.mean`` or ``builtins.len``, or
    ``stored.NAME.attribute.…``. Names that begin with ``_`` are refused, except ``ALLOWED``.
    What is stored belongs to the session of the call, or to the worker for calls outside of any session. An
    iterator or a file that is stored stays open: asked for, it is described; a stream of it takes its items.
    """

    def __init__(self) -> None:
        self._objects: dict[str | None, dict[str, Any]] = {}
        #: Held between counting what is stored and storing more.
        self._keeping = threading.Lock()

    def call(
        self,
        ctx: SessionContext,
        target: str,
        args: Optional[Union[list[Any], dict[str, Any]]] = None,
        kwargs: Optional[dict[str, Any]] = None,
        store_as: Optional[str] = None,
    ) -> Any:
        """Calls a function, a class or a stored object and returns the result.

        ``args`` are positional arguments, or named ones when it is a map. With ``store_as`` the result is
        kept under that name, and the answer describes it: ``{"stored", "type", "repr"}``.
        """
        if store_as is not None:
            _check_name(store_as)
        function = self._find(ctx, target)
        if not callable(function):
            raise UnknownTarget(f"{target!r} is a {type(function).__name__} and cannot be called")
        positional = args if isinstance(args, list) else ()
        named = args if isinstance(args, dict) else {}
        result = function(*positional, **named, **(kwargs or {}))
        if store_as is None:
            return lend(result) if self._is_kept(ctx, function, result) else result
        if inspect.isawaitable(result):
            return self._keep_awaited(ctx, store_as, result)
        self._keep(ctx, store_as, result)
        return _describe(store_as, result)

    def get(self, ctx: SessionContext, target: str) -> Any:
        """The value of an attribute: ``math.pi``, ``stored.model.coef_``."""
        return lend(self._find(ctx, target))

    def store(self, ctx: SessionContext, name: str, value: Any) -> None:
        """Keeps a value under a name, in place of what was there."""
        self._keep(ctx, name, value)

    def retrieve(self, ctx: SessionContext, name: str) -> Any:
        """What is stored under a name."""
        return lend(self._stored(ctx, name))

    def delete(self, ctx: SessionContext, name: str) -> bool:
        """Lets go of what is stored under a name. Whether there was something."""
        return self._objects.get(ctx.session_id, {}).pop(name, _NOTHING) is not _NOTHING

    def list_all(self, ctx: SessionContext) -> Any:
        """What is stored: ``[{"stored", "type", "repr"}]``."""
        objects = self._objects.get(ctx.session_id, {})
        return [_describe(name, value) for name, value in list(objects.items())]

    @property
    def tools(self) -> dict[str, Callable[..., Any]]:
        """What the host can call, by name."""
        return {
            "python.call": self.call,
            "python.get": self.get,
            "python.store": self.store,
            "python.retrieve": self.retrieve,
            "python.delete": self.delete,
            "python.list": self.list_all,
        }

    def end_session(self, session: str) -> None:
        """Lets go of everything that a session has stored."""
        self._objects.pop(session, None)

    async def _keep_awaited(self, ctx: SessionContext, name: str, result: Awaitable[Any]) -> Any:
        value = await result
        self._keep(ctx, name, value)
        return _describe(name, value)

    def _keep(self, ctx: SessionContext, name: str, value: Any) -> None:
        _check_name(name)
        with self._keeping:
            objects = self._objects.setdefault(ctx.session_id, {})
            if name not in objects and len(objects) >= MAX_OBJECTS:
                raise TooManyObjects(f"{MAX_OBJECTS} objects are stored already; delete some")
            # What was there goes after the lock: its end may be code that stores something itself.
            former = objects.get(name)
            objects[name] = value
        del former

    def _is_kept(self, ctx: SessionContext, function: Any, result: Any) -> bool:
        """Whether a call has given back what was there before it, as ``__iter__`` and ``__enter__`` do."""
        kept = (getattr(function, "__self__", None), *list(self._objects.get(ctx.session_id, {}).values()))
        return any(result is each for each in kept)

    def _stored(self, ctx: SessionContext, name: str) -> Any:
        try:
            return self._objects.get(ctx.session_id, {})[name]
        except KeyError:
            where = "outside of any session" if ctx.session_id is None else "in this session"
            raise UnknownObject(f"nothing is stored as {name!r} {where} on this worker") from None

    def _find(self, ctx: SessionContext, target: str) -> Any:
        parts = target.split(".")
        for part in parts:
            if not part or (part.startswith("_") and part not in ALLOWED):
                raise UnknownTarget(f"{target!r} has a part that is empty or private: {part!r}")
        if parts[0] != _STORED:
            return _find_public(target, parts)
        if len(parts) == 1:
            raise UnknownTarget("write 'stored.NAME' or 'stored.NAME.attribute'")
        found = self._stored(ctx, parts[1])
        for part in parts[2:]:
            found = _attribute(found, part, target)
        return found


def _find_public(target: str, parts: list[str]) -> Any:
    """As Python itself finds it: submodules are imported where an attribute is missing."""
    found: Any = _import(parts[0], target)
    for index, part in enumerate(parts[1:], 2):
        if isinstance(found, ModuleType) and not hasattr(found, part):
            found = _import(".".join(parts[:index]), target)
        else:
            found = _attribute(found, part, target)
    return found


def _attribute(found: Any, name: str, target: str) -> Any:
    try:
        return getattr(found, name)
    except AttributeError:
        raise UnknownTarget(f"{target!r}: a {type(found).__name__} has no attribute {name!r}") from None


def _import(name: str, target: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (error.name == name or name.startswith(f"{error.name}.")):
            raise
        hint = f"; a built-in function is 'builtins.{target}'" if "." not in target else ""
        raise UnknownTarget(f"{target!r}: there is nothing named {name!r}{hint}") from None


def _check_name(name: str) -> None:
    if not isinstance(name, str) or not _NAME.match(name):
        raise ValueError(f"{name!r} is no name for an object; use at most 64 of A-Z a-z 0-9 _ -")


def _describe(name: str, value: Any) -> dict[str, str]:
    kind = type(value)
    try:
        text = _short.repr(value)[:_REPR_LENGTH]
    except Exception:
        text = f"<{kind.__qualname__}>"
    return {"stored": name, "type": f"{kind.__module__}.{kind.__qualname__}", "repr": text}
