"""Sources that a figure depends on, and a hash that changes with them.

The sources of a module are the modules that it imports, directly and through others, within this repository,
the kernels among them, the weights beside them, and those of our own nets that it names.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = frozenset({"benchmarks", "imgcore", "lab", "models", "server", "synthetic"})
"""Top-level packages whose modules count as sources."""
BYSTANDERS = frozenset({"benchmarks.report", "benchmarks.gate.probe", "benchmarks.gate.show"})
"""Modules that are imported for texts and pictures, and change no figure."""
DIGITS = 16
"""Hexadecimal digits of a hash: enough for files of one repository."""


def sources_hash(modules: Iterable[str], weights: Sequence[str] = ("*",), root: Path = ROOT) -> str:
    """Return the hash of all sources of some modules.

    Parameters
    ----------
    modules
        Dotted names.
    weights
        Patterns of file names in ``models/own``, of the nets that the modules use.

    Raises
    ------
    FileNotFoundError
        A module is not in the repository.
    """
    files = set().union(*(closure(module, root) for module in modules))
    nets = {path for pattern in weights for path in (root / "models" / "own").glob(pattern)}
    digest = hashlib.sha256()
    for path in sorted(files | nets):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(_content_hash(path))
    return digest.hexdigest()[:DIGITS]


@cache
def closure(module: str, root: Path = ROOT) -> frozenset[Path]:
    """Return the files of a module and of all that it imports within the repository.

    Raises
    ------
    FileNotFoundError
        The module is not in the repository.
    """
    found: set[Path] = set()
    waiting = [module]
    if _file_of(module, root) is None:
        raise FileNotFoundError(f"there is no module {module} in {root}")
    while waiting:
        name = waiting.pop()
        path = None if name in BYSTANDERS else _file_of(name, root)
        if path is not None and path not in found:
            found.add(path)
            waiting += _imported(path, root)
    return frozenset(
        found | {each for path in found for each in (*_kernels_beside(path), *_weights_beside(path))}
    )


def _file_of(module: str, root: Path) -> Path | None:
    """Return the file of a module or package; None where it is none of the repository."""
    if module.partition(".")[0] not in PACKAGES:
        return None
    base = root.joinpath(*module.split("."))
    candidates = (base.with_suffix(".py"), base.with_suffix(".pyx"), base / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)


@cache
def _imported(path: Path, root: Path) -> tuple[str, ...]:
    """Return the names of the modules, and of packages above them, that a file imports anywhere in it."""
    if path.suffix != ".py":
        return ()
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return tuple(sorted(each for name in names for each in _with_packages(name, root)))


def _with_packages(name: str, root: Path) -> Iterator[str]:
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        dotted = ".".join(parts[:count])
        if _file_of(dotted, root) is not None:
            yield dotted


def _kernels_beside(path: Path) -> Iterator[Path]:
    """Yield the Cython files of a kernel's module: its own, and what that includes."""
    if path.parent.name == "kernels":
        own = path.with_name(f"_{path.stem}.pyx")
        if own.is_file():
            yield own
            yield from path.parent.glob("*.pxd")


def _weights_beside(path: Path) -> Iterator[Path]:
    """Yield the weights that lie in the folder of a module of the picture core."""
    if "imgcore" in path.parts:
        yield from path.parent.glob("*.npz")


@cache
def _content_hash(path: Path) -> bytes:
    """Return the hash of a file; of Python its code alone, for comments and docstrings change no figure."""
    content = path.read_bytes()
    if path.suffix == ".py":
        content = ast.dump(_WithoutDocstrings().visit(ast.parse(content))).encode()
    return hashlib.sha256(content).digest()


class _WithoutDocstrings(ast.NodeTransformer):
    """Removes statements that are a text alone."""

    def visit_Expr(self, node: ast.Expr) -> ast.stmt | None:
        text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if text else node
