"""Work that outlives a request is supervised: its failure is logged, counted and, where asked for, mended.

A task or thread passes that is a local name of the function which starts it and waits for it, or cancels it,
there. One that is kept in an attribute or a container, handed on or dropped goes through
`server.runtime.background`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from tests.architecture.tree import ROOT, parsed

SERVER = ROOT / "server"
SUPERVISOR = SERVER / "runtime" / "background.py"
STARTERS = {"create_task", "ensure_future", "run_coroutine_threadsafe", "Thread", "Timer", "start_new_thread"}
WAITS = {"wait", "wait_for", "gather"}
ENDS = {"cancel", "join"}
KEEPS = {"add", "append", "appendleft"}

OWN_PROCESS = "in a process of its own, which ends with it and which the service watches"
EXCUSED: Mapping[str, str] = {
    "server/decoding/pool.py:run": "awaited there; who gives it up leaves it a moment, and `close` ends it",
    "server/devices/adapters/libfprint/worker.py:run": OWN_PROCESS,
    "server/devices/adapters/sane/worker.py:_listen": OWN_PROCESS,
    "server/devices/adapters/sane/worker.py:run": OWN_PROCESS,
    "server/services/scanners/scan.py:_pull": "has a result: `next` awaits it, or `close` gathers it",
    "server/connection/request_queue.py:_finish": "awaited there, and kept so that a stop can cancel it",
}
"""``file:function`` and the reason for which it needs no supervisor."""

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Module


class Source:
    """A module, and for each of its nodes the one around it."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._around = {
            inner: outer for outer in ast.walk(self._tree) for inner in ast.iter_child_nodes(outer)
        }

    def unattended(self) -> Iterator[tuple[str, int]]:
        """Function and line of each start that nobody waits for where it is made."""
        for call in ast.walk(self._tree):
            if isinstance(call, ast.Call) and _name(call.func) in STARTERS:
                function = self._function(call)
                if not (self._in_group(call, function) or self._is_awaited(call, function)):
                    yield getattr(function, "name", "<module>"), call.lineno

    def _function(self, node: ast.AST) -> Function:
        while not isinstance(node, Function):
            node = self._around[node]
        return node

    def _in_group(self, call: ast.Call, function: Function) -> bool:
        """Return whether it is a task of a group, whose ``with`` block waits for it."""
        if not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Name):
            return False
        return any(
            _name(getattr(item.context_expr, "func", None)) == "TaskGroup"
            and _name(item.optional_vars) == call.func.value.id
            for block in ast.walk(function)
            if isinstance(block, ast.AsyncWith)
            for item in block.items
        )

    def _is_awaited(self, node: ast.AST, function: Function) -> bool:
        """Return whether the task or thread ends up in an await, or in a local name that does."""
        around = self._around[node]
        match around:
            case ast.Await() | ast.List() | ast.Tuple() | ast.Dict() | ast.Starred() | ast.comprehension():
                return isinstance(around, ast.Await) or self._is_awaited(around, function)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return self._is_awaited(around, function)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attribute)) if attribute in KEEPS:
                return _is_waited_for(name, function)
            case ast.Call() if _name(around.func) in WAITS:
                return isinstance(self._around[around], ast.Await)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                return _is_waited_for(name, function)
        return False


def _name(node: object) -> str:
    """The last part of a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _mentions(node: ast.AST, name: str) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(node))


def _is_waited_for(name: str, function: Function) -> bool:
    """Return whether the function awaits, or ends, the tasks of a local name; to shield them is neither."""
    for node in ast.walk(function):
        match node:
            case ast.Await(value=ast.Call() as call) if _name(call.func) == "shield":
                continue
            case ast.Await() | ast.withitem() if _mentions(node, name):
                return True
            case ast.Call(func=ast.Attribute(value=ast.Name(id=held), attr=attribute)):
                if held == name and attribute in ENDS:
                    return True
    return False


@cache
def unattended() -> dict[str, list[int]]:
    """Lines of all starts that nobody waits for, by ``file:function``."""
    found: dict[str, list[int]] = {}
    for path in sorted(SERVER.rglob("*.py")):
        if path != SUPERVISOR:
            for function, line in Source(parsed(path)).unattended():
                found.setdefault(f"{path.relative_to(ROOT)}:{function}", []).append(line)
    return found


def test_what_outlives_a_request_is_supervised() -> None:
    """If not: `server.runtime.background.supervise` or `supervise_thread`, or a reason in the table."""
    assert {place: lines for place, lines in unattended().items() if place not in EXCUSED} == {}


def test_every_excuse_is_needed() -> None:
    assert set(EXCUSED) - set(unattended()) == set()


@pytest.mark.parametrize(
    "body",
    [
        "await asyncio.create_task(work())",
        "task = asyncio.create_task(work())\n    await task",
        "task = loop.create_task(work())\n    await asyncio.wait([task])",
        "task: Task = asyncio.ensure_future(work())\n    await asyncio.gather(task, other())",
        "task = asyncio.create_task(work())\n    await asyncio.shield(task)\n    task.cancel()",
        "await asyncio.wait([asyncio.ensure_future(work())], timeout=1)",
        "await asyncio.gather(*[asyncio.create_task(each()) for each in works])",
        "tasks = {asyncio.create_task(work(each)): each for each in range(3)}\n    await asyncio.wait(tasks)",
        "tasks = []\n    tasks.append(asyncio.create_task(work()))\n    await asyncio.gather(*tasks)",
        "tasks = [asyncio.create_task(work())]\n    async with cancelling(tasks):\n        pass",
        "async with asyncio.TaskGroup() as group:\n        group.create_task(work())",
        "thread = threading.Thread(target=work)\n    thread.start()\n    thread.join()",
        "self._task = supervise('work', work)",
    ],
)
def test_what_is_waited_for_passes(body: str) -> None:
    assert list(Source(ast.parse(f"async def begin(self):\n    {body}\n")).unattended()) == []


@pytest.mark.parametrize(
    "body",
    [
        "asyncio.create_task(work())",
        "loop.create_task(work())",
        "asyncio.ensure_future(work())",
        "self._task = asyncio.create_task(work())",
        "task = asyncio.create_task(work())",
        "task = asyncio.create_task(work())\n    return task",
        "return asyncio.create_task(work())",
        "task = asyncio.create_task(work())\n    await asyncio.shield(task)",
        "await asyncio.shield(asyncio.create_task(work()))",
        "self._tasks.add(asyncio.create_task(work()))",
        "self._tasks[key] = asyncio.create_task(work())",
        "self._pages.put_nowait(asyncio.create_task(work()))",
        "loop.add_signal_handler(1, lambda: asyncio.create_task(work()))",
        "task = asyncio.create_task(work())\n    task.add_done_callback(self._tasks.discard)",
        "self._group.create_task(work())",
        "threading.Thread(target=work, daemon=True).start()",
        "self._thread = Thread(target=work)",
        "thread = threading.Thread(target=work)\n    thread.start()",
        "threading.Timer(1, work).start()",
        "asyncio.run_coroutine_threadsafe(work(), loop)",
    ],
)
def test_what_outlives_its_function_is_found(body: str) -> None:
    source = Source(ast.parse(f"async def begin(self):\n    {body}\n"))
    assert [name for name, _ in source.unattended()] == ["begin"]


def test_a_nested_function_is_judged_by_itself() -> None:
    text = "async def outer():\n    def inner():\n        task = create_task(work())\n    await task\n"
    assert [name for name, _ in Source(ast.parse(text)).unattended()] == ["inner"]


def test_the_supervisor_itself_starts_both() -> None:
    assert {name for name, _ in Source(parsed(SUPERVISOR)).unattended()} == {
        "supervise",
        "supervise_thread",
    }
