"""Prints `file:line: message` for every Python function longer than a limit.

Usage: long_functions.py LIMIT FILE...   (lines count from `def` to the end of the body, decorators excluded)
"""

import ast
import sys
from pathlib import Path


def main(limit: int, files: "list[str]") -> None:
    for file in files:
        for node in ast.walk(ast.parse(Path(file).read_text("utf-8"), file)):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > limit:
                print(f"{file}:{node.lineno}: {node.name} has {length} lines, at most {limit} are allowed")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
