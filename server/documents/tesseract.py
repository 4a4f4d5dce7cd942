"""Reading the text of pages with the program Tesseract, where it is installed.

It runs as a child of low priority, one for each thread that asks, and gets its picture by a pipe: nothing
of a page touches a disk.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import threading

import cv2
import numpy as np

from imgcore.types import Image
from server.documents.faults import DocumentFault
from server.documents.picture import Raster
from server.documents.resolution import DOTS
from server.errors import LocalizedText, ToolMissing

PROGRAM = "tesseract"
LANGUAGES = ("chi_sim", "eng")
"""Those that are read where their data are installed."""

_PAGE_SECONDS, _LIST_SECONDS = 180.0, 10.0
_NICENESS = 10
_LEAST_SIDE, _MOST_SIDE = 24, 8000
"""Pixels: on less there is no word, and more does not make words clearer."""
_LEAST_DOTS, _MOST_DOTS = 70, 2400


def languages() -> list[str]:
    """Which of `LANGUAGES` can be read here; blocks for a moment.

    Raises
    ------
    server.errors.ToolMissing
        Tesseract is not installed, or does not run.
    """
    if shutil.which(PROGRAM) is None:
        raise ToolMissing(tool="Tesseract")
    try:
        said = subprocess.run(
            [PROGRAM, "--list-langs"],
            capture_output=True,
            timeout=_LIST_SECONDS,
            check=True,
            env=_environment(),
        )
    except (OSError, subprocess.SubprocessError) as exc:
        raise ToolMissing(tool="Tesseract") from exc
    installed = said.stdout.decode("utf-8", "replace").split()
    return [language for language in LANGUAGES if language in installed]


class Tesseract:
    """Reads the pages of one file to be made.

    Raises
    ------
    server.errors.ToolMissing
        Tesseract, or the data of all languages, are not installed.
    """

    def __init__(self) -> None:
        self._languages = "+".join(languages())
        if not self._languages:
            raise ToolMissing(tool=f"Tesseract ({', '.join(LANGUAGES)})")
        self._lock = threading.Lock()
        self._stopped = False
        self._running: set[subprocess.Popen[bytes]] = set()

    def read(self, raster: Raster) -> bytes:
        """A PDF of one page with the text of a picture alone, invisible; nothing where it is too small.

        Raises
        ------
        server.documents.faults.DocumentFault
            Tesseract fails on it, or takes too long.
        """
        if min(raster.image.shape[:2]) < _LEAST_SIDE:
            return b""
        return self._read(raster.image, max(raster.dots or DOTS))

    def stop(self) -> None:
        """End what is being read, and read no more."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.kill()

    def _read(self, image: Image, dots: float) -> bytes:
        small = min(1.0, _MOST_SIDE / max(image.shape))
        if small < 1:
            image = np.asarray(
                cv2.resize(image, None, fx=small, fy=small, interpolation=cv2.INTER_AREA), np.uint8
            )
        stated = round(min(max(dots * small, _LEAST_DOTS), _MOST_DOTS))
        process = self._start(stated)
        try:
            # PNM is as good as nothing to encode.
            layer, _ = process.communicate(_pnm(image), timeout=_PAGE_SECONDS)
        except subprocess.TimeoutExpired as exc:
            raise DocumentFault(LocalizedText("文字识别超时", "reading its text takes too long")) from exc
        finally:
            self._end(process)
        if process.returncode != 0:
            raise DocumentFault(LocalizedText("文字识别失败", "its text cannot be read"))
        return layer

    def _start(self, dots: int) -> subprocess.Popen[bytes]:
        command = [PROGRAM, "stdin", "stdout", "-l", self._languages, "--dpi", str(dots)]
        with self._lock:
            if self._stopped:
                raise DocumentFault(LocalizedText("已取消", "it was cancelled"))
            process = subprocess.Popen(
                [*command, "-c", "textonly_pdf=1", "pdf"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
            )
            self._running.add(process)
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
        return process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._running.discard(process)
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            # What it did not take is still to be flushed, and it is gone.
            with contextlib.suppress(BrokenPipeError):
                if pipe is not None:
                    pipe.close()


def _pnm(image: Image) -> bytes:
    return cv2.imencode(".pgm" if image.ndim == 2 else ".ppm", image)[1].tobytes()


def _environment() -> dict[str, str]:
    """No more than it needs; its own threads would fight for the cores with the other pages'."""
    kept = {name: os.environ[name] for name in ("PATH", "TESSDATA_PREFIX") if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
