"""Share of a page's letters that Tesseract reads wrongly."""

from __future__ import annotations

import os
import subprocess

import cv2

from benchmarks.verdict.pages import MadePage

SECONDS = 120.0
"""Seconds that a page may take; one that takes longer cannot be read."""
TESSERACT = ("tesseract", "stdin", "stdout", "-l", "chi_sim", "--psm", "6", "--dpi", "150")
"""Command that reads a page."""


def misread_share(page: MadePage) -> float:
    """Return the share of letters that are read wrongly or lost."""
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
