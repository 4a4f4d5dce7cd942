"""The readers that are compared."""

from __future__ import annotations

import json
import os
import select
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from benchmarks.barcode.sets import BOOFCV, MATRIX, BarcodeSample
from imgcore.barcode import engines, read_codes
from imgcore.types import Image, Points

QUAGGA = os.environ.get("GAOPAI_QUAGGA", "")
"""A folder in which ``npm install @ericblade/quagga2`` was run; that reader is left out without it."""
QUAGGA2 = "quagga2"
QUAGGA_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class DecodedCode:
    """The text of one code, with the protocol's name of its symbology where the reader reports it."""

    text: str
    kind: str = ""
    corners: Points | None = field(default=None, compare=False)


Read = Callable[[BarcodeSample], list[DecodedCode]]


@contextmanager
def readers() -> Iterator[dict[str, Read]]:
    """All readers at hand, by name, gaopai first."""
    with ThreadPoolExecutor(1) as helper, _quagga() as quagga:
        found: dict[str, Read] = {"gaopai": lambda sample: gaopai(sample.picture, helper)}
        for engine in engines.find_engines():
            found[engine.name] = _engine_reader(engine)
        if quagga is not None:
            found[QUAGGA2] = quagga
        yield found


def quagga_can_read(sample: BarcodeSample) -> bool:
    """Return whether quagga2 can take the sample: it reads files, and no QR codes."""
    return sample.path is not None and sample.group not in (BOOFCV, "jsqr") and MATRIX not in sample.group


def gaopai(picture: Image, helper: ThreadPoolExecutor) -> list[DecodedCode]:
    """Read the codes of a picture on two threads, as the service does."""
    codes = read_codes(picture, run=helper.submit)
    return [DecodedCode(code.text, code.symbology.value, code.corners) for code in codes]


def grey(picture: Image) -> Image:
    """Return the single channel that other readers take."""
    return picture if picture.ndim == 2 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)


def _engine_reader(engine: engines.Engine) -> Read:
    def read(sample: BarcodeSample) -> list[DecodedCode]:
        hits = engine.read_picture(grey(sample.picture), False)
        return [DecodedCode(hit.text, hit.symbology.value, hit.corners) for hit in hits]

    return read


@contextmanager
def _quagga() -> Iterator[Read | None]:
    """A process of Node.js that reads the files named to it."""
    if not QUAGGA:
        yield None
        return
    script = Path(__file__).with_name("quagga.mjs")
    with subprocess.Popen(
        ["node", str(script), QUAGGA], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield lambda sample: _ask(process, sample)
        finally:
            process.kill()


def _ask(process: subprocess.Popen[str], sample: BarcodeSample) -> list[DecodedCode]:
    if sample.path is None or process.stdin is None or process.stdout is None:
        return []
    process.stdin.write(f"{sample.path}\n")
    process.stdin.flush()
    if not select.select([process.stdout], [], [], QUAGGA_SECONDS)[0]:
        raise TimeoutError(f"quagga2 did not answer in {QUAGGA_SECONDS:g} s")
    return [DecodedCode(text) for text in json.loads(process.stdout.readline())]
