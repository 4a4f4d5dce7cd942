"""Change of document in made piles of five kinds: precision and recall of what is proposed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import cv2
import numpy as np

from benchmarks import report
from imgcore.paper.document_start import document_starts, look_at
from imgcore.types import Image
from synthetic.arrays import Random
from synthetic.documents.text_pages import make_text_page
from synthetic.text.passages import Language

FIRST = 83_000
PILES = 10
PAGES = 20
DOTS = 75
A4 = (210, 297)
A5 = (148, 210)
MEANING = """{piles} made piles of {pages} pages a kind, documents of 1 to 4 pages, scanned at {dots} dpi with
noise, up to a degree askew and 2 mm off. Letters have a letterhead on their first page only, reports also a
running head on every page; three of ten other pages begin with a section's heading; forms are one page each.
Nothing is split unasked."""
HEAD = ("pile", "changes", "precision", "recall")


def make_pile(seed: int, kind: str, pages: int = PAGES) -> tuple[list[Image], set[int]]:
    """Return the scans of a pile, and the pages, from 0, that begin a document after the first."""
    random = np.random.default_rng([seed, 17])
    scans: list[Image] = []
    begins: set[int] = set()
    document = 0
    while len(scans) < pages:
        begins.add(len(scans))
        length = 1 if kind == "forms" else int(random.integers(1, 5))
        for page in range(min(length, pages - len(scans))):
            scans.append(_scan(random, _page(random, seed, kind, document, page, page == length - 1)))
        document += 1
    return scans, begins - {0}


def _page(random: Random, seed: int, kind: str, document: int, page: int, last: bool) -> Image:
    size = A4
    if kind == "sizes":
        size = (A4, A5, (216, 356))[document % 3]
    if kind == "orientations":
        size = (A4, A4[::-1])[document % 2]
    cols, rows = (round(side / 25.4 * DOTS) for side in size)
    language: Language = ("zh", "en")[(seed + document) % 2]
    layout = "form" if kind == "forms" else "prose"
    salt = 1000 * seed + 40 * document + page
    printed = make_text_page(salt, language, layout, (2 * cols, 2 * rows))
    body = printed.picture
    first = 0
    if kind != "forms" and random.random() < 0.7:
        # Below its heading: the rest go on with the heading of a section.
        first = max(0, round(printed.lines[1].box[1]) - 4)
    sheet = np.full_like(body, 255)
    top = round(rows * (0.34 if page == 0 else 0.12))
    end = 2 * round(rows * (random.uniform(0.45, 0.7) if last else 0.95))
    text = body[first : first + (end if kind != "forms" else 2 * rows) - 2 * top]
    sheet[2 * top : 2 * top + len(text)] = text
    if kind == "reports":
        _print(sheet, f"Report {document} of office {document % 7}", (0.1, 0.05), 0.55, document % 2 * 0.3)
    if page == 0:
        _head(sheet, document)
    return np.asarray(cv2.resize(sheet, (cols, rows), interpolation=cv2.INTER_AREA), np.uint8)


def _head(sheet: Image, document: int) -> None:
    """Draw a letterhead: a name in large print, its address, a rule, and a mark in colour on every other."""
    name = ("NORTH OFFICE", "Harbour Trust", "CITY HALL")[document % 3]
    _print(sheet, name, (0.12 + 0.1 * (document % 3), 0.15), 2.2)
    _print(sheet, "12 Example Street   Tel 010 0000", (0.12, 0.2), 0.6)
    rows, cols = sheet.shape[:2]
    cv2.line(sheet, (cols // 10, rows * 23 // 100), (cols * 9 // 10, rows * 23 // 100), (60, 60, 60), 3)
    if document % 2:
        cv2.circle(sheet, (cols * 85 // 100, rows * 13 // 100), cols // 24, (170, 90, 20), -1)


def _print(sheet: Image, words: str, place: tuple[float, float], size: float, right: float = 0.0) -> None:
    at = (round((place[0] + right) * sheet.shape[1]), round(place[1] * sheet.shape[0]))
    scale = size * sheet.shape[1] / 1240
    thick = max(1, round(2 * scale))
    cv2.putText(sheet, words, at, cv2.FONT_HERSHEY_DUPLEX, scale, (30, 30, 30), thick, cv2.LINE_AA)


def _scan(random: Random, page: Image) -> Image:
    rows, cols = page.shape[:2]
    turn = cv2.getRotationMatrix2D((cols / 2, rows / 2), float(random.uniform(-1, 1)), 1.0)
    turn[:, 2] += np.asarray(random.uniform(-2, 2, 2) / 25.4 * DOTS)
    paper = random.uniform(246, 250)
    placed = cv2.warpAffine(page, turn, (cols, rows), borderValue=(255, 255, 255))
    noisy = placed * (paper / 255) + random.normal(0, 2.5, page.shape)
    return np.rint(np.clip(noisy, 0, 255)).astype(np.uint8)


KINDS = ("sizes", "orientations", "letters", "reports", "forms")


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="document_starts", description=__doc__)
    parser.add_argument("--piles", type=int, default=PILES)
    parser.add_argument("--first", type=int, default=FIRST, help="seed of the first pile")
    parser.add_argument("--quick", action="store_true", help="one pile each, and nothing is written")
    options = parser.parse_args(arguments)
    count = 1 if options.quick else options.piles
    rows = [_row(kind, range(options.first, options.first + count)) for kind in KINDS]
    body = MEANING.format(piles=count, pages=PAGES, dots=DOTS) + "\n\n" + report.table(HEAD, rows)
    report.publish("document_starts", "Change of document", body, options.quick)
    return 0


def _row(kind: str, seeds: Sequence[int]) -> list[str]:
    right = proposed = there = 0
    for seed in seeds:
        scans, begins = make_pile(seed, kind)
        found = {start.page for start in document_starts(look_at(scan, DOTS) for scan in scans)}
        right = right + len(found & begins)
        proposed = proposed + len(found)
        there = there + len(begins)
    return [kind, str(there), f"{right / max(1, proposed):.3f}", f"{right / max(1, there):.3f}"]
