"""Legibility of faded receipts by image type: rendered slips with known words, read by Tesseract."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks import report
from benchmarks.quality.pages import word_f1
from benchmarks.quality.processed import processed
from imgcore.settings import ImageType, Settings
from imgcore.types import Image
from synthetic.datasets.receipts import FADED, Receipt, make_receipt

COUNT = 10
FIRST = 1000
"""Seeds from here on were not looked at while the stage was made."""


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section; without Tesseract say so and change nothing."""
    parser = argparse.ArgumentParser(prog="receipts", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="four slips, and nothing is written")
    options = parser.parse_args(arguments)
    if shutil.which("tesseract") is None:
        print("receipts: skipped, Tesseract is not installed")
        return 0
    cv2.setNumThreads(1)
    seeds = range(FIRST, FIRST + (4 if options.quick else COUNT))
    slips = {faded: [make_receipt(seed, faded) for seed in seeds] for faded in (True, False)}
    rows = [_row(image_type, slips) for image_type in ImageType]
    head = ("image type", "faded", "worst quarter", "fresh", "ms a megapixel")
    body = "\n\n".join([_intro(len(seeds)), report.table(head, rows)])
    report.publish("receipts", "Receipts", body, options.quick)
    return 0


def _intro(count: int) -> str:
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy'))} SYNTHETIC: {count} made till slips, thermal "
        f"print in dots, faded to densities of {FADED[0]} to {FADED[1]}, creased, unevenly lit; "
        "and the same slips fresh. Word F1 of what Tesseract reads after each image type, mean; of the faded "
        "ones also the mean of the worst quarter. Milliseconds are processor time of one thread."
    )


def _row(image_type: ImageType, slips: dict[bool, list[Receipt]]) -> tuple[str, ...]:
    read: dict[bool, list[float]] = {}
    spent = 0.0
    area = 0
    for faded, some in slips.items():
        read[faded] = []
        for slip in some:
            begun = time.thread_time()
            picture = processed(slip.picture, Settings(image_type=image_type))
            spent += time.thread_time() - begun
            area += slip.picture.shape[0] * slip.picture.shape[1]
            read[faded].append(word_f1(_telling(slip.words), _telling(_read(picture))))
    worst = np.sort(read[True])[: max(1, len(read[True]) // 4)].mean()
    figures = (np.mean(read[True]), worst, np.mean(read[False]))
    name = f"{int(image_type)} {image_type.name.lower().replace('_', ' ')}"
    return (name, *(f"{figure:.3f}" for figure in figures), f"{spent / area * 1e9:.0f}")


def _read(picture: Image) -> Counter[str]:
    """The words Tesseract reads when told that it is one block: a slip's columns are far apart."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slip.png"
        cv2.imwrite(str(path), picture)
        done = subprocess.run(
            [shutil.which("tesseract") or "tesseract", str(path), "-", "--psm", "6"],
            capture_output=True, text=True, timeout=60, check=False, env={"OMP_THREAD_LIMIT": "1"},
        )  # fmt: skip
    return Counter(done.stdout.split())


def _telling(read: Counter[str]) -> Counter[str]:
    """Return the words with a letter or a digit in them: rules of dashes are not read."""
    return Counter({word: count for word, count in read.items() if any(map(str.isalnum, word))})
