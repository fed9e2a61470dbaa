"""The tools of the host, as a tool sees them through its context."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

if TYPE_CHECKING:
    from snakepit_bridge.session_context import Host

_LIST = "snakepit.tools.list"


class HostToolInfo(TypedDict):
    """What the host says of one of its tools."""

    name: str
    description: str
    #: Iterate over ``stream(...)`` instead of calling it.
    streaming: bool
    #: Each with ``name``, ``type`` and ``required``, maybe ``default``; empty when nothing is declared.
    parameters: list[dict[str, Any]]
    #: Only calls of this session see it.
    session: bool


class HostStream(Protocol):
    """What a tool of the host yields: use ``for``, or ``async for`` in a coroutine. Single use.

    The tool is called when the first item is asked for, and runs at most 64 items (of 64 KiB each) ahead. It
    is stopped by ``close()``, and when the stream is left and nobody holds it any more. What a generator of
    the host returns is the last item, unless it is nothing; a tool that does not stream gives its result as
    the only one. While an item is awaited, calls that the host's tool makes to this worker are served.

    :raises HostToolError: the tool failed; the items before that were valid.
    :raises NotSerializableError: an argument cannot travel.
    :raises CallCancelled: the call being served was cancelled (a coroutine sees ``CancelledError``).
    :raises RuntimeError: the call being served has ended; or ``for`` was used in a coroutine.
    """

    def __iter__(self) -> HostStream: ...

    def __next__(self) -> Any: ...

    def __aiter__(self) -> HostStream: ...

    def __anext__(self) -> Awaitable[Any]: ...

    def close(self) -> None:
        """Stops the tool. Never blocks, may be repeated."""

    async def aclose(self) -> None:
        """The same, for ``contextlib.aclosing``."""


class HostTool:
    """A tool of the host that is called like a function, with named arguments."""

    __slots__ = ("_host", "_name")

    def __init__(self, host: Host, name: str) -> None:
        self._host = host
        self._name = name

    def __call__(self, /, **arguments: Any) -> Any:
        """``ctx.call_host_tool`` with this tool's name."""
        return self._host.call(self._name, arguments)

    def stream(self, /, **arguments: Any) -> HostStream:
        """``ctx.stream_host_tool`` with this tool's name."""
        return self._host.stream(self._name, arguments)

    def __repr__(self) -> str:
        return f"<host tool {self._name!r}>"


class HostTools:
    """``tools.lookup(id=3)`` calls the host's tool ``lookup``; ``tools["a.b"]`` is for other names.

    A name is looked up when the tool is called, so making a proxy costs nothing and never fails. Iterating,
    ``in`` and ``dir`` ask the host which tools this call may use.
    """

    __slots__ = ("_host",)

    def __init__(self, host: Host) -> None:
        self._host = host

    def __getattr__(self, name: str) -> HostTool:
        # Python itself asks for such names, to copy or to show an object.
        if name.startswith("_"):
            raise AttributeError(name)
        return HostTool(self._host, name)

    def __getitem__(self, name: str) -> HostTool:
        return HostTool(self._host, name)

    def __iter__(self) -> Iterator[str]:
        return iter(list_host_tools(self._host))

    def __contains__(self, name: object) -> bool:
        return name in list_host_tools(self._host)

    def __dir__(self) -> list[str]:
        return list(self)


def list_host_tools(host: Host) -> dict[str, HostToolInfo]:
    """Those that the call being served may use, by name, as they are now."""
    return {tool["name"]: tool for tool in host.call_blocking(_LIST, {})}
