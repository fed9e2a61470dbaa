"""Write tools in Python and call them from TypeScript through Snakepit.

This file alone is read by interpreters that are too old for the rest, so it keeps to syntax that they know.
"""

import sys

__version__ = "0.1.0"

if sys.version_info < (3, 9):
    import json
    import os

    _found = ".".join(str(number) for number in sys.version_info[:3])
    _message = "snakepit-bridge needs Python 3.9 or newer; %s is Python %s" % (sys.executable, _found)
    _channel = os.environ.get("SNAKEPIT_CHANNEL")
    if _channel:
        _error = {"code": "internal", "type": "UnsupportedPython", "message": _message}
        _hello = json.dumps({"snakepit": 1, "error": _error, "skipped": []}) + "\n"
        os.write(1 if _channel == "stdio" else int(_channel.split(":")[1]), _hello.encode("ascii"))
        os._exit(1)
    raise ImportError(_message)

if sys.argv[:1] == ["-m"]:
    # What this process is goes on to import may take longer than a host that dies should be survived.
    from snakepit_bridge._worker.lifeline import arm_early

    arm_early()

from snakepit_bridge.base_adapter import BaseAdapter
from snakepit_bridge.command_handler import BaseCommandHandler
from snakepit_bridge.core import ProtocolHandler
from snakepit_bridge.errors import (
    CallCancelled,
    HostToolError,
    InvalidVariableError,
    NoSessionError,
    NotSerializableError,
    UnknownProgramError,
    UnknownVariableError,
)
from snakepit_bridge.session_context import SessionContext
from snakepit_bridge.streaming import StreamChunk
from snakepit_bridge.tensor import Tensor
from snakepit_bridge.tools import tool
from snakepit_bridge.variable_aware import VariableAwareMixin

__all__ = [
    "BaseAdapter",
    "BaseCommandHandler",
    "CallCancelled",
    "HostToolError",
    "InvalidVariableError",
    "NoSessionError",
    "NotSerializableError",
    "ProtocolHandler",
    "SessionContext",
    "StreamChunk",
    "Tensor",
    "UnknownProgramError",
    "UnknownVariableError",
    "VariableAwareMixin",
    "__version__",
    "tool",
]
