"""S16: pictures and documents that would become large, endless or deep are an error, and cost little."""

from __future__ import annotations

import base64
import io
import resource
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pikepdf
import pytest

from server import config as configuration
from server.config import Config
from server.documents import pdf
from server.documents.faults import DocumentFault
from server.documents.input_file import open_input, raster_of
from server.errors import PictureTooLarge, PictureUnreadable
from tests.functional.conftest import Running
from tests.functional.page import Page, connect
from tests.security import bombs
from tests.unit.documents.samples import jpeg

GROWTH_KB = 150_000
"""What the service itself may grow by, whatever a file would become."""
ERRORS = (PictureUnreadable.code, PictureTooLarge.code)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(
        storage=configuration.StorageConfig(root=str(tmp_path / "pictures")),
        limits=configuration.LimitsConfig(message_mib=8, picture_megapixels=bombs.LIMIT // 1_000_000),
    )


async def must_refuse(page: Page, files: Mapping[str, bytes]) -> None:
    """Give each file to a function that reads pictures and to one that merges; then all is as before."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for what, data in files.items():
        given = await page.ask("RecogBarCode", imageBase64=base64.b64encode(data).decode())
        assert given["result"] in ERRORS, (what, given)
        assert not given.get("codeInfos"), what
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWTH_KB
    await still_works(page)


async def still_works(page: Page) -> None:
    """Whatever happened to a process, the next picture is read."""
    await page.must("RecogBarCode", imageBase64=base64.b64encode(jpeg()).decode())


async def test_pictures(service: Running) -> None:
    async with connect(service.url) as page:
        await must_refuse(page, bombs.pictures())


async def test_documents(service: Running) -> None:
    async with connect(service.url) as page:
        await must_refuse(page, bombs.documents())


@pytest.fixture
def small_streams(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Not the real limit, which takes seconds to reach."""
    if not hasattr(pikepdf.settings, "set_qpdf_limits"):
        pytest.skip("this pikepdf has no limits of streams")
    monkeypatch.setattr(pdf, "STREAM_LIMIT", 1 << 20)
    yield
    monkeypatch.undo()
    # It is the process's, and in force until it is set again.
    pdf._limit_streams()


@pytest.mark.usefixtures("small_streams")
@pytest.mark.parametrize("bomb", [bombs.pdf_flate, bombs.pdf_run_lengths])
def test_streams_are_decoded_up_to_a_limit(bomb: Callable[[], bytes]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DocumentFault, match="picture is damaged"):
        raster_of(open_input("a", bomb(), bombs.LIMIT), 0, bombs.LIMIT)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWTH_KB


@pytest.mark.parametrize("several", [False, True])
def test_a_page_of_endless_instructions_is_not_followed(
    monkeypatch: pytest.MonkeyPatch, several: bool
) -> None:
    monkeypatch.setattr(pdf, "CONTENT_LIMIT", 1 << 20)
    made = bombs.pdf_with_picture()
    page = made.pages[0].obj
    flood = (
        [made.make_stream(b" " * 600_000) for _ in range(2)]
        if several
        else made.make_stream(b" " * (1 << 20))
    )
    page.Contents = pikepdf.Array(flood) if several else flood
    sink = io.BytesIO()
    made.save(sink)
    with pytest.raises(DocumentFault, match="too much on it"):
        raster_of(open_input("a", sink.getvalue(), bombs.LIMIT), 0, bombs.LIMIT)
    with pytest.raises(DocumentFault, match="too much on it"):
        raster_of(open_input("a", bombs.pdf_content_bomb(), bombs.LIMIT), 0, bombs.LIMIT)


async def test_files_that_end_early(service: Running) -> None:
    async with connect(service.url) as page:
        await must_refuse(page, {str(number): data for number, data in enumerate(bombs.cut())})


async def test_of_several_pictures_in_one_file_the_first_is_read(service: Running) -> None:
    async with connect(service.url) as page:
        for what, data in bombs.harmless().items():
            given = await page.ask("RecogBarCode", imageBase64=base64.b64encode(data).decode())
            assert given["result"] == 0, (what, given)


@pytest.mark.parametrize("kind", [0, 1, 3])
async def test_merging_refuses_them_by_name_and_writes_nothing(service: Running, kind: int) -> None:
    (service.root / "good.jpg").write_bytes(jpeg())
    async with connect(service.url) as page:
        for number, (what, data) in enumerate(bombs.pictures().items()):
            (service.root / f"{number}.bin").write_bytes(data)
            names = ["good.jpg", f"{number}.bin"]
            answer = await page.ask("MergeFile", imagePath=names, fileType=kind, filePath="")
            assert answer["result"] in ERRORS, (what, answer)
            assert f"{number}.bin" in answer["errorMsg"], what
            (service.root / f"{number}.bin").unlink()
    assert [path.name for path in service.root.iterdir() if path.is_file()] == ["good.jpg"]


async def test_functions_that_compare_refuse_them_too(service: Running) -> None:
    data = bombs.png_of(50_000, 50_000, bombs.zeros(1 << 20))
    (service.root / "a.png").write_bytes(data)
    async with connect(service.url) as page:
        finger = await page.ask(
            "FingerMatch", fingerImageBase64=base64.b64encode(data).decode(), timeout=1000
        )
        face = await page.ask("FaceMatch", faceImagePath=["a.png", "a.png"], threshold=0.7)
    assert finger["result"] == face["result"] == PictureTooLarge.code, (finger, face)
