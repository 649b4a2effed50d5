"""Warming: no job compiles."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from soundrack import composition

_FOLDER = Path(composition.__file__).parent
_PACKAGE = _FOLDER.parent
_RUN = """
from soundrack import composition
from soundrack.audio import kernels
composition.warm()
for each in kernels._KERNELS:
    if each.overloads:
        print(each.py_func.__module__, each.py_func.__name__)
"""


def _module(path: Path) -> str:
    return ".".join(("soundrack", *path.relative_to(_PACKAGE).with_suffix("").parts))


def _is_kernel(function: ast.FunctionDef) -> bool:
    return any(ast.unparse(each) == "kernel" for each in function.decorator_list)


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _called(folders: tuple[Path, ...]) -> Iterator[str]:
    """Return the kernels that are called by what is no kernel, as they are called there: module and name."""
    for path in (path for folder in folders for path in folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        used = {name for each in functions if not _is_kernel(each) for name in _names(ast.Module(each.body, []))}
        yield from (f"{_module(path)} {each.name}" for each in functions if _is_kernel(each) and each.name in used)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                yield from (f"{node.module} {alias.name}" for alias in node.names if alias.name in used)


def _kernels(folder: Path) -> set[str]:
    return {
        f"{_module(path)} {node.name}"
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and _is_kernel(node)
    }


def test_after_warming_every_kernel_that_is_called_is_loaded() -> None:
    entries = set(_called((_FOLDER,))) & _kernels(_FOLDER)
    assert len(entries) > 30
    done = subprocess.run([sys.executable, "-c", _RUN], capture_output=True, text=True, check=True)
    assert entries <= set(done.stdout.splitlines())
