"""The readers that are compared."""

from __future__ import annotations

import json
import os
import select
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from benchmarks.barcode.sets import BarcodeSample
from imgcore.barcode import USUAL, Kinds, engines, read_codes
from imgcore.types import Image, Points

QUAGGA = os.environ.get("GAOPAI_QUAGGA", "")
"""A folder in which ``npm install @ericblade/quagga2`` was run; that reader is left out without it."""
QUAGGA2 = "quagga2"
"""Name of that reader, which is given files alone."""
ENGINES = ("zxing-cpp", "zbar")
"""Names of the libraries that gaopai reads with, as they read by themselves."""
QUAGGA_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class DecodedCode:
    """The text of one code, with the protocol's name of its symbology where the reader reports it."""

    text: str
    kind: str = ""
    corners: Points | None = field(default=None, compare=False)


Read = Callable[[BarcodeSample], list[DecodedCode]]


def others() -> dict[str, Read]:
    """Return the other readers at hand, by name."""
    found: dict[str, Read] = {engine.name: _engine_reader(engine) for engine in engines.find_engines()}
    return found | {QUAGGA2: _quagga} if QUAGGA else found


def gaopai(picture: Image, helper: ThreadPoolExecutor, kinds: Kinds = USUAL) -> list[DecodedCode]:
    """Read the codes of a picture on two threads, as the service does."""
    codes = read_codes(picture, run=helper.submit, kinds=kinds)
    return [DecodedCode(code.text, code.symbology.value, code.corners) for code in codes]


def grey(picture: Image) -> Image:
    """Return the single channel that other readers take."""
    return picture if picture.ndim == 2 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)


def _engine_reader(engine: engines.Engine) -> Read:
    def read(sample: BarcodeSample) -> list[DecodedCode]:
        hits = engine.read_picture(grey(sample.picture), False)
        return [DecodedCode(hit.text, hit.symbology.value, hit.corners) for hit in hits]

    return read


def _quagga(sample: BarcodeSample) -> list[DecodedCode]:
    """Read a file by quagga2, which reads no QR codes."""
    process = _quagga_process()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{sample.path}\n")
    process.stdin.flush()
    if not select.select([process.stdout], [], [], QUAGGA_SECONDS)[0]:
        raise TimeoutError(f"quagga2 did not answer in {QUAGGA_SECONDS:g} s")
    return [DecodedCode(text) for text in json.loads(process.stdout.readline())]


@cache
def _quagga_process() -> subprocess.Popen[str]:
    """Return the process of Node.js that reads the files named to it, until its input ends with ours."""
    script = Path(__file__).with_name("quagga.mjs")
    return subprocess.Popen(
        ["node", str(script), QUAGGA], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
