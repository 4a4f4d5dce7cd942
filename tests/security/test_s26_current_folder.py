"""S26: no child process runs code that lies in the folder in which the program was started."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgcore.settings import Settings
from server.batch.jobs import Job
from server.batch.plan import BatchSource
from server.batch.work import EnhanceRequest, PageResult
from server.batch.workers import Workers
from server.decoding.decoders import Decoders
from server.decoding.pool import Pool
from server.devices.adapters.libfprint.finder import LibfprintFinder
from server.devices.adapters.samv.portrait import Decoder
from server.devices.adapters.sane.finder import SaneScannerFinder
from server.errors import PortraitNotDecoded
from tests.devices.samv.people import PORTRAIT
from tests.service import REPOSITORY
from tests.unit.documents.samples import jpeg

PLANTED = (
    *("server", "imgcore", "models", "cv2", "numpy", "msgspec", "sane", "gi"),
    *("pickle", "json", "socket", "ctypes", "threading", "multiprocessing", "importlib", "sitecustomize"),
)
PROGRAM = f"import sys; sys.path.append({str(REPOSITORY)!r}); from server.cli import main; sys.exit(main())\n"
"""The installed command: it is a file, so that Python does not look for modules in the current folder."""


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder with modules of other people's, each of which would leave a file when it is imported."""
    folder = tmp_path / "hostile"
    for name in PLANTED:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(f"open({str(tmp_path / name)!r}, 'w').close()\n")
    return folder


@pytest.fixture
def here(hostile: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """The current folder is the hostile one, where modules are looked for too; tells what was imported."""
    monkeypatch.chdir(hostile)
    monkeypatch.setenv("PYTHONPATH", "")
    yield lambda: imported(hostile)


def imported(hostile: Path) -> list[str]:
    return [name for name in PLANTED if (hostile.parent / name).exists()]


class One:
    """A single job."""

    stopped = False

    def __init__(self, job: Job) -> None:
        self._jobs = [job]

    def take(self) -> Job | None:
        return self._jobs.pop() if self._jobs else None


def picture(folder: Path) -> Path:
    path = folder / "page.png"
    cv2.imwrite(str(path), np.full((60, 80), 200, np.uint8))
    return path


async def test_decoding(here: Callable[[], list[str]]) -> None:
    pool = Pool(30_000_000)
    file = await Decoders(pool).opened("a", jpeg())
    file.close()
    await pool.close()
    assert here() == []


def test_batch_workers(here: Callable[[], list[str]], tmp_path: Path) -> None:
    job = Job(BatchSource(picture(tmp_path), "page"), 1)
    ((_, result),) = Workers(EnhanceRequest(Settings(), "png"), 1).run(One(job))
    assert isinstance(result, PageResult)
    assert result.failure is None
    assert here() == []


async def test_scanner_drivers(here: Callable[[], list[str]]) -> None:
    pytest.importorskip("sane", reason="python-sane is not installed: pip install 'gaopai[scanner]'")
    finder = await asyncio.to_thread(SaneScannerFinder)
    await finder.find()
    await finder.close()
    assert here() == []


async def test_fingerprint_drivers(here: Callable[[], list[str]]) -> None:
    finder = await asyncio.to_thread(LibfprintFinder)
    await finder.find()
    await finder.close()
    assert here() == []


async def test_portrait_libraries(here: Callable[[], list[str]], tmp_path: Path) -> None:
    library = tmp_path / "text.so"
    library.write_text("no library")
    library.chmod(0o644)
    with pytest.raises(PortraitNotDecoded, match="cannot be loaded"):
        await Decoder(library, owners=frozenset({os.getuid()})).decode(PORTRAIT)
    assert here() == []


def test_a_batch_as_it_is_typed(hostile: Path, tmp_path: Path) -> None:
    """Files are named by where they are from here, all the same."""
    picture(hostile)
    command = tmp_path / "bin" / "gaopai"
    command.parent.mkdir()
    command.write_text(PROGRAM)
    words = [sys.executable, str(command), "enhance", ".", "-o", "../out"]
    done = subprocess.run(words, cwd=hostile, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out" / "page.png").exists()
    assert imported(hostile) == []
