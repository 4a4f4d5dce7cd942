"""Programs that nobody here wrote scan: scanimage over sane-airscan and over SANE's own escl."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import string
from pathlib import Path

import PIL.Image
import pytest

from server import config as configuration
from server.config import Config
from server.errors import CoverOpen, DeviceGone, PaperJam
from tests.fakes.scanner import sheet
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import connect
from tests.functional.test_auto_capture import SIZE, desk
from tests.patience import PATIENCE
from tests.share.client import EsclClient
from tests.share.test_jobs import until

FOLDERS = [Path(f"/usr/lib/{name}/sane") for name in ("x86_64-linux-gnu", "aarch64-linux-gnu")]
SCANIMAGE = shutil.which("scanimage") or ""


def missing() -> str:
    """Return the words for a skip; empty if nothing is missing."""
    found = {path.name for folder in FOLDERS for path in folder.glob("libsane-*.so.1")}
    absent = {"libsane-airscan.so.1", "libsane-escl.so.1"} - found
    if not SCANIMAGE or absent:
        return (
            f"apt-get install sane-utils sane-airscan: {', '.join(sorted(absent)) or 'scanimage'} is missing"
        )
    return ""


pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())


class Programs:
    """Configurations of both backends for the devices of a service."""

    def __init__(self, port: int, devices: list[str], folder: Path) -> None:
        self.port = port
        self.folder = folder
        address = f"http://127.0.0.1:{port}"
        lines = "".join(f'"{number}" = {address}{path}, eSCL\n' for number, path in enumerate(devices))
        texts = {
            "airscan": f"[devices]\n{lines}[options]\ndiscovery = disable\n",
            "escl": f'device {address} "first"\n',
        }
        for backend, text in texts.items():
            (folder / backend / "dll.d").mkdir(parents=True)
            (folder / backend / "dll.conf").write_text(f"{backend}\n")
            (folder / backend / f"{backend}.conf").write_text(text)

    async def start(self, number: int, *words: str, backend: str = "airscan") -> asyncio.subprocess.Process:
        name = f"escl:http://127.0.0.1:{self.port}" if backend == "escl" else f"airscan:e{number}:{number}"
        return await asyncio.create_subprocess_exec(
            *(SCANIMAGE, "-d", name, "--format=png", *words),
            cwd=self.folder,
            env={**os.environ, "SANE_CONFIG_DIR": str(self.folder / backend)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def run(self, number: int, *words: str, backend: str = "airscan") -> str:
        """What the program says, once it has ended."""
        return await said(await self.start(number, *words, backend=backend))

    def pages(self, stem: str) -> list[tuple[int, int]]:
        """Sizes of the pages that a program wrote."""
        sizes = []
        for path in sorted(self.folder.glob(f"{stem}*.png")):
            with PIL.Image.open(path) as page:
                sizes.append(page.size)
        return sizes


async def said(process: asyncio.subprocess.Process) -> str:
    async with asyncio.timeout(PATIENCE):
        return (await process.communicate())[0].decode()


async def interrupted(process: asyncio.subprocess.Process) -> None:
    """Interrupt a program until it ends: at first, scanimage ends the page, and begins with the next."""
    ended = asyncio.create_task(said(process))
    async with asyncio.timeout(PATIENCE):
        while not ended.done():
            process.send_signal(signal.SIGINT)
            await asyncio.wait([ended], timeout=0.5)


CAMERA = 0
SCANNER = 1
PAGES = 4
"""Laid below a camera; how many more there are changes nothing."""


def words(page: int) -> list[str]:
    """Words of a page that has none of another's."""
    letters = random.Random(page)
    return ["".join(letters.choices(string.ascii_letters, k=8)) for _ in range(8)]


@pytest.fixture
async def programs(escl: EsclClient, config: Config, tmp_path: Path) -> Programs:
    listing = (await escl.ask("GET", "/")).body.decode().splitlines()[1:]
    folder = tmp_path / "programs"
    devices = [line.split("  ")[0] for line in listing]
    return await asyncio.to_thread(Programs, config.share.port, devices, folder)


@pytest.mark.parametrize("backend", ["airscan", "escl"])
async def test_a_page(programs: Programs, service: Running, backend: str) -> None:
    answer = await programs.run(CAMERA, "--resolution=75", "-o", "a.png", backend=backend)
    ((width, height),) = programs.pages("a")
    assert width > 100 and height > 100, answer
    await until(lambda: service.camera.history[-1] == "close")


async def test_ten_pages_of_a_feeder(programs: Programs, service: Running) -> None:
    service.scanner.pages = [sheet(number) for number in range(1, 11)]
    answer = await programs.run(SCANNER, "--source=ADF", "--resolution=75", "--batch=a%02d.png")
    assert len(programs.pages("a")) == 10, answer
    assert "out of documents" in answer


class TestCamera:
    """Pages that are laid below a camera, one after the other."""

    @pytest.fixture
    def config(self, config: Config) -> Config:
        share = configuration.replace(config.share, page_seconds=20)
        return configuration.replace(config, share=share)

    @pytest.mark.long
    @pytest.mark.parametrize("backend", ["airscan", "escl"])
    async def test_page_after_page(
        self, programs: Programs, service: Running, monkeypatch: pytest.MonkeyPatch, backend: str
    ) -> None:
        """sane-escl takes an answer without a page, which others take for "not yet", for the last one."""
        monkeypatch.setattr("server.share.jobs.HOLD_SECONDS", 1.0)
        service.camera.jpegs[SIZE] = desk()
        batch = ("--source=ADF", "--resolution=75", "--batch=a%02d.png")
        running = await programs.start(CAMERA, *batch, backend=backend)
        for number in range(1, PAGES + 1):
            await asyncio.sleep(1.5)
            service.camera.jpegs[SIZE] = desk(words(number))
            await until(lambda name=f"a{number:02}.png": (programs.folder / name).exists())
        answer = await said(running)
        assert len(programs.pages("a")) == PAGES and "out of documents" in answer, answer


async def test_a_scan_that_is_cancelled_in_the_middle(
    programs: Programs, service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The second signal ends it without a word to the device.
    monkeypatch.setattr("server.share.jobs.UNFETCHED_SECONDS", 2.0)
    service.scanner.pulls = asyncio.Semaphore(1)
    running = await programs.start(SCANNER, "--source=ADF", "--resolution=75", "--batch=a%02d.png")
    await until(lambda: (programs.folder / "a01.png").exists())
    await interrupted(running)
    await until(lambda: service.scanner.history[-1] == "close")
    service.scanner.pulls = asyncio.Semaphore(100)
    await programs.run(SCANNER, "--source=ADF", "--resolution=75", "--batch=b%02d.png")
    assert len(programs.pages("b")) == 3


@pytest.mark.long
@pytest.mark.parametrize("backend", ["airscan", "escl"])
async def test_a_page_that_is_cancelled_in_the_middle(
    programs: Programs, service: Running, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.setattr("server.share.jobs.UNFETCHED_SECONDS", 2.0)
    service.camera.frozen.set()
    running = await programs.start(CAMERA, "--resolution=75", "-o", "a.png", backend=backend)
    await until(service.camera.started.is_set)
    await asyncio.sleep(0.5)
    await interrupted(running)
    service.camera.frozen.clear()
    await until(lambda: service.camera.history[-1] == "close")
    await programs.run(CAMERA, "--resolution=75", "-o", "b.png", backend=backend)
    assert len(programs.pages("b")) == 1


async def test_a_program_that_is_killed_leaves_nothing_busy_for_long(
    programs: Programs, service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.share.jobs.UNFETCHED_SECONDS", 0.5)
    service.scanner.pulls = asyncio.Semaphore(1)
    running = await programs.start(SCANNER, "--source=ADF", "--resolution=75", "--batch=a%02d.png")
    await until(lambda: (programs.folder / "a01.png").exists())
    running.kill()
    await said(running)
    await until(lambda: "close" in service.scanner.history)


@pytest.mark.long
async def test_a_camera_that_a_page_has_is_busy(programs: Programs, service: Running) -> None:
    async with connect(service.url, origin=ALLOWED) as page:
        await page.must("OpenCamera", devNum=0)
        answer = await programs.run(CAMERA, "--resolution=75", "-o", "a.png")
        assert "busy" in answer.lower() and "Error" not in answer, answer
        await page.must("CameraCaptureBase64", devNum=0)


async def test_a_camera_that_is_unplugged_is_an_error_at_once(programs: Programs, service: Running) -> None:
    service.camera.frozen.set()
    running = await programs.start(CAMERA, "--resolution=75", "-o", "a.png")
    await until(lambda: service.camera.started.is_set())
    service.camera.fault = DeviceGone(device="Fake")
    service.camera.frozen.clear()
    assert "I/O" in await said(running)


@pytest.mark.parametrize(("fault", "words"), [(PaperJam, "jammed"), (CoverOpen, "cover is open")])
async def test_a_jam_is_told_as_one(
    programs: Programs, service: Running, fault: type[PaperJam], words: str
) -> None:
    service.scanner.fault = fault(device="Fake")
    answer = await programs.run(SCANNER, "--source=ADF", "--resolution=75", "--batch=a%02d.png")
    assert words in answer.lower() and len(programs.pages("a")) == 3, answer


async def test_two_programs_at_once_both_get_their_page(programs: Programs, service: Running) -> None:
    """sane-airscan asks a busy device again, for ten seconds."""
    started = [await programs.start(CAMERA, "--resolution=75", "-o", f"{name}.png") for name in "ab"]
    answers = await asyncio.gather(*map(said, started))
    assert len(programs.pages("a")) == len(programs.pages("b")) == 1, answers
