"""Commands that are registered by name, the simplest kind of adapter."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple

#: Takes all arguments of a call as one dictionary. Plain, async, a generator or an async generator.
CommandFunction = Callable[[dict[str, Any]], Any]


class Command(NamedTuple):
    """A registered command."""

    function: CommandFunction
    description: str


class BaseCommandHandler:
    """Derive from it and register the commands in ``_register_commands``.

    Serve it with ``ProtocolHandler(handler).run()`` from a script, or name the class as an adapter.
    A subclass with a constructor of its own calls ``super().__init__()``.
    """

    _commands: dict[str, Command]

    def __init__(self) -> None:
        self._commands = {}
        self._register_commands()

    def _register_commands(self) -> None:
        """Calls ``register_command`` for each command. Called once, when the handler is made."""

    def register_command(self, name: str, handler: CommandFunction, description: str = "") -> None:
        """Makes ``handler`` callable from the host; one that has the name already is replaced.

        Registered before the worker is ready, or the host never hears of it.

        :param description: for people; default: the first paragraph of the handler's docstring.
        :raises TypeError: ``handler`` cannot be called.
        """
        if not callable(handler):
            raise TypeError(f"the handler of the command {name!r} cannot be called: {handler!r}")
        self._commands[name] = Command(handler, description)


def commands_of(adapter: object) -> dict[str, Command]:
    """What was registered, by name.

    :raises ValueError: a handler that was never set up.
    """
    if not isinstance(adapter, BaseCommandHandler):
        return {}
    commands = adapter.__dict__.get("_commands")
    if commands is None:
        name = type(adapter).__name__
        raise ValueError(f"{name} has no commands; its __init__ must call super().__init__()")
    return dict(commands)
