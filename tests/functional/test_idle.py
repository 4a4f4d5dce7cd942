"""Memory of a service in which nothing is opened, and the threads that read its large libraries."""

from __future__ import annotations

import asyncio
import contextlib
import re
from pathlib import Path

import pytest

from benchmarks.idle import memory_mib
from benchmarks.reliability.service import descendants
from server.errors import DeviceTimeout
from tests.functional.page import Page, connect
from tests.patience import PATIENCE
from tests.service import Service, running

ORIGIN = "https://oa.example.cn"
CONFIG = f'[access]\norigins = ["{ORIGIN}"]\n[log]\nlevel = "DEBUG"\n'
MOST_MIB = 120
CAMERAS = ("GetCameraInfo", "GetFaceCameraInfo")
OTHERS = ("GetScannerName", "GetCardReaderInfo", "GetFingerReaderInfo")


@pytest.mark.long
async def test_libraries_are_read_when_a_page_works_and_not_by_the_loop(tmp_path: Path) -> None:
    with running(tmp_path, CONFIG) as service:
        async with connect(service.url, ORIGIN) as page:
            await page.must("GetServiceInfo")
            for listing in (*CAMERAS, *OTHERS):
                await page.must(listing)
            assert read(service) == {}
            assert memory_mib(service.process.pid) <= MOST_MIB

            await page.must("OpenCamera", devNum=0, mediaNum=0, resolutionNum=0)
            await patiently(page, "GetCameraVideoBuff", devNum=0, enable=True)
            await patiently(page, "CameraCapture", devNum=0, imagePath="a.pdf")
            await page.must("ReadIDCardInfo", idType=0)
            await page.must("MergeFile", imagePath=["a.pdf"], filePath="b.pdf")
        assert {"cv2", "PIL", "img2pdf"} <= set(read(service))
        assert "MainThread" not in read(service).values()


@pytest.mark.long
async def test_what_signs_is_read_by_no_process_that_stays(tmp_path: Path) -> None:
    pytest.importorskip("pyhanko", reason="the extra archive is not installed")
    with running(tmp_path, CONFIG) as service:
        async with connect(service.url, ORIGIN) as page:
            # A compiled library that is read is seen; pyHanko has lxml.
            assert holds(service.process.pid, "msgspec")
            assert not holds(service.process.pid, "lxml")
            await page.must("VerifyFile", fileBase64="dGV4dA==")
            assert not holds(service.process.pid, "lxml")
        assert not any(holds(pid, "lxml") for pid in descendants(service.process.pid))


def holds(pid: int, library: str) -> bool:
    """Return True if a process has a compiled module of a library in its memory."""
    with contextlib.suppress(OSError):
        return f"/{library}/" in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    return False


async def patiently(page: Page, func: str, **parameters: object) -> None:
    """Ask until the camera answers: a busy machine draws for longer than a camera may be silent."""
    async with asyncio.timeout(PATIENCE):
        while (answer := await page.ask(func, **parameters))["result"] == DeviceTimeout.code:
            pass
    assert answer["result"] == 0, answer


def read(service: Service) -> dict[str, str]:
    """The libraries that were read, with the thread of each."""
    return dict(re.findall(r"lazy_imports \S+ read (\w+) in (\S+)", service.log))
