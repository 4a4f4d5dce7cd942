"""GNOME's Document Scanner, which people use, on a display of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from tests.fakes.scanner import sheet
from tests.functional.conftest import Running
from tests.functional.test_auto_capture import SIZE, desk
from tests.patience import PATIENCE
from tests.share import test_programs
from tests.share.test_jobs import until
from tests.share.test_programs import CAMERA, SCANNER, Programs, programs, words

__all__ = ["programs"]

TOOLS = ("simple-scan", "Xvfb", "xdotool", "dbus-run-session")
WIDTH = 1000
HEIGHT = 760


def missing() -> str:
    """Return the words for a skip; empty if nothing is missing."""
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    if absent:
        return f"apt-get install simple-scan xvfb xdotool dbus-daemon: {', '.join(absent)} is missing"
    return test_programs.missing()


pytestmark = [pytest.mark.long, pytest.mark.skipif(bool(missing()), reason=missing())]


class DocumentScanner:
    """The program, with a display, a bus and a home of its own."""

    def __init__(self, folder: Path, backend: Path) -> None:
        self._folder = folder
        self._backend = backend / "airscan.conf"
        self._kept = folder / ".cache" / "simple-scan" / "autosaves"
        self._kept.mkdir(parents=True)
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("DBUS_", "XDG_"))},
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "SANE_CONFIG_DIR": str(backend),
            "GSETTINGS_BACKEND": "memory",
            "GDK_BACKEND": "x11",
            "GSK_RENDERER": "cairo",
            "GTK_A11Y": "none",
            "LANG": "C.UTF-8",
        }
        self._running: list[asyncio.subprocess.Process] = []

    async def start(self, device: int) -> None:
        """Open the window for a device."""
        reader, writer = os.pipe()
        screen = ("-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-fbdir", str(self._folder))
        await self._run("Xvfb", "-displayfd", str(writer), *screen, pass_fds=(writer,))
        os.close(writer)
        # To its end: else Xvfb cannot write, and gives up.
        said = await asyncio.to_thread(lambda: b"".join(iter(lambda: os.read(reader, 1), b"\n")))
        os.close(reader)
        self._environment["DISPLAY"] = f":{said.decode()}"
        # It takes the first that it finds.
        lines = self._backend.read_text().splitlines(keepends=True)
        self._backend.write_text(
            "".join(line for line in lines if line[0] != '"' or line.startswith(f'"{device}"'))
        )
        await self._run("dbus-run-session", "--", "simple-scan", "--debug", env=self._environment)
        window = ("search", "--sync", "--onlyvisible", "--class", "simple-scan", "windowfocus", "--sync")
        async with asyncio.timeout(PATIENCE):
            while not await self._tool(*window):
                await asyncio.sleep(0.2)
            while "Requesting redetection" not in self._log():
                await asyncio.sleep(0.2)

    async def press(self, key: str) -> None:
        assert await self._tool("key", key)

    async def until(self, pages: int) -> None:
        """Wait for a number of pages, to the last line."""
        await until(lambda: len(self.pages()) >= pages)

    def pages(self) -> list[np.ndarray]:
        """The pages, as the program keeps them."""
        sizes = re.findall(r"Page is (\d+) pixels wide, (\d+) pixels high", self._log())
        kept = sorted(self._kept.glob("*.pixels"), key=lambda path: path.stat().st_mtime)
        data = [np.frombuffer(path.read_bytes(), np.uint8) for path in kept]
        shapes = [(int(height), int(width), 3) for width, height in sizes]
        whole = [pair for pair in zip(data, shapes, strict=False) if pair[0].size == np.prod(pair[1])]
        return [each.reshape(shape) for each, shape in whole]

    def screen(self) -> np.ndarray:
        """What people see, which is kept as a picture beside the log."""
        data = np.frombuffer((self._folder / "Xvfb_screen0").read_bytes(), np.uint8)
        pixels = data[-WIDTH * HEIGHT * 4 :].reshape(HEIGHT, WIDTH, 4)[..., 2::-1]
        PIL.Image.fromarray(np.ascontiguousarray(pixels)).save(self._folder / "screen.png")
        return pixels

    async def close(self) -> None:
        for process in reversed(self._running):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            await process.wait()

    async def _run(self, *command: str, **options: Any) -> None:
        with (self._folder / "log").open("ab") as log:
            self._running.append(
                await asyncio.create_subprocess_exec(
                    *command, stdout=log, stderr=log, start_new_session=True, **options
                )
            )

    async def _tool(self, *words: str) -> bool:
        tool = await asyncio.create_subprocess_exec("xdotool", *words, env=self._environment)
        async with asyncio.timeout(PATIENCE):
            return await tool.wait() == 0

    def _log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")


@pytest.fixture
async def scanner(programs: Programs, tmp_path: Path) -> AsyncIterator[DocumentScanner]:
    folder = tmp_path / "desktop"
    folder.mkdir()
    made = DocumentScanner(folder, programs.folder / "airscan")
    yield made
    made.screen()
    await made.close()


def is_page(pixels: np.ndarray) -> bool:
    """Dark words on white paper, and nothing of the dark desk around it."""
    grey = pixels.mean(axis=2)
    rim = np.concatenate([grey[2], grey[-3], grey[:, 2], grey[:, -3]])
    return bool(np.median(rim) > 220 and 0.01 < (grey < 110).mean() < 0.3)


async def test_one_page(scanner: DocumentScanner, service: Running) -> None:
    service.camera.jpegs[SIZE] = desk(words(1))
    await scanner.start(CAMERA)
    await scanner.press("ctrl+1")
    await scanner.until(1)
    (page,) = scanner.pages()
    assert is_page(page)
    await until(lambda: (scanner.screen()[60:400, 170:430].min(axis=2) > 240).mean() > 0.6)


async def test_several_pages_below_the_camera(scanner: DocumentScanner, service: Running) -> None:
    service.camera.jpegs[SIZE] = desk()
    await scanner.start(CAMERA)
    await scanner.press("ctrl+f")
    for number in range(1, 4):
        await asyncio.sleep(1.5)
        service.camera.jpegs[SIZE] = desk(words(number))
        await scanner.until(number)
    assert all(map(is_page, scanner.pages()))


async def test_a_cancel_in_the_middle(scanner: DocumentScanner, service: Running) -> None:
    service.scanner.pages = [sheet(number) for number in range(1, 11)]
    service.scanner.pulls = asyncio.Semaphore(2)
    await scanner.start(SCANNER)
    await scanner.press("ctrl+f")
    await scanner.until(2)
    await scanner.press("Escape")
    # It looks at what people want between pages alone, and the key may reach it after one of them.
    async with asyncio.timeout(PATIENCE):
        while service.scanner.history[-1] != "close":
            service.scanner.pulls.release()
            await asyncio.sleep(2)
    assert len(scanner.pages()) < 10
    service.scanner.pulls = asyncio.Semaphore(100)
    before = len(scanner.pages())
    await scanner.press("ctrl+1")
    await scanner.until(before + 1)
