"""The watch over the decisions about origins outlives every file that it meets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from server.access import grants as grants_module
from server.access.grants import GrantFile, Grants
from server.runtime.background import failures, supervise
from server.storage.private_file import BYTES, PrivateFileUnreadable
from tests.patience import PATIENCE

ORIGIN = "https://oa.example.cn"

UNREADABLE = {
    "empty": b"",
    "no JSON": b"{",
    "no UTF-8": b'{"version":1,"origins":{"\xff\xfe":{"allowed":true}}}',
    "no UTF-8 in a value": b'{"version":1,"origins":{"a":{"allowed":true,"when":"\xff","by":"prompt"}}}',
    "half of a surrogate pair": rb'{"version":1,"origins":{"\ud800":{}}}',
    "deep": b"[" * 100_000,
    "another version": b'{"version":2,"origins":{}}',
    "no date": b'{"version":1,"origins":{"a":{"allowed":true,"when":"0000-00-00T00:00:00Z","by":"prompt"}}}',
    "too long": b" " * BYTES + b"{}",
}


@pytest.fixture
def file(tmp_path: Path) -> GrantFile:
    """The file, by which one origin may connect."""
    file = GrantFile(tmp_path / "access")
    file.decide(ORIGIN, True, "command")
    return file


@pytest.fixture
async def watched(file: GrantFile, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Grants]:
    """The decisions as a service follows them."""
    monkeypatch.setattr(grants_module, "WATCH_SECONDS", 0.005)
    grants = Grants(file)
    assert grants.allows(ORIGIN)
    task = supervise("decisions about origins", grants.watch)
    yield grants
    assert not task.done()
    task.cancel()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.002)


@pytest.mark.parametrize("content", UNREADABLE)
async def test_a_file_that_cannot_be_read_allows_nobody_and_the_next_one_is_taken_in(
    file: GrantFile, watched: Grants, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[bool] = []
    watched.listen(lambda: told.append(watched.allows(ORIGIN)))
    file.path.write_bytes(UNREADABLE[content])
    await until(lambda: bool(told))
    # Those who are connected are looked at again, and there is a line that says why.
    assert not any(told)
    assert "no origin is allowed but those of the configuration" in caplog.text
    file.path.unlink()
    file.decide(ORIGIN, True, "command")
    await until(lambda: watched.allows(ORIGIN))
    assert told[-1] is True
    assert failures() == ()


async def test_a_folder_in_its_place_allows_nobody(file: GrantFile, watched: Grants) -> None:
    file.path.unlink()
    file.path.mkdir()
    await until(lambda: not watched.allows(ORIGIN))


@pytest.mark.parametrize("error", [ValueError, MemoryError, RuntimeError])
async def test_a_failure_that_nobody_foresaw_allows_nobody_and_is_known(
    file: GrantFile, watched: Grants, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bool] = []
    watched.listen(lambda: told.append(watched.allows(ORIGIN)))

    def broken() -> object:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(file, "read", broken)
        file.path.touch()
        await until(lambda: bool(told))
    assert not any(told)
    assert [(worker.name, worker.error) for worker in failures()] == [
        ("decisions about origins", error.__name__)
    ]
    file.path.touch()
    await until(lambda: watched.allows(ORIGIN))


async def test_a_listener_that_fails_does_not_end_the_watch(
    file: GrantFile, watched: Grants, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.runtime.background.FIRST_PAUSE_SECONDS", 0.0)

    def broken() -> None:
        raise ValueError

    watched.listen(broken)
    file.revoke(ORIGIN)
    await until(lambda: bool(failures()))
    assert not watched.allows(ORIGIN)
    file.decide(ORIGIN, True, "command")
    await until(lambda: watched.allows(ORIGIN))


async def test_a_service_starts_with_a_file_that_cannot_be_read(
    file: GrantFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.path.write_bytes(b"\xff")
    assert not Grants(file).allows(ORIGIN)

    def broken() -> object:
        raise RuntimeError

    monkeypatch.setattr(file, "read", broken)
    assert not Grants(file).allows(ORIGIN)
    assert [worker.error for worker in failures()] == ["RuntimeError"]


@pytest.mark.parametrize("content", UNREADABLE)
def test_a_command_says_what_is_the_matter_and_destroys_nothing(file: GrantFile, content: str) -> None:
    file.path.write_bytes(UNREADABLE[content])
    with pytest.raises(PrivateFileUnreadable, match="remove the file"):
        file.decide(ORIGIN, True, "command")
    assert file.path.read_bytes() == UNREADABLE[content]
