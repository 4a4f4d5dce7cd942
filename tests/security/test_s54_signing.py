"""S54: only the process of a signature reads its key; what is verified reaches no key, file or network."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("pyhanko", reason="the extra archive is not installed")

from server.access.limits import ByteBudgets
from server.archive import signing
from server.archive.signing import Sign, SigningKey, make_key
from server.children.confinement import Profile, landlock
from server.config import ArchiveConfig, LimitsConfig
from server.errors import SigningFailed
from server.runtime import turns
from server.services import archive
from tests.patience import PATIENCE


@pytest.mark.long
async def test_only_the_process_of_a_signature_reads_the_key(tmp_path: Path) -> None:
    if not landlock.version():
        pytest.skip("this kernel has no Landlock")
    key = SigningKey(str(tmp_path / "key.pem"))
    await make_key(Path(key.path), "box")
    assert await signing.sign(b"text", key)
    # The same code with the rights of verification.
    with pytest.raises(SigningFailed, match="cannot be read"):
        await signing._run(Sign(key), [b"text"], Profile(programs=True))


async def test_no_password_is_in_a_log_an_error_or_an_argument(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = SigningKey(str(tmp_path / "none"), "hunter2")
    with pytest.raises(SigningFailed) as failed:
        await signing.sign(b"text", key)
    assert "hunter2" not in caplog.text + str(failed.value) + repr(key)


async def test_an_origin_has_one_process_at_a_time_and_another_finds_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = Counter[str | None]()
    most = Counter[str | None]()
    ended = asyncio.Event()

    async def judge(*_: object) -> None:
        origin = turns.payer.get().owner
        running[origin] += 1
        most[origin] = max(most[origin], running[origin])
        await ended.wait()
        running[origin] -= 1

    monkeypatch.setattr(archive.signing, "verify", judge)
    service = archive.SigningService(ArchiveConfig(), tmp_path)
    budgets = ByteBudgets(LimitsConfig)

    async def verified(origin: str) -> None:
        budgets.work_for(origin)
        await service.verify(b"", b"", (b"", b""))

    jobs = [asyncio.create_task(verified(origin)) for origin in "aaaaab"]
    async with asyncio.timeout(PATIENCE):
        while running.total() < 2:
            await asyncio.sleep(0)
    assert budgets.held == 2 * signing.JOB_BYTES
    ended.set()
    await asyncio.gather(*jobs)
    assert most == {"a": 1, "b": 1} and budgets.held == 0
