"""ListFiles, GetFile and downloads, and the progress of merging, over a real WebSocket and HTTP."""

from __future__ import annotations

import asyncio
import base64
import os
from pathlib import Path

import aiohttp
import pytest

from server.errors import FileMissing, FileOfAnotherOrigin, FileOfNoPage, PictureTooLarge
from server.services import context
from server.services.files import handlers
from tests.fakes.camera import SIZES, page_jpeg
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import Page, connect

JPEG = page_jpeg(SIZES[1])
CODED = base64.b64encode(JPEG).decode()


async def made(page: Page, name: str) -> str:
    return str((await page.must("MergeFile", imageBase64=CODED, filePath=name))["filePath"])


async def fetched(url: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as answer:
        return answer.status, await answer.read(), dict(answer.headers)


async def test_own_files_are_listed_newest_first_and_in_parts(service: Running) -> None:
    async with connect(service.url, ALLOWED) as page:
        empty = await page.must("ListFiles")
        assert (empty["files"], empty["more"]) == ([], False)
        paths = [await made(page, f"case{number % 2}/{number}.pdf") for number in range(5)]
        for number, path in enumerate(paths):
            os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
        found = await page.must("ListFiles")
        assert [one["path"] for one in found["files"]] == paths[::-1] and found["more"] is False
        assert found["files"][0]["size"] == Path(paths[-1]).stat().st_size
        assert found["files"][0]["time"].startswith("2023-11-1")
        part = await page.must("ListFiles", offset=1, limit=2)
        assert [one["path"] for one in part["files"]] == paths[3:1:-1] and part["more"] is True
        for prefix in ("case1/", str(service.root / "case1")):
            one = await page.must("ListFiles", prefix=prefix)
            assert [entry["path"] for entry in one["files"]] == [paths[3], paths[1]]
        assert (await page.must("ListFiles", prefix="case1/1.pdf.", offset=7))["files"] == []


async def test_a_prefix_is_the_beginning_of_a_path_and_none_leads_elsewhere(service: Running) -> None:
    async with connect(service.url, ALLOWED) as page:
        deep = await made(page, "/".join("a" * 15) + "/deep.pdf")
        shallow = await made(page, "a/b.pdf")
        (service.root / "/".join("a" * 40)).mkdir(parents=True)
        for prefix, found in (
            ("a", {deep, shallow}),
            ("a/b", {shallow}),
            ("a/a/", {deep}),
            (str(service.root / "a/a"), {deep}),
            (str(service.root), {deep, shallow}),
        ):
            listed = await page.must("ListFiles", prefix=prefix)
            assert {one["path"] for one in listed["files"]} == found, prefix
        for prefix in ("aa", "b", "/a/", "..", "/etc/", f"{service.root}/../", str(service.root / "b")):
            assert (await page.must("ListFiles", prefix=prefix))["files"] == []


async def test_a_file_comes_back_in_the_answer_or_by_an_address(service: Running) -> None:
    async with connect(service.url, ALLOWED) as page:
        path = await made(page, "文件/a b.pdf")
        content = await asyncio.to_thread(Path(path).read_bytes)
        coded = await page.must("GetFile", path="文件/a b.pdf", base64=True)
        assert base64.b64decode(coded["fileBase64"]) == content and "downloadUrl" not in coded
        assert (coded["path"], coded["size"], coded["mime"]) == (path, len(content), "application/pdf")
        offered = await page.must("GetFile", path=path)
        assert "fileBase64" not in offered and offered["downloadUrl"].startswith(f"{service.http}/download/")
    status, body, headers = await fetched(offered["downloadUrl"], Origin=ALLOWED)
    assert (status, body) == (200, content)
    assert headers["Content-Type"] == "application/pdf" and headers["Content-Length"] == str(len(content))
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%20b.pdf"
    assert headers["Access-Control-Allow-Origin"] == ALLOWED and headers["Cache-Control"] == "no-store"


async def test_large_files_are_streamed_and_not_put_into_answers(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "ANSWER_BYTES", 1000)
    async with connect(service.url) as page:
        path = await made(page, "a.pdf")
        os.truncate(path, 3_000_001)
        assert (await page.ask("GetFile", path=path, base64=True))["result"] == PictureTooLarge.code
        url = (await page.must("GetFile", path=path))["downloadUrl"]
    status, body, _ = await fetched(url)
    assert status == 200 and len(body) == Path(path).stat().st_size > 3_000_000


async def test_what_is_not_the_pages_is_neither_listed_nor_given(service: Running) -> None:
    service.root.mkdir(exist_ok=True)
    (service.root / "form.pdf").write_bytes(b"%PDF-")
    async with connect(service.url, OTHER) as page:
        path = await made(page, "theirs.pdf")
    async with connect(service.url, ALLOWED) as page:
        assert (await page.must("ListFiles"))["files"] == []
        for name, error in ((path, FileOfAnotherOrigin), ("form.pdf", FileOfNoPage), ("no.pdf", FileMissing)):
            for coded in (False, True):
                refused = await page.ask("GetFile", path=name, base64=coded)
                assert refused["result"] == error.code, refused
                assert {"downloadUrl", "fileBase64"}.isdisjoint(refused)


async def test_merging_gives_an_address_and_tells_of_progress_if_asked(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "PROGRESS_SECONDS", 0.0)
    async with connect(service.url, ALLOWED) as page:
        path = await made(page, "three.pdf")
        quiet = await page.must("MergeFile", imagePath=[path] * 2, filePath="quiet.pdf")
        assert await page.silence("Notify") == []
        status, body, _ = await fetched(quiet["downloadUrl"], Origin=ALLOWED)
        assert status == 200 and body == (service.root / "quiet.pdf").read_bytes()
        number = await page.send("MergeFile", imagePath=["quiet.pdf", path], progress=True, base64=True)
        told = []
        while (message := await page.answer(number))["func"] == "Notify":
            assert (message["event"], message["kind"], message["result"]) == ("OnProgress", "merge", 0)
            told.append((message["done"], message["total"]))
        assert [done for done, _ in told] == [1, 2, 3] and told[-1] == (3, 3)
        assert message["func"] == "MergeFile" and message["downloadUrl"] and message["fileBase64"]


async def test_progress_is_told_seldom(service: Running) -> None:
    async with connect(service.url, ALLOWED) as page:
        await made(page, "a.pdf")
        number = await page.send("MergeFile", imagePath=["a.pdf"] * 40, progress=1)
        told = 0
        while (await page.answer(number))["func"] == "Notify":
            told += 1
        assert 1 <= told < 40
