"""Work that outlives a request is supervised: its failure is logged, counted and, where asked for, mended.

A task passes that is a local name of the function which makes it and waits for it, or gives it up, there. One
that is kept in an attribute or a container, handed on or dropped goes through `server.background`.
"""

from __future__ import annotations

import ast

from tests.architecture.tree import ROOT

SERVER = ROOT / "server"
SUPERVISOR = SERVER / "background.py"
STARTERS = {"create_task", "ensure_future", "Thread", "Timer", "start_new_thread", "run_coroutine_threadsafe"}
WAITED_BY = {"wait", "wait_for", "gather", "shield", "as_completed"}

EXCUSED: dict[str, str] = {}
"""``file:function`` -> why what it starts needs no supervisor."""
PENDING: dict[str, str] = {}


class Starts(ast.NodeVisitor):
    """Finds what a module starts and nobody waits for where it is started."""

    def __init__(self) -> None:
        self.found: list[tuple[str, int]] = []
        self._functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
