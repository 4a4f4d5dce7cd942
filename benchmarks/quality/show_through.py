"""Show-through on made pages of thin paper: what is gone of it, and what reading loses."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks import report
from benchmarks.quality.binarize import load_annotated
from benchmarks.text import readers
from benchmarks.text.score import f1
from imgcore.paper.show_through import remove_show_through
from imgcore.types import Image
from synthetic.documents.text_pages import TextPage, make_text_page
from synthetic.text.passages import Language

FIRST = 71_000
PAGES = 16
DOTS = 150
LANGUAGES: tuple[Language, ...] = ("en", "zh")
FORMS = ("prose", "columns", "table", "form")
SENSOR = 0.55
NOISE = 1.6
"""Blur in pixels and noise in levels of a scanner."""
MEANING = """Made pages of both sides, {dots} dpi, {count} a language: the back's ink shines through at 6 to
20 % of its depth, blurred by .16 to .32 mm and shifted by up to 8 pixels. *Gone* is the share of its
amplitude on bare paper; *plain, changed* is the share of pixels that the same page on opaque paper is changed
in by more than 8 levels. F1 is Tesseract's, of neighbouring characters in lines."""
REAL = """**Real**: {count} pieces of old pages, most with show-through or stains (DIBCO), taken for whole
sheets, which makes their strokes broader than any. {lost:.1%} of the pixels of ink, as marked by hand, lose
more than half of their depth; on the worst piece {worst:.1%}."""
_PALER = 0.5
"""Share of the depth of ink that it loses where a stroke is lost."""
HEAD = (
    "pages",
    "gone, by tone",
    "gone, by the back",
    "plain, changed",
    "F1 without",
    "F1 by tone",
    "F1 by the back",
)

Floats = npt.NDArray[np.float32]


class ThinSheet(NamedTuple):
    """Front of a sheet, scanned on opaque and on thin paper; what shines through, and its back."""

    page: TextPage
    clean: Floats
    shown: Floats
    opaque: Image
    thin: Image
    back: Image


def make_sheet(seed: int, language: Language) -> ThinSheet:
    """Return a sheet; the same for the same arguments."""
    random = np.random.default_rng([seed, 91])
    size = (round(8.27 * DOTS), round(11.69 * DOTS))
    page = make_text_page(seed, language, FORMS[seed % 4], size)
    behind = make_text_page(seed + 5000, language, FORMS[seed // 4 % 4], size)
    paper = np.minimum(random.uniform(0.97, 1.0, 3) * random.uniform(235, 254), 254).astype(np.float32)
    strength = random.uniform(0.06, 0.2)
    blur = random.uniform(0.16, 0.32) * DOTS / 25.4
    shift = np.array([[1, 0, random.uniform(-8, 8)], [0, 1, random.uniform(-8, 8)]])
    shown = np.asarray(cv2.warpAffine(_shine(behind.picture, strength, blur), shift, size), np.float32)
    clean = cv2.GaussianBlur(page.picture.astype(np.float32) / 255, (0, 0), SENSOR) * paper
    back = cv2.GaussianBlur(behind.picture.astype(np.float32) / 255, (0, 0), SENSOR) * paper
    back *= 1 - _shine(page.picture, strength, blur)[:, :, None]
    noise = random.normal(0, NOISE, clean.shape)
    scans = (clean + noise, clean * (1 - shown[:, :, None]) + noise, back + np.roll(noise, 7, 0))
    return ThinSheet(page, clean, shown, *(np.rint(np.clip(scan, 0, 255)).astype(np.uint8) for scan in scans))


def _shine(picture: Image, strength: float, blur: float) -> Floats:
    ink = 1 - cv2.flip(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), 1).astype(np.float32) / 255
    return np.asarray(strength * cv2.GaussianBlur(ink, (0, 0), blur), np.float32)


def gone(sheet: ThinSheet, result: Image) -> float:
    """Return the share of the amplitude of what shone through that is gone from bare paper."""
    bare = sheet.clean.min(axis=2) > 0.985 * float(sheet.clean.min(axis=2).max())
    weight = sheet.shown[bare] - sheet.shown[bare].mean()
    before, after = (
        float(((sheet.clean - scan).mean(axis=2)[bare] * weight).sum()) for scan in (sheet.thin, result)
    )
    return 1 - after / before


def changed(sheet: ThinSheet) -> float:
    """Return the share of pixels that a page on opaque paper is changed in."""
    result = remove_show_through(sheet.opaque).image
    return float((np.abs(result.astype(np.int16) - sheet.opaque).max(axis=2) > 8).mean())


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="show_through", description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--first", type=int, default=FIRST, help="seed of the first page")
    parser.add_argument("--quick", action="store_true", help="two pages, and nothing is written")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    count = 2 if options.quick else options.pages
    rows = [_row(language, range(options.first, options.first + count)) for language in LANGUAGES]
    body = MEANING.format(dots=DOTS, count=count) + "\n\n" + report.table(HEAD, rows)
    if lost := [_lost(each.picture, each.ink) for each in load_annotated()]:
        body += "\n\n" + REAL.format(count=len(lost), lost=np.mean(lost), worst=max(lost))
    report.publish("show_through", "Show-through", body, options.quick)
    return 0


def _lost(picture: Image, ink: npt.NDArray[np.bool_]) -> float:
    """Return the share of ink of this side that is taken with what shows through."""
    result = remove_show_through(picture).image
    before, after = (each.reshape(*ink.shape, -1).mean(axis=2) for each in (picture, result))
    depth = np.maximum(np.median(before[~ink]) - before, 20)
    return float((after - before > _PALER * depth)[ink].mean())


def _row(language: Language, seeds: Sequence[int]) -> list[str]:
    read = readers.tesseract(language)
    figures = []
    for seed in seeds:
        sheet = make_sheet(seed, language)
        tone = remove_show_through(sheet.thin).image
        pair = remove_show_through(sheet.thin, sheet.back).image
        lines = [line.text for line in sheet.page.lines]
        texts = [f1(lines, read(one)) if read else np.nan for one in (sheet.thin, tone, pair)]
        figures.append([gone(sheet, tone), gone(sheet, pair), changed(sheet), *texts])
    means = np.mean(figures, axis=0)
    return [f"{language}, {len(seeds)}", *(f"{mean:.4f}" for mean in means)]
