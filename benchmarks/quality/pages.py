"""Similarity of a flattened photograph to the flat page: MS-SSIM, displacement of features, words."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import skimage

from imgcore.types import Image
from lab.photographs import SHARED

Floats = npt.NDArray[np.float32]
Points = npt.NDArray[np.float64]

AREA = 598_400
"""Pixels at which pictures are compared, as DocUNet's benchmark does."""
READ_KINDS = ("perspective", "curled", "crumpleshard")
"""Kinds of deformation of the sheets whose words are read, which takes most of the time."""
_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_MATCH = 0.75
_FARTHEST = 100.0
"""Pixels; a match farther off is another word of the same letters."""
_SECONDS = 600
_WORD = re.compile(r"[^\W_]{2,}")


@dataclass(frozen=True, slots=True)
class SheetPhotograph:
    """A photograph of a sheet, the page printed on it, and the kind of its deformation."""

    photograph: Path
    flat: Path
    kind: str
    light: str


def load_sheets() -> Iterator[SheetPhotograph]:
    """All there are; none without the data."""
    manifest = SHARED / "data" / "dewarp" / "manifest.json"
    if not manifest.is_file():
        return
    for entry in json.loads(manifest.read_text(encoding="utf-8")):
        photograph, flat = ((manifest.parent / entry[key]).resolve() for key in ("photo", "flat"))
        yield SheetPhotograph(photograph, flat, entry["kind"], entry["light"])


def compared(flat: Image, picture: Image) -> tuple[Image, Image]:
    """Return both in grey and in the flat page's shape, at `AREA` pixels."""
    factor = (AREA / (flat.shape[0] * flat.shape[1])) ** 0.5
    size = (round(flat.shape[1] * factor), round(flat.shape[0] * factor))
    grey = (each if each.ndim == 2 else cv2.cvtColor(each, cv2.COLOR_BGR2GRAY) for each in (flat, picture))
    first, second = (
        np.asarray(cv2.resize(each, size, interpolation=cv2.INTER_AREA), np.uint8) for each in grey
    )
    return first, second


def ms_ssim(one: Image, other: Image) -> float:
    """Structural similarity over five scales of two grey pictures of one shape; 1 for the same.

    References
    ----------
    Z. Wang, E. Simoncelli, A. Bovik, "Multi-scale structural similarity", 2003.
    """
    first = one.astype(np.float32)
    second = other.astype(np.float32)
    product = 1.0
    for level, weight in enumerate(_WEIGHTS):
        # Only the coarsest scale compares brightness, too: so large a constant makes its term 1.
        brightness = 0.01 if level == len(_WEIGHTS) - 1 else 1e6
        product *= max(_similarity(first, second, brightness), 1e-6) ** weight
        first, second = (_halved(each) for each in (first, second))
    return float(product)


def _halved(values: Floats) -> Floats:
    even = values[: values.shape[0] & ~1, : values.shape[1] & ~1]
    return np.asarray(cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.float32)


def _similarity(one: Floats, other: Floats, brightness: float) -> float:
    return float(
        skimage.metrics.structural_similarity(
            one,
            other,
            data_range=255,
            K1=brightness,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
    )


def displacement(flat: Image, picture: Image) -> float:
    """Mean distance in pixels of features that match both ways: a proxy of the true error."""
    points, others = matches(flat, picture)
    return float(np.linalg.norm(points - others, axis=1).mean()) if len(points) else _FARTHEST


def matches(one: Image, other: Image) -> tuple[Points, Points]:
    """Return the places ``(n, 2)`` in two pictures of features that match both ways, and lie near."""
    finder = cv2.SIFT.create()
    (points, marks), (others, other_marks) = (finder.detectAndCompute(each, None) for each in (one, other))
    if marks is None or other_marks is None or len(other_marks) < 2:
        return np.zeros((0, 2)), np.zeros((0, 2))
    matcher = cv2.BFMatcher(cv2.NORM_L2)
    back = {match.queryIdx: match.trainIdx for match in matcher.match(other_marks, marks)}
    pairs = matcher.knnMatch(marks, other_marks, k=2)
    sure = [first for first, second in pairs if first.distance < _MATCH * second.distance]
    both = [match for match in sure if back[match.trainIdx] == match.queryIdx]
    here = np.array([points[match.queryIdx].pt for match in both], np.float64).reshape(-1, 2)
    there = np.array([others[match.trainIdx].pt for match in both], np.float64).reshape(-1, 2)
    near = np.linalg.norm(here - there, axis=1) < _FARTHEST
    return here[near], there[near]


def words(picture: Image) -> Counter[str] | None:
    """The words Tesseract reads, each with its number; None where Tesseract is not installed.

    Words are two letters or digits and more, in lower case. Tesseract thresholds after Sauvola, not by one
    level for the page: otherwise a cast shadow counts for more than how the page was laid flat.
    """
    program = shutil.which("tesseract")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.png"
        cv2.imwrite(str(path), picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        done = subprocess.run(
            [program, str(path), "-", "--psm", "3", "-c", "thresholding_method=2"],
            capture_output=True, text=True, timeout=_SECONDS, check=False,
            env={"OMP_THREAD_LIMIT": "1"},
        )  # fmt: skip
    return words_of(done.stdout)


def words_of(text: str) -> Counter[str]:
    """Count the words of a text, as `words` does."""
    return Counter(_WORD.findall(text.lower()))


def word_f1(truth: Counter[str], read: Counter[str]) -> float:
    """Harmonic mean of precision and recall of words, counted."""
    total = truth.total() + read.total()
    return 2 * (truth & read).total() / total if total else 1.0
