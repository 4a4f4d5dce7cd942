"""S40: a dialect's files lie below the root; a page reads, sends and replaces only what its origin made."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.dialects.services import OriginFiles
from server.errors import FileExists, FileMissing, GaopaiError
from server.storage.root import Storage
from tests.dialects.conftest import Ports, base_config, config, ports
from tests.dialects.pages import http_page
from tests.functional.conftest import ALLOWED, OTHER, Running

__all__ = ["base_config", "config", "ports"]

PICTURE = b"\xff\xd8\xff picture"
MINE = ALLOWED
THEIRS = OTHER


class Pools:
    """Threads for what blocks."""

    async def run(self, function: Callable[..., object], *arguments: object) -> object:
        return await asyncio.to_thread(function, *arguments)


class Files:
    """Files of all origins, for tests that do one thing after the other."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def _of(self, origin: str) -> OriginFiles:
        return OriginFiles(self._storage, Pools(), origin)  # type: ignore[arg-type]

    def save(self, origin: str, spelling: str, pictures: Sequence[bytes]) -> list[Path]:
        return asyncio.run(self._of(origin).save(spelling, pictures))

    def read(self, origin: str, spelling: str, limit_bytes: int) -> bytes:
        return asyncio.run(self._of(origin).read(spelling, limit_bytes))

    def check(self, origin: str, spelling: str) -> None:
        asyncio.run(self._of(origin).check(spelling))


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / "root")


@pytest.fixture
def files(storage: Storage) -> Files:
    return Files(storage)


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("D:\\a.jpg", "D/a.jpg"),
        ("d:/a.jpg", "D/a.jpg"),
        ("D:\\\\tmp\\\\a.jpg", "D/tmp/a.jpg"),
        ("D://ocr.pdf", "D/ocr.pdf"),
        ("C:\\imageDir\\Doc Camera.jpg", "C/imageDir/Doc Camera.jpg"),
        ("D:/tmp\\x//y.jpg", "D/tmp/x/y.jpg"),
        ("/tmp/a.jpg", "tmp/a.jpg"),
        ("a.jpg", "a.jpg"),
        ("x\\a.jpg", "x/a.jpg"),
    ],
)
def test_a_windows_path_is_a_name_below_the_root(
    files: Files, storage: Storage, spelling: str, name: str
) -> None:
    assert files.save(MINE, spelling, [PICTURE]) == [storage.root / name]
    assert files.read(MINE, str(storage.root / name), 1000) == PICTURE


HOSTILE = (
    *(
        "../a.jpg",
        "D:/../a.jpg",
        "D:\\..\\..\\a.jpg",
        "/tmp/../../a.jpg",
        "~/a.jpg",
        "~root/a.jpg",
        "D:a.jpg",
    ),
    *("\\\\host\\share\\a.jpg", "//host/share/a.jpg", "file:///tmp/a.jpg", "http://h/a.jpg", "a\0.jpg"),
    *("D:/a\n.jpg", "D:/.a.jpg", "D:/ a.jpg", "D:/a.jpg.", "CON:/a.jpg", "D:/D:/a.jpg", "", "D:", "D:/", "/"),
    *(
        "\\\\?\\C:\\a.jpg",
        "\\\\.\\COM1",
        "/../root.jpg",
        "./a.jpg",
        "D:/\u202egpj.a",
        "D:/\ud800.jpg",
        ".jpg",
    ),
)


@pytest.mark.parametrize("spelling", HOSTILE)
def test_hostile_paths_lead_nowhere(files: Files, storage: Storage, spelling: str) -> None:
    before = set(storage.root.parent.rglob("*"))
    with contextlib.suppress(GaopaiError):
        files.save(MINE, spelling, [PICTURE])
    made = set(storage.root.parent.rglob("*")) - before
    assert all(path.is_relative_to(storage.root) for path in made)
    with pytest.raises(GaopaiError):
        files.read(THEIRS, spelling, 1000)


@given(st.text(max_size=40) | st.text("CD:/\\.~a b", max_size=20))
def test_whatever_the_path(tmp_path_factory: pytest.TempPathFactory, spelling: str) -> None:
    storage = Storage(tmp_path_factory.mktemp("any") / "root")
    files = Files(storage)
    try:
        (path,) = files.save(MINE, f"{spelling}.jpg", [PICTURE])
    except GaopaiError:
        return
    assert path.resolve().is_relative_to(storage.root.resolve())
    assert files.read(MINE, f"{spelling}.jpg", 1000) == PICTURE


def test_a_restart_changes_nothing(files: Files, storage: Storage) -> None:
    files.save(MINE, "D:/a.jpg", [PICTURE])
    again = Files(Storage(storage.root))
    assert again.read(MINE, "D:/a.jpg", 1000) == PICTURE
    again.save(MINE, "D:/a.jpg", [PICTURE])
    with pytest.raises(FileMissing):
        again.read(THEIRS, "D:/a.jpg", 1000)


def test_only_the_origin_that_made_it_reads_and_replaces_a_file(files: Files) -> None:
    files.save(MINE, "D:\\Photo.jpg", [PICTURE])
    files.save(MINE, "d://Photo.jpg", [PICTURE + b"2"])
    assert files.read(MINE, "D:/Photo.jpg", 1000) == PICTURE + b"2"
    with pytest.raises(FileMissing):
        files.read(THEIRS, "D:/Photo.jpg", 1000)
    with pytest.raises(FileExists):
        files.save(THEIRS, "D:/Photo.jpg", [PICTURE])
    with pytest.raises(FileExists):
        files.check(THEIRS, "D:/Photo.jpg")
    files.check(MINE, "D:/Photo.jpg")


def test_files_of_others_are_neither_read_nor_replaced(files: Files, storage: Storage) -> None:
    storage.save("D/other.jpg", PICTURE)
    with pytest.raises(FileMissing):
        files.read(MINE, "D:/other.jpg", 1000)
    with pytest.raises(FileExists):
        files.save(MINE, "D:/other.jpg", [PICTURE])


def test_a_series_replaces_no_file_of_others(files: Files, storage: Storage) -> None:
    files.save(MINE, "D:/a.jpg", [PICTURE])
    storage.save("D/a1.jpg", PICTURE)
    with pytest.raises(FileExists):
        files.save(MINE, "D:/a.jpg", [PICTURE, PICTURE])
    assert (storage.root / "D/a1.jpg").read_bytes() == PICTURE


async def test_a_page_gets_no_file_of_another_page(service: Running, ports: Ports) -> None:
    async with http_page(ports.http("eloam")) as page, page.image("/video=stream&camidx=0") as image:
        await image.next()
        assert (await page.post("/video=grabimage", {"filepath": "D:/mine.jpg"}))["code"] == "0"
    async with http_page(ports.http("eloam"), OTHER) as other:
        for path in ("D:/mine.jpg", "D/mine.jpg", str(service.root / "D/mine.jpg"), "/etc/passwd"):
            assert (await other.post("/pdf=addimage", {"ImagePath": path}))["code"] == "1"
            asked = {"picfilepath": path, "savefilepath": "D:/x.pdf"}
            assert (await other.post("/video=ocr", asked))["code"] == "1"
