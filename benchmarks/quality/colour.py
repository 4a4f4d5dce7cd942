"""Quality of colour documents: photographed pages beside flat ones, rendered pages in uneven light."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks import collected, report
from benchmarks.quality import colour_pages, tints
from benchmarks.quality.pages import compared, load_sheets, word_f1, words
from benchmarks.quality.photographs import SHARED
from imgcore.crop import crop
from imgcore.enhance import colour
from imgcore.outline import find_outline
from imgcore.types import Image
from server.services.pictures.model_cache import ModelCache
from synthetic.datasets.shaded import SHADES, make_shaded
from synthetic.datasets.tinted import COLOURED, TintedPage, make_tinted

Enhancer = Callable[[Image], Image]
Mask = npt.NDArray[np.bool_]
SIDE = 2000
"""Long side in pixels of a cropped page, as document cameras deliver it."""
COUNT = 20
FIRST = 2000
FIELDS = 8000
"""Seeds from here on were not looked at while the stage was made: of pages, and of pages with pale fields."""
KEPT = 0.7
"""Share of a field's colour difference from paper that it keeps at least."""
_MODELS = ModelCache()


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section; what cannot be measured is said."""
    parser = argparse.ArgumentParser(prog="colour", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three of each, and nothing is written")
    parser.add_argument(
        "--half",
        choices=("open", "kept"),
        default="open",
        help="of the collected tints; kept ones only to claim a figure",
    )
    parser.add_argument("--real", action="store_true", help="real tints alone, and nothing is written")
    options = parser.parse_args(arguments)
    collected.use(options.half)
    cv2.setNumThreads(1)
    if options.real:
        print(colour_pages.measure(options.half, 1, ENHANCERS))
        print(tints.measure(options.half, 1, ENHANCERS))
        return 0
    body = "\n\n".join(
        [
            _intro(),
            colour_pages.measure(options.half, 8 if options.quick else 1, ENHANCERS),
            _photographed(options.quick),
            _made(3 if options.quick else COUNT),
            _tinted(4 if options.quick else 2 * COUNT),
            tints.measure(options.half, 8 if options.quick else 1, ENHANCERS),
        ]
    )
    report.publish("colour", "Colour documents", body, options.quick)
    return 0


def _intro() -> str:
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy'))} *Paper* is the mean grey level of blank "
        "paper, *unevenness* its standard deviation over the page, *ink* the mean level of the darkest point "
        "within 3 px of where the flat page has ink. *Closing* divides each channel by its morphological "
        "closing, as scanner programs do; *CLAHE* equalises brightness locally. Milliseconds are processor "
        "time of one thread a megapixel."
    )


# Photographs ---------------------------------------------------------------------------


def _photographed(quick: bool) -> str:
    pairs = list(_pages())[:: 7 if quick else 1]
    if not pairs:
        return f"Photographs were not measured: there are none in {SHARED / 'data' / 'dewarp'}."
    truths = [words(flat) for flat, _ in pairs]
    rows = [_photograph_row(name, method, pairs, truths) for name, method in ENHANCERS.items()]
    head = ("look", "paper", "unevenness", "ink", "word F1", "ms")
    text = (
        f"{len(pairs)} photographs of flat sheets in even light and with cast shadows, cropped by "
        "`find_outline`, against the page as it was printed. Word F1 is Tesseract's, against what it reads "
        "on the printed page."
    )
    return "\n\n".join([text, report.table(head, rows)])


def _pages() -> Iterable[tuple[Image, Image]]:
    """Flat page, grey, and the photograph's crop, BGR, both upright."""
    for sheet in load_sheets():
        if sheet.kind != "perspective":
            continue
        flat = np.asarray(cv2.imread(str(sheet.flat), cv2.IMREAD_GRAYSCALE), np.uint8)
        photograph = np.asarray(cv2.imread(str(sheet.photograph)), np.uint8)
        outline = find_outline(photograph)
        if outline is not None:
            yield flat, _reduced(crop(photograph, outline.corners))


def _reduced(page: Image) -> Image:
    factor = SIDE / max(page.shape)
    if factor >= 1:
        return page
    return np.asarray(cv2.resize(page, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)


def _photograph_row(
    name: str, method: Enhancer, pairs: Sequence[tuple[Image, Image]], truths: Sequence[Counter[str] | None]
) -> tuple[str, ...]:
    figures = []
    spent = 0.0
    for (flat, page), truth in zip(pairs, truths, strict=True):
        begun = time.thread_time()
        clean = method(page)
        spent += (time.thread_time() - begun) * 1e9 / (page.shape[0] * page.shape[1])
        read = words(clean)
        f1 = np.nan if truth is None or read is None else word_f1(truth, read)
        figures.append((*_paper_and_ink(*compared(flat, clean)), f1))
    paper, uneven, ink, f1 = np.mean(figures, axis=0)
    return (name, f"{paper:.0f}", f"{uneven:.1f}", f"{ink:.0f}", f"{f1:.3f}", f"{spent / len(pairs):.0f}")


def _paper_and_ink(flat: Image, clean: Image) -> tuple[float, float, float]:
    """Return level and unevenness of blank paper and level of ink; both grey, aligned to a few pixels."""
    blank = cv2.erode((flat > 245).astype(np.uint8), np.ones((21, 21), np.uint8)) > 0
    blank[:12] = blank[-12:] = False
    blank[:, :12] = blank[:, -12:] = False
    darkest = cv2.erode(clean, np.ones((7, 7), np.uint8))
    paper = clean[blank].astype(np.float64)
    return float(paper.mean()), float(paper.std()), float(darkest[flat < 90].mean())


# Made pages ----------------------------------------------------------------------------


def _made(count: int) -> str:
    pages = [make_shaded(seed) for seed in range(FIRST, FIRST + count)]
    rows = []
    for name, method in ENHANCERS.items():
        figures = [_made_figures(page.page, method(page.picture)) for page in pages]
        paper, uneven, ink, error = np.nanmean(figures, axis=0)
        rows.append((name, f"{paper:.0f}", f"{uneven:.1f}", f"{ink:.0f}", f"{error:.1f}"))
    head = ("look", "paper", "unevenness", "ink", "colour error")
    text = (
        f"SYNTHETIC: {count} made pages ({', '.join(SHADES)}), known pixel by pixel. *Colour error* is the "
        "mean distance in Lab from the printed colour where the page has coloured fields and pictures."
    )
    return "\n\n".join([text, report.table(head, rows)])


def _made_figures(page: Image, clean: Image) -> tuple[float, float, float, float]:
    grey = np.asarray(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), np.uint8)
    bright = clean if clean.ndim == 2 else np.asarray(cv2.cvtColor(clean, cv2.COLOR_BGR2GRAY), np.uint8)
    fields = _fields(page)
    apart = np.linalg.norm(_lab(page)[fields] - _lab(clean)[fields], axis=1)
    return (*_paper_and_ink(grey, bright), float(apart.mean()) if fields.any() else np.nan)


def _fields(page: Image) -> Mask:
    """Inside of coloured areas, away from their rims."""
    coloured = (page.max(axis=2).astype(int) - page.min(axis=2) > 40).astype(np.uint8)
    return np.asarray(cv2.erode(coloured, np.ones((15, 15), np.uint8)) > 0)


def _lab(picture: Image) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(picture.astype(np.float32) / np.float32(255), cv2.COLOR_BGR2LAB))


# Pale fields and coloured paper ---------------------------------------------------------


def _tinted(count: int) -> str:
    """Table of what stays of pale fields, and of coloured paper."""
    pages = [make_tinted(seed, (930, 1316)) for seed in range(FIELDS, FIELDS + count)]
    copies = [make_tinted(FIELDS + number, (930, 1316), paper) for number, paper in enumerate(COLOURED)]
    rows = []
    for name, method in ENHANCERS.items():
        kept = np.concatenate([_kept(page, method(page.picture)) for page in pages])
        own = [_chroma(method(copy.picture), copy) / _chroma(copy.page, copy) for copy in copies]
        rows.append(
            (name, f"{np.median(kept):.2f}", f"{(kept >= KEPT).mean():.2f}", *(f"{each:.2f}" for each in own))
        )
    text = (
        f"SYNTHETIC: {count} made pages with pale fields behind their print, in bad light. *Kept* is the "
        "part of a field's colour difference (CIE76) from the paper beside it that stays, median of all, "
        f"and the share of fields that keep {KEPT} of it; the others are the part of its chroma that "
        "coloured paper keeps. Cream and pale blue are what lamps make of white paper, and become white."
    )
    return "\n\n".join([text, report.table(("look", "kept", "fields", *COLOURED), rows)])


def _kept(page: TintedPage, clean: Image) -> npt.NDArray[np.float64]:
    shares = []
    for number in range(1, int(page.fields.max()) + 1):
        places = [page.fields == number, page.beside == number]
        if min(int(place.sum()) for place in places) > 200:
            after, before = (
                np.linalg.norm(np.subtract(*(_median(picture, place) for place in places)))
                for picture in (clean, page.page)
            )
            shares.append(after / before)
    return np.array(shares, np.float64)


def _chroma(picture: Image, page: TintedPage) -> float:
    """Chroma of the commonest colour of a page's printed paper in a picture of it."""
    usual = np.median(page.page.reshape(-1, 3), axis=0)
    blank = np.abs(page.page - usual).max(axis=2) < 14
    return float(np.hypot(*_median(picture, np.asarray(blank))[1:]))


def _median(picture: Image, place: Mask) -> npt.NDArray[np.float32]:
    coloured = picture if picture.ndim == 3 else np.dstack([picture] * 3)
    colour = np.median(coloured[place], axis=0).reshape(1, 1, 3)
    return np.asarray(_lab(np.asarray(np.rint(colour), np.uint8))[0, 0])


def _closing(picture: Image) -> Image:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (25, 25))
    small = cv2.resize(picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.blur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, disc), (25, 25))
    size = (picture.shape[1], picture.shape[0])
    return np.asarray(cv2.divide(picture, cv2.resize(paper, size), scale=255), np.uint8)


def _clahe(picture: Image) -> Image:
    lab = cv2.cvtColor(picture, cv2.COLOR_BGR2LAB)
    lab[:, :, 0] = cv2.createCLAHE(2.0, (8, 8)).apply(lab[:, :, 0])
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2BGR), np.uint8)


ENHANCERS: dict[str, Enhancer] = {
    "untouched": lambda picture: picture,
    "`colour`": lambda picture: colour(picture, _MODELS.page_layers()),
    "closing": _closing,
    "CLAHE": _clahe,
}
"""The methods measured."""
