"""Finds, imports and creates the adapter that the command line names."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from snakepit_bridge._worker.failures import Refusal

DEFAULT_ADAPTER = "snakepit_bridge.adapters.showcase:ShowcaseAdapter"
_GENERIC = "--generic"


class CommandLine(NamedTuple):
    """What stood on the command line. ``adapter`` is None where none is named."""

    adapter: str | None
    #: Whether it asks for ``python.call`` and so on.
    generic: bool
    #: For the adapter.
    rest: list[str]


def parse_arguments(arguments: Sequence[str]) -> CommandLine:
    """Takes out what the adapter need not know."""
    rest = list(arguments)
    spec: str | None = None
    for index, word in enumerate(rest):
        if word == "--adapter" and index + 1 < len(rest):
            spec = rest[index + 1]
            del rest[index : index + 2]
            break
        if word.startswith("--adapter="):
            spec = word.partition("=")[2]
            del rest[index]
            break
    generic = _GENERIC in rest
    if generic:
        rest.remove(_GENERIC)
    return CommandLine(spec, generic, rest)


def load_adapter(spec: str, arguments: Sequence[str]) -> object:
    """Creates the adapter named ``pkg.mod:Class``, ``pkg.mod.Class`` or ``./file.py:Class``.

    :raises Refusal: the name cannot be right; the message says what to do.
    :raises Exception: whatever its module or its constructor raises.
    """
    place, name = _split(spec)
    module = _import_file(place) if place.endswith(".py") else _import_module(place, spec)
    found = getattr(module, name, None)
    if found is None:
        raise _bad(f"{place} has no class {name!r}; {_classes_of(module)}")
    if not isinstance(found, type):
        raise _bad(f"{spec!r} names a {type(found).__name__}; an adapter is a class")
    return prepare_adapter(found, arguments)


def prepare_adapter(given: object, arguments: Sequence[str]) -> object:
    """Makes an adapter of a class, or takes one as it is, and gives it its arguments.

    :raises Exception: whatever the constructor raises.
    """
    adapter: Any = given() if isinstance(given, type) else given
    if hasattr(adapter, "adapter_args"):
        adapter.adapter_args = list(arguments)
    return adapter


def _bad(message: str) -> Refusal:
    return Refusal("internal", "AdapterError", message)


def _split(spec: str) -> tuple[str, str]:
    place, colon, name = spec.rpartition(":")
    if not colon:
        place, _, name = spec.rpartition(".")
    dotted = all(part.isidentifier() for part in place.split("."))
    in_file = place.endswith(".py") and bool(colon) and ".." not in Path(place).parts
    if not name.isidentifier() or not (dotted or in_file):
        raise _bad(
            f"{spec!r} does not name an adapter; "
            "write 'package.module:Class' or './file.py:Class', without '..'"
        )
    return place, name


def _import_module(place: str, spec: str) -> ModuleType:
    try:
        return importlib.import_module(place)
    except ModuleNotFoundError as error:
        if error.name is None or not (place == error.name or place.startswith(f"{error.name}.")):
            raise
        looked = ", ".join(entry or str(Path.cwd()) for entry in sys.path[:3])
        raise _bad(
            f"no module named {error.name!r} for the adapter {spec!r}; "
            f"looked in {looked} and the installed packages. "
            "Set the working directory or PYTHONPATH to where it is, or install it for "
            f"{sys.executable}"
        ) from error


def _import_file(place: str) -> ModuleType:
    path = Path(place).resolve()
    if not path.is_file():
        raise _bad(f"there is no file {path}")
    # Its neighbours can be imported, as for a script, and a child of `multiprocessing` finds it again.
    sys.path.insert(0, str(path.parent))
    if path.stem.isidentifier() and _is_file_of(path.stem, path):
        return importlib.import_module(path.stem)
    name = f"{path.stem}_adapter_file"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise _bad(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _is_file_of(name: str, path: Path) -> bool:
    """Whether ``import name`` would find this very file, and nothing that has the name already."""
    if name in sys.modules:
        return False
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.origin is not None and Path(spec.origin).resolve() == path


def _classes_of(module: ModuleType) -> str:
    names = [
        name
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__
    ]
    return f"its classes are {', '.join(names)}" if names else "it has no class at all"
