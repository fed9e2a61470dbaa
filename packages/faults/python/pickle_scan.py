"""Prints every place below a folder that pickles, or lets another library do so, one a line."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

MODULES = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "jsonpickle"}


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def named(node: ast.AST) -> list[str]:
    """`sys.modules["pickle"]`, `import_module("pickle")`."""
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def allows(node: ast.AST) -> bool:
    """`numpy.load(…, allow_pickle=True)`, or without saying so."""
    return isinstance(node, ast.keyword) and node.arg == "allow_pickle" and not _is_false(node.value)


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


for path in sorted(Path(sys.argv[1]).rglob("*.py")):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = imported(node) + named(node)
        if allows(node) or any(name.split(".")[0] in MODULES for name in names):
            print(f"{path}:{getattr(node, 'lineno', 0)}")
