"""What holds for every target: a file is there once and as a whole, or not at all."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from benchmarks.deliveries.line import line
from benchmarks.deliveries.servers import Place
from server import errors
from tests.targets.conftest import desk_of

pytestmark = pytest.mark.filterwarnings(
    # What libraries and servers of others leave open where a connection breaks.
    r"ignore:Exception ignored in. <(function SpooledTemporaryFile|_io\.FileIO|function SMBRawIO)"
    ":pytest.PytestUnraisableExceptionWarning"
)

DATA = os.urandom(1_500_000)
OTHER = os.urandom(1_500_000)
KEEPS_NAMES = ("folder", "sftp", "webdav", "s3", "smb")
"""Targets in which a file has a name that another could have."""


async def contents(place: Place) -> list[bytes]:
    return sorted(data for _, data in await asyncio.to_thread(place.stored))


async def parts(place: Place) -> list[str]:
    return await asyncio.to_thread(place.parts)


async def test_a_file_is_there_once_however_often_it_is_sent(place: Place, tmp_path: Path) -> None:
    async with desk_of(tmp_path, place.config()) as desk:
        first = await desk.send("页 1.pdf", DATA)
        assert first.error is None
        assert first.receipt is not None
        assert (first.receipt.already, first.receipt.size) == (False, len(DATA))
        again = await desk.send("页 1.pdf")
        assert again.receipt is not None
        if place.kind not in ("mail", "http"):
            assert (again.receipt.already, again.receipt.sha256) == (True, first.receipt.sha256)
    assert await contents(place) == [DATA]
    assert await parts(place) == []


async def test_a_small_file_and_an_empty_one_arrive(place: Place, tmp_path: Path) -> None:
    async with desk_of(tmp_path, place.config()) as desk:
        for name, data in (("a.txt", b"x"), ("empty.txt", b"")):
            assert (await desk.send(name, data)).error is None
    assert await contents(place) == [b"", b"x"]


async def test_a_line_that_breaks_in_the_middle_leaves_nothing_under_the_name(
    place: Place, tmp_path: Path
) -> None:
    if not place.port:
        pytest.skip("no line leads to a folder")
    async with line(place.port) as cable, desk_of(tmp_path, place.config(cable.port)) as desk:
        for share in (0.1, 0.5, 0.9):
            cable.passed = 0
            cable.cut_after = int(len(DATA) * share)
            outcome = await desk.send("a.pdf", DATA)
            assert outcome.error is not None
            assert outcome.retryable, outcome.error
            assert await contents(place) == []
        cable.cut_after = None
        assert (await desk.send("a.pdf")).error is None
    assert await contents(place) == [DATA]


async def test_a_silent_server_is_given_up_and_may_have_it_later(place: Place, tmp_path: Path) -> None:
    if not place.port:
        pytest.skip("no line leads to a folder")
    async with line(place.port) as cable, desk_of(tmp_path, place.config(cable.port), 2) as desk:
        cable.hold()
        outcome = await desk.send("a.pdf", DATA)
        assert isinstance(
            outcome.error, errors.UploadTimeout | errors.UploadUnreachable | errors.UploadBroken
        ), outcome.error
        assert outcome.retryable
        cable.free()
        cable.cut()
    async with desk_of(tmp_path, place.config()) as desk:
        assert (await desk.send("a.pdf", DATA)).error is None
    assert await contents(place) == [DATA]


async def test_a_server_that_is_not_there_is_unreachable(place: Place, tmp_path: Path) -> None:
    if not place.port:
        pytest.skip("no line leads to a folder")
    async with line(place.port) as cable, desk_of(tmp_path, place.config(cable.port)) as desk:
        cable.refuse = True
        outcome = await desk.send("a.pdf", DATA)
        assert isinstance(outcome.error, errors.UploadUnreachable | errors.UploadBroken)
        assert outcome.retryable
    assert await contents(place) == []


async def test_a_name_that_another_file_has_is_not_taken_from_it(place: Place, tmp_path: Path) -> None:
    if place.kind not in KEEPS_NAMES:
        pytest.skip("files have no names there that are theirs alone")
    async with desk_of(tmp_path, place.config()) as desk:
        await asyncio.to_thread(place.put, "a.pdf", OTHER)
        first = await desk.send("a.pdf", DATA)
        assert first.receipt is not None
        second = await desk.send("a.pdf")
        assert second.receipt is not None
        assert second.receipt.already
        assert second.receipt.place == first.receipt.place
    assert dict(await asyncio.to_thread(place.stored)) == {
        "a.pdf": OTHER,
        f"a-{first.receipt.sha256[:8]}.pdf": DATA,
    }


async def test_of_many_at_a_time_each_is_there_once(place: Place, tmp_path: Path) -> None:
    files = {f"{number}.pdf": os.urandom(50_000 + number) for number in range(6)}
    async with desk_of(tmp_path, place.config()) as desk:
        for name, data in files.items():
            await asyncio.to_thread((desk.folder / name).write_bytes, data)
        sent = [desk.send(name) for name in files for _ in range(2)]
        outcomes = await asyncio.gather(*sent)
        failed = [one for one in outcomes if one.error is not None]
        assert all(one.retryable for one in failed)
        for name in files:
            assert (await desk.send(name)).error is None
    if place.kind == "paperless":
        # Both ask before one of them is told of: it takes a file twice unless it is told not to.
        assert set(await contents(place)) == set(files.values())
    else:
        assert await contents(place) == sorted(files.values())


async def test_a_wrong_password_is_told_without_it(
    place: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    if place.kind in ("folder", "http", "s3"):
        pytest.skip("its server here asks for none")
    wrong = tmp_path / "wrong"
    wrong.write_text("hunter2-hunter2\n")
    wrong.chmod(0o600)
    caplog.set_level("DEBUG")
    async with desk_of(tmp_path, place.config(secret=str(wrong))) as desk:
        outcome = await desk.send("a.pdf", DATA)
    assert isinstance(outcome.error, errors.TargetRefused)
    assert "password" in str(outcome.error)
    assert "hunter2" not in caplog.text + str(outcome.error) + outcome.error.message("zh")
    assert await contents(place) == []


async def test_a_secret_that_others_can_read_is_not_used(place: Place, tmp_path: Path) -> None:
    if place.kind in ("folder", "http"):
        pytest.skip("it has no secret")
    target = place.config()
    Path(target.secret).chmod(0o640)  # type: ignore[union-attr]
    async with desk_of(tmp_path, target) as desk:
        outcome = await desk.send("a.pdf", DATA)
        assert isinstance(outcome.error, errors.TargetRefused)
        assert "chmod 600" in str(outcome.error)
        assert str(tmp_path) not in str(outcome.error)
        assert await contents(place) == []
        # It is read anew for each delivery.
        Path(target.secret).chmod(0o600)  # type: ignore[union-attr]
        assert (await desk.send("a.pdf")).error is None


async def test_a_name_that_leads_to_this_computer_is_refused(place: Place, tmp_path: Path) -> None:
    if not place.port:
        pytest.skip("no host has a folder")
    given = {"host": "inside.example.cn"}
    if place.kind in ("http", "webdav", "s3", "paperless"):
        given = {"url": f"http://inside.example.cn:{place.port}/"}

    async def rebound(host: str, port: int) -> list[str]:
        assert host == "inside.example.cn"
        return ["127.0.0.1"]

    target = place.config()
    target = type(target)(**{name: getattr(target, name) for name in target.__struct_fields__} | given)
    async with desk_of(tmp_path, target, resolve=rebound) as desk:
        outcome = await desk.send("a.pdf", DATA)
    assert isinstance(outcome.error, errors.UploadNotAllowed)
    assert await contents(place) == []


async def test_progress_is_told_to_the_end(place: Place, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    async with desk_of(tmp_path, place.config()) as desk:
        await desk.send("a.pdf", DATA, sent=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (len(DATA), len(DATA))
