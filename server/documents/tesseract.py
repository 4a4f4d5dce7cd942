"""Text recognition with the program Tesseract, where it is installed.

It runs as a child of low priority, one for each thread that asks, and gets its picture in memory: nothing
of a page touches a disk.
"""

from __future__ import annotations

import threading

import cv2
import numpy as np

from imgcore.types import Image
from server.children.program import Program, Stopped, environment
from server.documents.faults import DocumentFault
from server.documents.geometry import assumed_dots
from server.documents.input_file import Raster
from server.errors import LocalizedText, ToolMissing

PROGRAM = "tesseract"
"""Name of Tesseract's program."""
LANGUAGES = ("chi_sim", "eng")
"""Languages that are read where their data are installed."""

_PAGE_SECONDS = 180.0
"""Seconds that reading a page may take before it is given up."""
_LIST_SECONDS = 10.0
"""Seconds that listing the installed languages may take before Tesseract counts as missing."""
_NICENESS = 10
"""Niceness added to that of the service, so that reading text does not hold up other work."""
_LEAST_SIDE = 24
"""Pixels of the short side below which a picture is not read: there is no word on it."""
_MOST_SIDE = 8000
"""Pixels of the long side to which a larger picture is reduced: more does not make words clearer."""
_LEAST_DOTS = 70
"""Fewest dots an inch that Tesseract is told."""
_MOST_DOTS = 2400
"""Most dots an inch that Tesseract is told."""


def languages() -> list[str]:
    """Return those of `LANGUAGES` that can be read here; blocks for a moment.

    Raises
    ------
    server.errors.ToolMissing
        Tesseract is not installed, or does not run.
    """
    try:
        listed = Program((PROGRAM, "--list-langs"), _variables()).run(_LIST_SECONDS)
    except OSError as exc:  # it is missing, cannot be started, or takes too long
        raise ToolMissing(tool="Tesseract") from exc
    if listed.code != 0:
        raise ToolMissing(tool="Tesseract")
    installed = listed.output.decode("utf-8", "replace").split()
    return [language for language in LANGUAGES if language in installed]


class Tesseract:
    """Reads the text of the pages of one output file.

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
        self._running: set[Program] = set()

    def read(self, raster: Raster) -> bytes:
        """Return a PDF of one page with only the text of a picture, invisible; nothing if that is too small.

        Raises
        ------
        server.documents.faults.DocumentFault
            Tesseract fails on it, or takes too long.
        """
        if min(raster.image.shape[:2]) < _LEAST_SIDE:
            return b""
        return self._read(raster.image, max(raster.dots or assumed_dots(*raster.image.shape[1::-1])))

    def stop(self) -> None:
        """End the reading that goes on, and read no more."""
        with self._lock:
            self._stopped = True
            for program in self._running:
                program.stop()

    def _read(self, image: Image, dots: float) -> bytes:
        small = min(1.0, _MOST_SIDE / max(image.shape))
        if small < 1:
            image = np.asarray(
                cv2.resize(image, None, fx=small, fy=small, interpolation=cv2.INTER_AREA), np.uint8
            )
        stated = round(min(max(dots * small, _LEAST_DOTS), _MOST_DOTS))
        program = self._program(stated)
        try:
            # PNM is as good as nothing to encode.
            read = program.run(_PAGE_SECONDS, _pnm(image))
        except Stopped as exc:
            raise _cancelled() from exc
        except TimeoutError as exc:
            raise DocumentFault(LocalizedText("文字识别超时", "reading its text takes too long")) from exc
        finally:
            with self._lock:
                self._running.discard(program)
        if read.code != 0:
            raise DocumentFault(LocalizedText("文字识别失败", "its text cannot be read"))
        return read.output

    def _program(self, dots: int) -> Program:
        command = (PROGRAM, "stdin", "stdout", "-l", self._languages, "--dpi", str(dots))
        program = Program((*command, "-c", "textonly_pdf=1", "pdf"), _variables(), niceness=_NICENESS)
        with self._lock:
            if self._stopped:
                raise _cancelled()
            self._running.add(program)
        return program


def _cancelled() -> DocumentFault:
    return DocumentFault(LocalizedText("已取消", "it was cancelled"))


def _pnm(image: Image) -> bytes:
    return cv2.imencode(".pgm" if image.ndim == 2 else ".ppm", image)[1].tobytes()


def _variables() -> dict[str, str]:
    # Its own threads would fight for the cores with the other pages'.
    return environment("TESSDATA_PREFIX", LC_ALL="C.UTF-8", OMP_THREAD_LIMIT="1")
