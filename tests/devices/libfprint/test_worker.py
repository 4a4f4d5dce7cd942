"""The worker's process: it does not outlive the service, and runs under old Pythons."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import server
from server import children
from server.children import channel, entry, memory
from server.children.async_child import AsyncChild, start_child
from server.devices.adapters.libfprint import driver, wire
from tests.devices.libfprint.pad import Pad
from tests.patience import PATIENCE

PACKAGE = Path(driver.__file__).parent
OLDEST = (3, 8)
HARNESS = (children, channel, entry, memory)
IN_THE_WORKER = [PACKAGE / "worker.py", *(Path(module.__file__ or "") for module in HARNESS)]
IN_THE_WORKER += [parent / "__init__.py" for parent in (PACKAGE, *list(PACKAGE.parents)[:3])]


@pytest.mark.parametrize("path", IN_THE_WORKER, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_worker_is_written_for_old_pythons(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=OLDEST)
    imported = {
        name.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    ours = {name for name in imported if name is not None and name.startswith("server")}
    assert ours <= {module.__name__ for module in HARNESS}
    assert not imported & {"msgspec", "numpy", "cv2"}


def test_all_that_the_worker_loads_is_looked_at() -> None:
    assert Path(server.__file__) in IN_THE_WORKER


@pytest.mark.parametrize("pressing", [True, False])
async def test_the_process_ends_after_the_service(bindings: Path, pad: Pad, pressing: bool) -> None:
    child = await start_child(AsyncChild, driver.spec_of(bindings))
    child.send(wire.encode(wire.Question(1, "list")))
    answer, _ = await child.listen(wire.decode, PATIENCE)
    if pressing:
        child.send(wire.encode(wire.Question(7, "press", answer.sensors[0].id, 600.0)))
    assert (await child.finish(PATIENCE)).code == 0
