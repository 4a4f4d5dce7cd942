"""Change of document in made piles of five kinds: precision and recall of what is proposed."""

from __future__ import annotations

import cv2
import numpy as np

from imgcore.types import Image
from synthetic.arrays import Random
from synthetic.documents.text_pages import make_text_page
from synthetic.text.passages import Language

PAGES = 20
DOTS = 75
A4 = (210, 297)
A5 = (148, 210)


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
