"""The wall clock is set back and ahead while the service runs: nothing waits for it but what has to."""

from __future__ import annotations

import ast
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from server.services.upload import service
from server.services.upload.service import TRIES
from server.storage.root import Storage
from server.telemetry.audit import AuditTrail
from server.telemetry.chain import follow
from server.telemetry.trail_files import RotatingFiles
from tests.architecture.tree import ROOT, parsed
from tests.functional.conftest import Running
from tests.functional.page import connect
from tests.functional.receiver import receiving
from tests.functional.uploading import JPEG, Told, Upload, retrying, transferring

WALL = {
    "server/telemetry/audit.py": "the age of a file and when something happened, for people",
    "server/services/identity/reading.py": "a document is valid by the calendar",
    "server/services/files/merging.py": "a file name",
    "server/services/stamps.py": "the time on a stamp",
    "server/services/scanners/scan.py": "a file name",
    "server/services/pictures/naming.py": "a file name",
    "server/services/cameras/recording.py": "a file name, and when a recording began, for people",
    "server/services/pictures/order.py": "the time in a watermark",
    "server/cli/enhance.py": "the time in a watermark and on a stamp",
    "server/dialects/eloam/cameras.py": "the time in a watermark",
    "server/services/upload/targets/placing.py": "compares the ages of files, which another host may date",
    "server/services/upload/service.py": "outlives the process; jumps are judged here",
    "server/access/grants.py": "when something was decided, for people",
    "server/tls/context.py": "a certificate is valid by the calendar",
    "server/cli/tls.py": "a certificate is valid by the calendar",
    "server/cli/doctor/access.py": "a certificate is valid by the calendar",
    "server/cli/doctor/machine.py": "the age of the computer's clock is what is looked at",
    "server/storage/clock.py": "whether the wall clock can be believed is what is looked at",
    "server/decoding/text_process.py": "a document is valid by the calendar",
    "server/cli/read.py": "a document is valid by the calendar",
    "server/storage/retention.py": "files go by the calendar; jumps are judged there",
    "server/storage/reader.py": "when files will go, for people",
    "server/storage/atomic.py": "the age of a file, by the times of the disk",
    "server/devices/adapters/pcsc/reader.py": "the year of a date that a card gives in two digits",
    "server/documents/ofd_writer.py": "the date in a document",
    "server/runtime/background.py": "when background work failed last, for people to read",
    "server/archive/pdfa.py": "the date in a document",
    "server/archive/handwriting.py": "the date of an appearance in a document",
    "server/archive/record.py": "when a picture was taken and a record made, for people",
    "server/archive/credentials.py": "whether a certificate holds now, by the dates in it",
    "server/archive/verification.py": "whether a certificate holds now, by the dates in it",
    "server/archive/worker.py": "the time in a signature, and the dates of the machine's own certificate",
    "models/fetch.py": "the age of a file, by the times of the disk",
}
"""Who may look at the wall clock, and why; every wait is by the monotonic one."""
JUMPS = (-400 * 86_400.0, -3600.0, 3600.0, 20 * 365 * 86_400.0)


def _looks(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    return ast.unparse(node.func) in {"time.time", "time.time_ns"} or (
        node.func.attr in {"now", "today", "utcnow"} and "date" in ast.unparse(node.func)
    )


def test_only_those_with_a_reason_look_at_the_wall_clock() -> None:
    paths = [path for package in ("server", "models", "imgcore") for path in (ROOT / package).rglob("*.py")]
    found = {str(path.relative_to(ROOT)) for path in paths if any(map(_looks, ast.walk(parsed(path))))}
    assert found <= set(WALL), "use time.monotonic, or say why not"
    assert "server/services/upload/service.py" in found


class Clock:
    """The wall clock of a module, apart from the true one by `apart` seconds."""

    def __init__(self) -> None:
        self.apart = 0.0

    def time(self) -> float:
        return time.time() + self.apart


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(service, "time", clock)
    return clock


@pytest.mark.parametrize("jump", JUMPS)
async def test_an_upload_that_waits_outlives_a_jump(tmp_path: Path, clock: Clock, jump: float) -> None:
    told = Told()
    async with receiving() as receiver:
        receiver.answers.extend([(503, "")] * 3)
        async with transferring(tmp_path, [receiver.origin]) as transfer, retrying(transfer, told) as queue:
            await queue.add(Upload(f"{receiver.origin}/up", None, {}, picture=JPEG, id="one"))
            await receiver.wait_for(1)
            clock.apart = jump
            assert (await told.first()).uploaded
    assert [one.id for one in receiver.arrived] == ["one"] * 4


async def test_what_no_server_takes_is_given_up_in_the_end(tmp_path: Path, clock: Clock) -> None:
    told = Told()
    async with receiving() as receiver:
        receiver.answers.extend([(503, "")] * (TRIES + 5))
        async with transferring(tmp_path, [receiver.origin]) as transfer, retrying(transfer, told) as queue:
            await queue.add(Upload(f"{receiver.origin}/up", None, {}, picture=JPEG, id="one"))
            await receiver.wait_for(1)
            clock.apart = JUMPS[-1]
            assert not (await told.first()).uploaded
    assert len(receiver.arrived) == TRIES - 1


@pytest.mark.parametrize("jump", JUMPS)
def test_names_made_of_the_time_stay_unique(tmp_path: Path, jump: float) -> None:
    storage = Storage(tmp_path)
    now = datetime(2026, 11, 25, 12)
    names = [storage.default_name(".jpg", now) for _ in range(3)]
    then = now + timedelta(seconds=max(jump, -300 * 86_400))
    names += [storage.default_name(".jpg", then) for _ in range(3)]
    names += [storage.default_name(".jpg", now) for _ in range(3)]
    assert len(set(names)) == 9


@pytest.mark.parametrize("jump", JUMPS)
async def test_captures_go_on_while_the_clock_jumps(
    service: Running, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    true = time.time
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        paths = (await page.must("CameraCapture", devNum=0))["imagePath"]
        monkeypatch.setattr(time, "time", lambda: true() + jump)
        for _ in range(3):
            paths += (await page.must("CameraCapture", devNum=0))["imagePath"]
        await page.must("Heartbeat")
    assert len(set(paths)) == 4


def test_the_audit_trail_hangs_together_over_a_jump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true = time.time
    for jump in JUMPS:
        monkeypatch.setattr(time, "time", lambda jump=jump: true() + jump)
        audit = AuditTrail(RotatingFiles(tmp_path, 1 << 20, 2))
        audit.write({"event": "test"})
        audit.close()
    verdict = follow([tmp_path / "audit.jsonl"])
    assert (verdict.lines, verdict.broken) == (len(JUMPS), None)
