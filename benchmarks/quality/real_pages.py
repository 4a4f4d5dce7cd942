"""Real pages for stages that are measured on made ones: skew, orientation, fingers, holes, words."""

from __future__ import annotations

import argparse
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from benchmarks import collected, report
from benchmarks.quality import desks
from benchmarks.quality.marked import load_marked
from benchmarks.quality.pages import word_f1, words, words_of
from benchmarks.quality.processed import processed
from benchmarks.text import real
from imgcore.deskew import find_skew
from imgcore.fingers.removal import remove_fingers
from imgcore.holes.removal import remove_holes
from imgcore.orientation import find_orientation
from imgcore.rotate import rotate
from imgcore.settings import ImageType, Settings
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache

SETS = {"en": "sheets", "funsd": "sheets", "sroie": "receipts", "ja": "", "zh": "", "zh-tables": ""}
"""Folders of pages whose text runs level, with the column of those whose words are known, and Latin."""
COLUMNS = ("sheets", "receipts")
PUNCHED = ("noteshrink_0466", "noteshrink_0469", "83635935")
HELD = ("wichtounet_a888a45a",)
"""Parts of the names of pages that are punched, and of those that a hand holds."""
TURNS = (-4.3, -1.7, 0.6, 2.9)
"""Degrees, counter-clockwise, by which a page is turned to see whether its skew follows."""
NEAR = 0.1
QUARTERS = (0, 90, 180, 270)
SIDE = 1800
"""Long side in pixels to which larger pictures are reduced."""
STYLES = (ImageType.BLACK_WHITE, ImageType.COLOUR, ImageType.RECEIPT)
_MODELS = ModelCache()


@dataclass(frozen=True)
class RealPage:
    """A picture that is one page, unhurt.

    Attributes
    ----------
    upright
        True if its text is known to run level, and to stand.
    column
        The column that its words count in; empty where they are not known.
    """

    name: str
    picture: Image
    upright: bool
    column: str = ""
    words: Counter[str] = field(default_factory=Counter)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section; without pictures say so and change nothing."""
    parser = argparse.ArgumentParser(prog="real_pages", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every ninth page, and nothing is written")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    pages = list(load_pages())[:: 9 if options.quick else 1]
    if not pages:
        print(f"real_pages: skipped, there are no pages in {real.FOLDER} and {desks.FOLDER}")
        return 0
    parts = [_intro(), report.table(("stage", "pages", "right", "wrong", "not sure"), list(_judged(pages)))]
    if shutil.which("tesseract") is None:
        print("real_pages: words skipped, Tesseract is not installed")
    elif rows := list(_words(pages)):
        parts.append(report.table(("word F1", *COLUMNS), rows))
    report.publish("real_pages", "Real pages", "\n\n".join(parts), options.quick)
    return 0


def load_pages() -> Iterator[RealPage]:
    """Yield the pages that there are: those with known text, and those that fill pictures of desks."""
    for picture in real.pictures() if (real.FOLDER / "truth.json").is_file() else ():
        if picture.set in SETS:
            text = words_of(" ".join(picture.lines))
            yield RealPage(picture.name, _reduced(picture.image), True, SETS[picture.set], text)
    for marked in load_marked(desks.FOLDER / "desks.json", desks.FOLDER):
        if marked.category == "whole":
            yield RealPage(marked.path.name, _reduced(marked.read()), True)
    for marked in load_marked(collected.MANIFEST, collected.default_folder(), "open"):
        if marked.category == "whole":
            yield RealPage(marked.path.name, _reduced(marked.read()), False)


def _reduced(picture: Image) -> Image:
    coloured = picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    factor = min(1.0, SIDE / max(picture.shape))
    small = cv2.resize(coloured, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _judged(pages: Sequence[RealPage]) -> Iterator[tuple[str, ...]]:
    """Yield how many turns and pages each stage got right, got wrong, and left."""
    upright = [page.picture for page in pages if page.upright]
    yield _row("skew follows a turn", [each for picture in upright for each in follows(picture)])
    yield _row("upright", [stands(picture, quarter) for picture in upright for quarter in QUARTERS])
    net = _MODELS.fingers()
    changed = [(remove_fingers(p.picture, net).image != p.picture).any() for p in _without(pages, HELD)]
    yield _row("no fingers, left alone", [not each for each in changed])
    found = [bool(remove_holes(page.picture).holes) for page in _without(pages, PUNCHED)]
    yield _row("no holes, none found", [not each for each in found])


def _without(pages: Sequence[RealPage], parts: Sequence[str]) -> list[RealPage]:
    """Return the pages whose names have none of these parts."""
    return [page for page in pages if not any(part in page.name for part in parts)]


def _row(name: str, verdicts: Sequence[bool | None]) -> tuple[str, ...]:
    right = verdicts.count(True)
    wrong = verdicts.count(False)
    count = len(verdicts)
    return (name, str(count), f"{right / max(1, count):.3f}", str(wrong), str(count - right - wrong))


def follows(picture: Image) -> Iterator[bool | None]:
    """Tell of each turn if the skew changes by as much; None where a skew is not found."""
    before = find_skew(picture)
    for degrees in TURNS:
        after = find_skew(turned(picture, degrees))
        if before is None or after is None:
            yield None
        else:
            yield abs(after.degrees - before.degrees - degrees) < NEAR


def turned(picture: Image, degrees: float) -> Image:
    """Turn a picture counter-clockwise, its rim continued."""
    rows, cols = picture.shape[:2]
    turn = cv2.getRotationMatrix2D(((cols - 1) / 2, (rows - 1) / 2), degrees, 1)
    moved = cv2.warpAffine(
        picture, turn, (cols, rows), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, np.uint8)


def stands(picture: Image, clockwise: int) -> bool | None:
    found = find_orientation(rotate(picture, clockwise), _MODELS.orientation())
    return None if found is None else (found.clockwise + clockwise) % 360 == 0


def _words(pages: Sequence[RealPage]) -> Iterator[tuple[str, ...]]:
    """Yield the mean F1 of the words that Tesseract reads, of the pictures and of each image type."""
    known = [page for page in pages if page.column]
    styles: list[tuple[str, Settings | None]] = [("untouched", None)]
    styles += [(f"{style.value} {style.name.lower()}", Settings(image_type=style)) for style in STYLES]
    for name, settings in styles if known else ():
        scores: dict[str, list[float]] = {column: [] for column in COLUMNS}
        for page in known:
            picture = page.picture if settings is None else processed(page.picture, settings)
            scores[page.column].append(word_f1(page.words, words(picture) or Counter()))
        print(name, scores, flush=True)
        yield (name, *(f"{np.mean(some):.3f}" if some else "-" for some in scores.values()))


def _intro() -> str:
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy'))} **Real pictures**: scans and photographs that "
        "are one page, as a program, a scanner or a camera left them. *Skew follows a turn*: no true skew is "
        f"known, but a page turned by {', '.join(f'{turn:g}' for turn in TURNS)} degrees must be found "
        f"turned by as much more, within {NEAR} degree. *Upright*: of all quarter turns. *No fingers*, *no "
        "holes*: pages without any must be left alone. *Word F1*: of the words that Tesseract reads in an "
        "image type with those on the page; forms and print (*sheets*), till slips (*receipts*)."
    )
