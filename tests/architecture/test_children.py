"""One package starts child processes, so that each is isolated, bounded and seen gone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, parsed, shown

HARNESS = ROOT / "server" / "children"
OURS = ("server", "imgcore", "models")
EXCUSED = {
    ROOT / "models/archives.py": "models import nothing of ours, and pip and npm need the user's environment",
    ROOT / "models/training/finger_stock.py": "run by programmers, outside of any service",
    ROOT / "models/training/verification_stock.py": "run by programmers, outside of any service",
    ROOT / "models/training/whole_page_judge.py": "run by programmers, outside of any service",
}
STARTERS = (
    *("subprocess", "multiprocessing", "_posixsubprocess", "pty", "asyncio.subprocess"),
    *("asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell", "concurrent.futures.process"),
    *("concurrent.futures.ProcessPoolExecutor", "os.system", "os.popen", "os.fork", "os.forkpty"),
    *("os.posix_spawn", "os.posix_spawnp", "os.startfile"),
    *(
        f"os.{kind}{how}"
        for kind in ("exec", "spawn")
        for how in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")
    ),
)
"""Anything that starts a process or becomes another; a module stands for all in it."""
METHODS = frozenset({"subprocess_exec", "subprocess_shell"})
"""Of event loops."""


def starters_in(path: Path) -> set[str]:
    """The names by which a module can start processes, however it imports them."""
    tree = parsed(path)
    known: dict[str, str] = {}
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
            known |= {name.asname: name.name for name in node.names if name.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            known |= {name.asname or name.name: f"{node.module}.{name.name}" for name in node.names}
    used = {*imported, *known.values(), *_attributes(tree, known)}
    return {name for name in used if any(f"{name}.".startswith(f"{starter}.") for starter in STARTERS)} | {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in METHODS
    }


def _attributes(tree: ast.AST, known: dict[str, str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            first, _, rest = ast.unparse(node).partition(".")
            yield f"{known.get(first, first)}.{rest}"


def test_nothing_else_starts_processes() -> None:
    """If not: `server.children` has a way; it sees to the environment, the limits and the end of a child."""
    modules = [path for name in OURS for path in (ROOT / name).rglob("*.py") if HARNESS not in path.parents]
    assert {shown(path) for path in modules if starters_in(path)} == {shown(path) for path in EXCUSED}


def test_the_harness_does() -> None:
    assert {name for path in HARNESS.glob("*.py") for name in starters_in(path)} >= {"subprocess", "os.fork"}


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess",
        "from subprocess import run",
        "import subprocess as s",
        "import asyncio.subprocess",
        "from asyncio.subprocess import PIPE",
        "import asyncio\nasyncio.create_subprocess_exec('ls')",
        "from asyncio import create_subprocess_shell as go",
        "import multiprocessing.pool",
        "from multiprocessing import get_context",
        "from concurrent.futures import ProcessPoolExecutor",
        "import concurrent.futures\nconcurrent.futures.ProcessPoolExecutor()",
        "import os\nos.fork()",
        "import os as o\no.execvp('ls', ['ls'])",
        "from os import posix_spawn",
        "import asyncio\nasyncio.get_running_loop().subprocess_exec(None, 'ls')",
    ],
)
def test_starters_are_noticed(tmp_path: Path, code: str) -> None:
    module = tmp_path / "module.py"
    module.write_text(code)
    assert starters_in(module)


@pytest.mark.parametrize(
    "code", ["import os\nos.getpid()", "from concurrent.futures import ThreadPoolExecutor", "import asyncio"]
)
def test_nothing_else_is(tmp_path: Path, code: str) -> None:
    module = tmp_path / "module.py"
    module.write_text(code)
    assert not starters_in(module)
