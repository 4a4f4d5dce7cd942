"""Pale fields and coloured paper on real pages: the part of their colour that a look keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks import collected, report
from benchmarks.quality.hands import cut_page
from benchmarks.quality.photographs import SHARED
from imgcore.types import Image

Enhancer = Callable[[Image], Image]
Mask = npt.NDArray[np.bool_]
Colour = npt.NDArray[np.float32]

LONG = 1600
"""Largest long side in pixels of a page."""
NEAR = 7
FAR = 18
"""Thousandths of the long side from a field between which the paper beside it is looked at."""
WHITE = 250
TINT = 2.5
"""Level of the darkest channel, and chroma, up to which paper is white."""
KEPT = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class TintedPhotograph:
    """A real page with pale fields, or of coloured paper.

    Attributes
    ----------
    page
        uint8 BGR.
    fields
        A mask of each field and one of what lies beside it, bool ``(rows, cols)``.
    coloured
        True if the paper itself has a colour.
    """

    name: str
    page: Image
    fields: tuple[tuple[Mask, Mask], ...]
    coloured: bool


def load_tinted(half: str) -> Iterator[TintedPhotograph]:
    """Yield the pages of one half that there are; those of the shared data belong to the open one."""
    for entry in json.loads(collected.TINTS.read_text(encoding="utf-8")):
        folder = SHARED / "data" if "shared" in entry else collected.default_folder()
        path = folder / entry.get("shared", entry["file"])
        if entry["half"] == half and path.is_file():
            picture = np.asarray(cv2.imread(str(path)), np.uint8)
            yield _cut(entry["file"], picture, entry)


def _cut(name: str, picture: Image, entry: Mapping[str, list[list[list[float]]]]) -> TintedPhotograph:
    rows, cols = picture.shape[:2]
    whole = [(0, 0), (cols - 1, 0), (cols - 1, rows - 1), (0, rows - 1)]
    corners = np.array(entry.get("page", whole), np.float32)
    longest = float(np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1).max())
    page, to_page = cut_page(picture, corners, min(LONG, round(longest)))
    fields = []
    for outline in entry["fields"]:
        flat = cv2.perspectiveTransform(np.array([outline], np.float32), to_page)[0]
        drawn = cv2.fillPoly(np.zeros(page.shape[:2], np.uint8), [np.rint(flat).astype(np.int32)], (1,))
        fields.append(np.asarray(drawn, np.uint8))
    return TintedPhotograph(name, page, tuple(_with_paper(fields)), bool(entry.get("coloured")))


def _with_paper(fields: list[Image]) -> Iterator[tuple[Mask, Mask]]:
    """Yield each field with the ring around it that no field reaches."""
    for field in fields:
        near, far = (round(max(field.shape) * share / 1000) for share in (NEAR, FAR))
        taken = cv2.dilate(np.maximum.reduce(fields), np.ones((2 * near + 1,) * 2, np.uint8)) > 0
        yield field > 0, (cv2.dilate(field, np.ones((2 * far + 1,) * 2, np.uint8)) > 0) & ~taken


def measure(half: str, step: int, enhancers: Mapping[str, Enhancer]) -> str:
    """Measure the looks on every `step`-th page; the table, and what it tells."""
    pages = list(load_tinted(half))[::step]
    if not pages:
        return f"Real tints were not measured: {collected.default_folder()} has no pictures of them."
    text = (
        f"**Real tints**: {len(pages)} photographed and scanned pages with pale fields behind their print, "
        f"or on coloured paper, the {half} half; fields are marked. *Real kept* is the part of a field's "
        "colour difference (CIE76 of the medians, as photographed) from the paper beside it that stays, "
        f"*real fields* those that keep {KEPT} of it, *white* those beside which paper becomes white, "
        f"*coloured paper* pages that keep {KEPT} of their paper's chroma."
    )
    rows = [_row(name, enhancer, pages) for name, enhancer in enhancers.items()]
    return "\n\n".join(
        [text, report.table(("look", "real kept", "real fields", "white", "coloured paper"), rows)]
    )


def _row(name: str, enhancer: Enhancer, pages: Sequence[TintedPhotograph]) -> tuple[str, ...]:
    shares: list[float] = []
    papers: list[Colour] = []
    own: list[float] = []
    for page in pages:
        clean = enhancer(page.page)
        if page.coloured:
            own.append(_chroma(_usual(clean)) / _chroma(_usual(page.page)))
        for field, beside in page.fields:
            shares.append(_apart(clean, field, beside) / max(_apart(page.page, field, beside), 1e-3))
            papers.append(np.asarray(np.median(clean[beside], axis=0), np.float32))
            print(name, page.name, f"{shares[-1]:.2f}", papers[-1], flush=True)
    white = sum(bool(paper.min() >= WHITE and _chroma(paper) < TINT) for paper in papers)
    kept, coloured = (f"{sum(s >= KEPT for s in some)} of {len(some)}" for some in (shares, own))
    return name, f"{np.median(shares):.2f}", kept, f"{white} of {len(papers)}", coloured


def _apart(picture: Image, field: Mask, beside: Mask) -> float:
    """Colour difference of a field from the paper beside it."""
    one, other = (_lab(np.median(picture[place], axis=0)) for place in (field, beside))
    return float(np.linalg.norm(one - other))


def _usual(picture: Image) -> Colour:
    """Colour of most of a page."""
    return np.asarray(np.median(picture.reshape(-1, 3), axis=0), np.float32)


def _chroma(colour: Colour) -> float:
    return float(np.hypot(*_lab(colour)[1:]))


def _lab(colour: npt.ArrayLike) -> Colour:
    scaled = np.asarray(colour, np.float32).reshape(1, 1, 3) / np.float32(255)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_BGR2LAB)[0, 0], np.float32)
