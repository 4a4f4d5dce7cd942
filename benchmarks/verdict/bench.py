"""Verdicts against the failure of text recognition: areas under the curve on made pages."""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks import report
from benchmarks.verdict.pages import FAULTS, MadePage, make_page
from imgcore.verdict import DOUBT, judge

BAD = 0.1
"""Share of wrong letters from which a page cannot be read."""
SECONDS = 120.0
TESSERACT = ("tesseract", "stdin", "stdout", "-l", "chi_sim", "--psm", "6", "--dpi", "150")
HEAD = ("fault", "pages", "unreadable", "AUC", "refused of unreadable", "refused of readable")


@dataclass(frozen=True, slots=True)
class JudgedPage:
    """A page's fault, the share of its letters that were read wrongly, and its score."""

    fault: str
    error: float
    score: float


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="verdict", description=__doc__)
    parser.add_argument("--pages", type=int, default=240)
    parser.add_argument("--quick", action="store_true", help="24 pages, and nothing is written")
    options = parser.parse_args(arguments)
    count = 24 if options.quick else options.pages
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        pages = list(threads.map(_judged, range(count)))
    report.publish("verdict", "Verdicts on captures", _section(pages), options.quick)
    return 0


def _judged(seed: int) -> JudgedPage:
    page = make_page(seed)
    return JudgedPage(page.fault, _error(page), judge(page.picture).worst)


def _error(page: MadePage) -> float:
    data = cv2.imencode(".png", page.picture)[1].tobytes()
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    try:
        run = subprocess.run(
            TESSERACT, input=data, capture_output=True, timeout=SECONDS, env=environment, check=True
        )
    except subprocess.TimeoutExpired:
        return 1.0
    true = "".join("".join(page.lines).split())
    read = "".join(run.stdout.decode().split())
    return edits(true, read) / len(true)


def edits(one: str, other: str) -> int:
    """Least number of letters to be changed, left out or put in (Levenshtein)."""
    before = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        now = [number]
        for at, sign in enumerate(other, 1):
            now.append(min(before[at] + 1, now[-1] + 1, before[at - 1] + (letter != sign)))
        before = now
    return before[-1]


def area_under_curve(pages: Sequence[JudgedPage]) -> float:
    """Probability that an unreadable page scores higher than a readable one; nan without one of each."""
    bad = np.array([page.score for page in pages if page.error > BAD])
    good = np.array([page.score for page in pages if page.error <= BAD])
    if not len(bad) or not len(good):
        return float("nan")
    return float(np.mean((bad[:, None] > good) + 0.5 * (bad[:, None] == good)))


ABOUT = """{count} made pages of Chinese and English print of 22 to 35 px under uneven light, each spoilt in
one way, from not at all to utterly, and read by Tesseract. Unreadable is a page of which more than a tenth of
the letters is read wrongly or lost; refused is one with `ok` false. A page that is cut off between two lines
raises a doubt and is not refused. The scales were fitted to pages of this kind.

"""


def _section(pages: Sequence[JudgedPage]) -> str:
    rows = [_row(fault, [page for page in pages if page.fault == fault]) for fault in FAULTS]
    return ABOUT.format(count=len(pages)) + report.table(HEAD, [*rows, _row("all", pages)])


def _row(name: str, pages: Sequence[JudgedPage]) -> list[str]:
    bad = [page for page in pages if page.error > BAD]
    good = [page for page in pages if page.error <= BAD]
    area = f"{area_under_curve(pages):.3f}"
    return [name, str(len(pages)), str(len(bad)), area, _refused(bad), _refused(good)]


def _refused(pages: Sequence[JudgedPage]) -> str:
    return f"{sum(page.score >= DOUBT for page in pages)} of {len(pages)}"
