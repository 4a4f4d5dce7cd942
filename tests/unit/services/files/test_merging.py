"""Merging: the name is judged first, pages keep their order, and what fails leaves nothing."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pikepdf
import PIL.Image
import pytest

from server.access.client import Client
from server.config import ArchiveConfig
from server.documents.blank_page import BlankPageDetector
from server.errors import (
    BadName,
    BadSuffix,
    DocumentProtected,
    FileExists,
    FileMissing,
    GaopaiError,
    PathOutside,
    PictureTooLarge,
    PictureUnreadable,
    ToolMissing,
)
from server.protocol.messages.files import MergeFileRequest
from server.services.archive import SigningService
from server.services.files import merging
from server.services.files.merging import MergedDocument, MergeService
from server.services.pictures.naming import CardNumbers, FileNamer
from server.services.pictures.originals import Provenance
from server.services.pools import ThreadPools
from server.storage.root import Storage
from tests.fakes.decoding import decoders
from tests.patience import PATIENCE
from tests.unit.documents.samples import LIMIT, encrypted, file, jpeg, letters, png, shown, text_pdf, tiff

PDF, TIFF, SEARCHABLE, OFD = range(4)

UNSIGNED = SigningService(ArchiveConfig(), Path("unused"))
"""What signs nothing, as it has no key."""


@pytest.fixture
def workers() -> Iterator[ThreadPools]:
    pools = ThreadPools()
    yield pools
    pools.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(jpeg())
    (folder / "b.png").write_bytes(png())
    (folder / "c.tif").write_bytes(tiff(shown(letters()), shown(letters())))
    (folder / "d.pdf").write_bytes(text_pdf("one", "two"))
    return folder


@pytest.fixture
def service(root: Path, workers: ThreadPools) -> MergeService:
    return MergeService(
        Storage(root), workers, decoders(LIMIT), UNSIGNED, Provenance(), FileNamer(CardNumbers())
    )


async def merge(service: MergeService, inputs: Sequence[str | bytes], kind: int, name: str) -> MergedDocument:
    """Merge into one file, for a program that is no browser."""
    fields = {"imagePath": ["given beside it"], "fileType": kind, "filePath": name}
    (made,) = await service.merge(Client(1, None), msgspec.convert(fields, MergeFileRequest), inputs)
    return made


def blank_page(kind: str) -> bytes:
    picture = np.full((1754, 1240), 246, np.uint8)
    return cv2.imencode(kind, picture)[1].tobytes()


def names(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir())


@pytest.mark.parametrize(
    ("kind", "name"), [(PDF, "o.pdf"), (TIFF, "o.tif"), (TIFF, "o.TIFF"), (OFD, "deep/er/o.ofd")]
)
async def test_a_file_is_made_of_all_pages(service: MergeService, root: Path, kind: int, name: str) -> None:
    made = await merge(service, ["a.jpg", str(root / "b.png"), "c.tif", "d.pdf"], kind, name)
    assert made.path == root / name
    assert made.page_count == 6
    assert made.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("kind", "suffix"), [(PDF, ".pdf"), (TIFF, ".tif"), (OFD, ".ofd")])
async def test_without_a_name_it_gets_one(service: MergeService, root: Path, kind: int, suffix: str) -> None:
    made = await merge(service, ["a.jpg"], kind, "")
    assert (made.path.parent, made.path.suffix) == (root, suffix)


async def test_a_template_names_documents_and_replaces_none(service: MergeService, root: Path) -> None:
    client = Client(1, None)
    client.page.case = "118"
    fields = {"imagePath": ["given beside it"], "fileType": PDF, "filePath": "{case}/{case}-{seq}.pdf"}
    request = msgspec.convert(fields, MergeFileRequest)
    for number in (1, 2):
        (made,) = await service.merge(client, request, ["a.jpg"])
        assert made.path == root / "118" / f"118-000{number}.pdf"
        assert made.path.read_bytes().startswith(b"%PDF")
    with pytest.raises(BadSuffix):
        await merge(service, ["a.jpg"], PDF, "{case}.tif")


async def test_pages_keep_their_order(service: MergeService, root: Path) -> None:
    shades = [int(shade) for shade in np.linspace(0, 255, 40)]
    for number, shade in enumerate(shades):
        PIL.Image.new("L", (30, 20), shade).save(root / f"{number}.png")
    made = await merge(service, [f"{number}.png" for number in reversed(range(40))], TIFF, "o.tif")
    with PIL.Image.open(made.path) as document:
        found = []
        for page in range(40):
            document.seek(page)
            found.append(int(np.asarray(document.convert("L"))[3, 3]))
    assert found == shades[::-1]


@pytest.mark.parametrize("kind", [PDF, TIFF, OFD])
async def test_blank_pages_are_told_and_kept(service: MergeService, root: Path, kind: int) -> None:
    for suffix in (".jpg", ".png", ".tif"):
        (root / f"blank{suffix}").write_bytes(blank_page(suffix))
    (root / "blank.pdf").write_bytes(text_pdf("", "not blank"))
    (root / "written.jpg").write_bytes(file(shown(letters()), "JPEG"))
    (root / "written.png").write_bytes(file(shown(letters()), "PNG"))
    inputs = ["blank.jpg", "written.jpg", "blank.png", "blank.tif", "written.png", "blank.pdf"]
    made = await merge(service, inputs, kind, "")
    assert made.page_count == 7
    assert made.blank_pages == (1, 3, 4, 6)


@pytest.mark.parametrize(
    ("kind", "name", "error"),
    [
        (PDF, "o.tif", BadSuffix),
        (PDF, "o", BadSuffix),
        (TIFF, "o.pdf", BadSuffix),
        (OFD, "o.jpg", BadSuffix),
        (PDF, "a.ofd", BadSuffix),
        (PDF, "../o.pdf", PathOutside),
        (PDF, ".o.pdf", BadName),
        (PDF, "d.pdf", FileExists),
    ],
)
async def test_a_bad_name_is_refused_before_anything_is_read(
    service: MergeService, root: Path, kind: int, name: str, error: type[GaopaiError]
) -> None:
    before = names(root)
    with pytest.raises(error):
        await merge(service, ["missing.jpg"], kind, name)
    assert names(root) == before


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("missing.jpg", None, FileMissing),
        ("../a.jpg", None, PathOutside),
        ("cut.jpg", jpeg()[:2000], PictureUnreadable),
        ("cut.pdf", text_pdf("one")[:300], PictureUnreadable),
        ("foreign.pdf", b"no document", PictureUnreadable),
        ("broken.png", png()[:200] + bytes(2000) + png()[2200:], PictureUnreadable),
        ("locked.pdf", encrypted(text_pdf("one"), user="secret", owner="secret"), DocumentProtected),
    ],
)
@pytest.mark.parametrize("kind", [PDF, TIFF, OFD])
async def test_a_bad_file_is_named_and_nothing_is_left(
    service: MergeService, root: Path, kind: int, name: str, data: bytes | None, error: type[GaopaiError]
) -> None:
    if data is not None:
        (root / name).write_bytes(data)
    before = names(root)
    with pytest.raises(error) as caught:
        await merge(service, ["a.jpg", name, "b.png"], kind, "")
    assert names(root) == before
    if error is not PathOutside:
        assert name in caught.value.message("en")
        assert str(root) not in caught.value.message("en")


async def test_limits_hold_for_all_files_together(
    service: MergeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "PAGES", 3)
    with pytest.raises(PictureTooLarge, match="4 pages, over the limit of 3"):
        await merge(service, ["c.tif", "d.pdf"], PDF, "")
    for limit in (1, 1 << 14):
        monkeypatch.setattr(merging, "OUTPUT_BYTES", limit)
        with pytest.raises(PictureTooLarge, match="over the limit"):
            await merge(service, ["a.jpg", "b.png", "a.jpg"], OFD, "")
    monkeypatch.setattr(merging, "OUTPUT_BYTES", 1 << 30)
    monkeypatch.setattr(merging, "INPUT_BYTES", len(jpeg()) + 100)
    with pytest.raises(PictureTooLarge, match="over the limit"):
        await merge(service, ["a.jpg", "a.jpg"], PDF, "")


async def test_too_many_pixels_are_refused(root: Path, workers: ThreadPools) -> None:
    small = MergeService(
        Storage(root), workers, decoders(1000), UNSIGNED, Provenance(), FileNamer(CardNumbers())
    )
    for name in ("a.jpg", "b.png", "c.tif"):
        with pytest.raises(PictureTooLarge, match=name):
            await merge(small, [name], PDF, "")


async def test_tesseract_is_missed_before_anything_is_read(
    service: MergeService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="Tesseract"):
        await merge(service, ["missing.jpg"], SEARCHABLE, "")


async def test_a_cancelled_merge_ends_between_two_pages(
    service: MergeService, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Semaphore(0)
    go_on = threading.Event()
    seen = []
    original = BlankPageDetector.blank

    def slowly(self: BlankPageDetector, picture: object) -> bool:
        seen.append(picture)
        begun.release()
        go_on.wait(PATIENCE)
        return original(self, picture)  # type: ignore[arg-type]

    monkeypatch.setattr(BlankPageDetector, "blank", slowly)
    before = names(root)
    task = asyncio.create_task(merge(service, ["a.jpg"] * 500, PDF, "o.pdf"))
    assert await asyncio.to_thread(begun.acquire, timeout=PATIENCE)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    assert len(seen) <= (os.cpu_count() or 1)
    assert names(root) == before


async def test_merged_files_can_be_merged(service: MergeService) -> None:
    first = await merge(service, ["a.jpg", "b.png"], PDF, "first.pdf")
    second = await merge(service, ["c.tif", first.path.name, "first.pdf"], PDF, "second.pdf")
    with pikepdf.open(io.BytesIO(second.path.read_bytes())) as document:
        assert len(document.pages) == second.page_count == 6
