"""Small PDFs: their bytes beside those of the page as a JPEG, and what is still read and seen on them."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
import pypdfium2

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.gate.show import side_by_side
from benchmarks.quality.pages import word_f1, words, words_of
from benchmarks.text import real
from benchmarks.text.readers import own_reader
from imgcore import codec
from imgcore.output.finish import AS_MADE, encode_within
from imgcore.output.watermark import is_bilevel
from imgcore.paper.layers_net import PageLayersNet
from imgcore.text import TextReader
from imgcore.types import Image
from server.documents.pdf_image import picture_to_pdf
from server.documents.small_page import small_page_within, structural_similarity
from server.services.pictures.model_cache import ModelCache
from synthetic.documents.illustrated import illustrated_page
from synthetic.documents.text_pages import make_text_page

DOTS = 300.0
"""Resolution of the pages, in dots an inch."""
A4 = (2480, 3508)
"""Columns and rows of A4 at that resolution."""
_FEW_PIXELS = 1900
"""Long side below which a real page is no scan at such a resolution."""
_LIMIT = 250_000_000
_BYTES = Figure("bytes of a JPEG's", Better.LOWER, 0.2, "%")
_BY_OURS = Figure("words by our reader, gain", goal=0.0)
_BY_TESSERACT = Figure("words by Tesseract, gain", goal=0.0)
_LIKENESS = Figure("pictures, SSIM", goal=0.95)
_PHOTOGRAPH = (0.09, 0.30, 0.51, 0.52)
"""Left, top, right and bottom of the photograph of an illustrated page, as shares of the page."""


@cache
def _net() -> PageLayersNet:
    return ModelCache().page_layers()


@cache
def _reader() -> TextReader:
    return own_reader()


def _read(picture: Image) -> Counter[str]:
    return words_of("\n".join(line.text for line in _reader().read(picture)))


def _tesseract(picture: Image) -> Counter[str]:
    return words(picture) or Counter()


def _real_cases() -> Sequence[Case]:
    if not (real.FOLDER / "truth.json").is_file() or shutil.which("tesseract") is None:
        return ()
    known = (one for one in real.pictures() if one.lines and max(one.image.shape[:2]) >= _FEW_PIXELS)
    # Pages of black and white alone are stored without loss anyhow.
    return [Case(one.name, one) for one in known if not is_bilevel(one.image)]


def _judge_real(case: Case) -> Outcome:
    page = _at_most_a4(case.source.image)
    return _judged(page, words_of(" ".join(case.source.lines)))


def _made_cases() -> Sequence[Case]:
    if shutil.which("tesseract") is None:
        return ()
    pages = [Case(f"{layout} {seed}", (layout, seed)) for layout in ("prose", "form") for seed in range(4)]
    return [*pages, Case("illustrated", ("illustrated", 0))]


def _judge_made(case: Case) -> Outcome:
    layout, seed = case.source
    if layout == "illustrated":
        return _judged_photograph(_scanned(illustrated_page(A4), seed))
    page = make_text_page(seed, "en", layout, A4)
    return _judged(_scanned(page.picture, seed), words_of(" ".join(line.text for line in page.lines)))


def _judged(page: Image, truth: Counter[str]) -> Outcome:
    jpeg, share, shown = _small(page)
    values = {
        _BYTES.name: share,
        _BY_OURS.name: word_f1(truth, _read(shown)) - word_f1(truth, _read(jpeg)),
        _BY_TESSERACT.name: word_f1(truth, _tesseract(shown)) - word_f1(truth, _tesseract(jpeg)),
    }
    return Outcome(values, side_by_side(jpeg, shown))


def _judged_photograph(page: Image) -> Outcome:
    jpeg, share, shown = _small(page)
    rows, cols = page.shape[:2]
    left, top, right, bottom = (
        round(part * side) for part, side in zip(_PHOTOGRAPH, (cols, rows) * 2, strict=True)
    )
    part = np.s_[top:bottom, left:right]
    likeness = structural_similarity(np.ascontiguousarray(page[part]), np.ascontiguousarray(shown[part]))
    return Outcome({_BYTES.name: share, _LIKENESS.name: likeness}, side_by_side(jpeg, shown))


def _small(page: Image) -> tuple[Image, float, Image]:
    """Return the page as a JPEG shows it, the share of its bytes that a small PDF has, and how that looks."""
    jpeg = encode_within(page, "jpg", AS_MADE).data
    whole = len(picture_to_pdf(jpeg, DOTS))
    made = small_page_within(page, (DOTS, DOTS), _net(), whole)
    stored = codec.decode(jpeg, _LIMIT)
    return (stored, len(made) / whole, _drawn(made)) if made else (stored, 1.0, stored)


def _drawn(made: bytes) -> Image:
    document = pypdfium2.PdfDocument(made)
    picture = document[0].render(scale=DOTS / 72).to_numpy()
    return np.ascontiguousarray(picture[:, :, :3] if picture.ndim == 3 else picture)


def _at_most_a4(page: Image) -> Image:
    scale = min(1.0, A4[1] / max(page.shape[:2]))
    return np.asarray(cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _scanned(page: Image, seed: int) -> Image:
    """Return a page as a scanner gives it: softened, with grain, off white."""
    random = np.random.default_rng([seed, 58])
    soft = cv2.GaussianBlur(page, (0, 0), 1.0).astype(np.float32)
    return np.asarray(np.clip(soft * 0.96 + random.normal(0, 2, soft.shape), 0, 255), np.uint8)


_WEIGHTS = ("page_layers.npz",)
PROBES = (
    Probe(
        "small files", "shared", (_BYTES, _BY_OURS, _BY_TESSERACT), _real_cases, _judge_real, _WEIGHTS,
        "the real pictures to read, and Tesseract", thin=3,
    ),
    Probe(
        "small files", "made", (_BYTES, _BY_OURS, _BY_TESSERACT, _LIKENESS), _made_cases, _judge_made,
        _WEIGHTS, "Tesseract", thin=4,
    ),
)  # fmt: skip
