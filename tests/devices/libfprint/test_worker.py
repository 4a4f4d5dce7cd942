"""The worker's process: it does not outlive the service, and runs under old Pythons."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import pytest

import server
from server.devices.adapters.libfprint import driver, framing, wire
from tests.devices.libfprint.pad import Pad
from tests.patience import PATIENCE

PACKAGE = Path(framing.__file__).parent
OLDEST = (3, 8)
IN_THE_WORKER = [PACKAGE / "worker.py", PACKAGE / "framing.py"]
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
    assert ours <= {framing.__name__}
    assert not imported & {"msgspec", "numpy", "cv2"}


def test_all_that_the_worker_loads_is_looked_at() -> None:
    assert Path(server.__file__) in IN_THE_WORKER


@pytest.mark.parametrize("pressing", [True, False])
async def test_the_process_ends_after_the_service(bindings: Path, pad: Pad, pressing: bool) -> None:
    started = await driver.start_driver(bindings)
    (sensor,) = await started.list(PATIENCE)
    if pressing:
        started._send(wire.Question(7, "press", sensor.id, 600.0))
    started._hang_up()
    assert await asyncio.to_thread(started._process.wait, PATIENCE) == 0
