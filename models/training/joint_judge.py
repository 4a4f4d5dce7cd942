"""Fit the weights of ``imgcore.outline.judge.judgement`` by measures alone: a net and a regression.

    python -m models.training.joint_judge [--photographs 999] [--desks 500] [--pages 10] [--cache FILE]

To be run once all scores before it are fitted. The first candidates of each search are measured on
photographs whose licence allows it, in several views, on the documents of these as whole pages, and on made
desks and pages: right are those that agree with a document, wrong those that do not or would cut a page.
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.crop import page_transform, warp
from imgcore.outline import DocumentNets
from imgcore.outline.finding import clockwise
from imgcore.outline.judge.judgement import NAMES, TERMS, JointMeasures, joint_terms, refined
from imgcore.outline.judge.weights import ScoringNet
from imgcore.outline.scene import Scene
from imgcore.types import ImageError
from lab.collected import MANIFEST, default_folder
from lab.fitting import logistic
from lab.marked import FOLDER, UNCUT, MarkedPicture, crop_through, load_marked, overlap_of
from lab.page_shares import kept
from models.arrays import read_arrays
from models.locate import choose
from models.session import open_net
from models.training.device_judge import ALLOWED
from models.training.document_scoring import ROLE as SCORING
from models.training.document_scoring import ScoringSample, fit
from models.training.document_segmentation import ROLE as SEGMENTATION
from models.training.shipped import write_weights
from models.training.whole_page_judge import make
from synthetic.datasets.ambiguous import seen_corners
from synthetic.datasets.whole_pages import KINDS, WholePage, make_whole_page

Floats = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]
Documents = Sequence[Floats]

DESK_SEED = 900_000
PAGE_SEED = 41_000_000
RIGHT = 0.9
WRONG = 0.75
"""Overlap with a document from which a candidate is right, and up to which it is wrong."""
LONGEST = 1800
SMALL = 700
QUALITY = 60
"""Long sides of photographs, and of a view of little detail with its JPEG quality."""
WITHIN = 0.025
FEWEST = 150
"""Share left out at each side of a document that stands for a whole page, and its fewest pixels."""
LAID = 4
GROUND = 900
"""Other grounds on which each document is laid, and their long side."""
PAGE_WEIGHT = 3.0
EMPTY_WEIGHT = 4.0
LAID_WEIGHT = 0.5
"""Weights of wrong candidates on made pages, which have to stay whole, and on photographs without a document;
of all candidates on documents that were laid on other grounds."""
DECAY = 1.0
"""Damping of each weight of the regression, which keeps it small."""
NOISE = 0.15
COPIES = 4
HIDDEN = 8
"""Spread of the noise on measures, as a share of their own, with copies of each candidate; hidden units."""


class LabelledPicture(NamedTuple):
    """A picture and its documents, or the made page that it is; how much wrong and right candidates count."""

    picture: Picture
    documents: Documents
    page: WholePage | None = None
    wrong: float = 1.0
    right: float = 1.0


def main(arguments: Sequence[str]) -> int:
    """Gather samples, fit, write."""
    parser = argparse.ArgumentParser(prog="joint_judge", description=__doc__)
    parser.add_argument("--photographs", type=int, default=999, help="how many at most, for a trial")
    parser.add_argument("--desks", type=int, default=500)
    parser.add_argument("--pages", type=int, default=10, help="how many of each kind")
    parser.add_argument("--cache", type=Path, help="keep the samples in this file for the next run")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    if options.cache is not None and options.cache.exists():
        samples = pickle.loads(options.cache.read_bytes())
    else:
        count = min(options.photographs, len(photographs()))
        jobs = [*range(count), *range(-options.desks - options.pages * len(KINDS), 0)]
        samples = list(chain.from_iterable(gathered(job, options.desks) for job in jobs))
        if options.cache is not None:
            options.cache.write_bytes(pickle.dumps(samples))
    net = fit([replace(sample, features=sample.features[:, :-1]) for sample in noisy(samples)], hidden=HIDDEN)
    write_weights("joint", NAMES, asdict(net))
    *by_measures, offset = weights(net, samples)
    write_weights("judgement", TERMS, {"by_measures": by_measures, "by_measures_offset": offset})
    return 0


def gathered(job: int, desks: int) -> list[ScoringSample]:
    """Measure a photograph in its views, or a made picture, those of negative numbers."""
    if job >= 0:
        subjects = views(photographs()[job], np.random.default_rng(job))
    elif job < -desks:
        number, kind = divmod(-job - desks - 1, len(KINDS))
        page = make_whole_page(PAGE_SEED + 100 * number + kind, KINDS[kind])
        subjects = iter([LabelledPicture(page.picture, (), page, PAGE_WEIGHT)])
    else:
        subjects = desk(DESK_SEED - job)
    return [sample for subject in subjects for sample in measured(subject)]


@cache
def photographs() -> list[MarkedPicture]:
    """Photographs that may be learnt from."""
    found = []
    for manifest, folder in ((FOLDER / "desks.json", FOLDER), (MANIFEST, default_folder())):
        entries = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else ()
        licences = {entry["file"]: entry for entry in entries}
        for picture in load_marked(manifest, folder, "open" if manifest == MANIFEST else None):
            entry = licences[picture.path.name]
            if entry.get("fit", entry["licence"].split()[0] in ALLOWED):
                found.append(picture)
    return found


def desk(seed: int) -> Iterator[LabelledPicture]:
    """Yield a made desk; nothing where the seed makes a page."""
    made = make(seed)
    size = made.picture.shape[1::-1]
    if made.page is None:
        yield LabelledPicture(made.picture, [np.asarray(seen_corners(quad, size)) for quad in made.quads])


def views(photograph: MarkedPicture, random: np.random.Generator) -> Iterator[LabelledPicture]:
    """Yield a photograph as it is, mirrored in other light, turned, nearer, small; cut through; its page."""
    picture, documents = _reduced(photograph.read(), photograph.documents, LONGEST)
    rows, cols = picture.shape[:2]
    weight = 1.0 if documents else EMPTY_WEIGHT
    light = (255 * (np.arange(256) / 255) ** random.choice([0.65, 1.5])).astype(np.uint8)
    mirrored = cv2.LUT(np.ascontiguousarray(picture[:, ::-1]), light)
    nearer = _nearer(picture, documents, random)
    small, reduced = _reduced(picture, documents, SMALL)
    coded = cv2.imdecode(
        cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1], cv2.IMREAD_COLOR
    )
    shown = [
        (picture, documents),
        (mirrored, [np.array([cols - 1, 0]) + quad[::-1] * [-1, 1] for quad in documents]),
        (np.ascontiguousarray(np.rot90(picture, -1)), [_turned(quad, rows) for quad in documents]),
        nearer,
        (coded, reduced),
    ]
    yield from (LabelledPicture(np.asarray(seen, np.uint8), quads, None, weight) for seen, quads in shown)
    if photograph.category == "single":
        cut = crop_through(photograph)
        yield LabelledPicture(*_reduced(cut.read(), cut.documents, LONGEST))
        yield from _as_page(picture, documents[0], random)
        yield from laid_on_others(picture, documents[0], random)


def _reduced(picture: Picture, documents: Documents, side: int) -> tuple[Picture, list[Floats]]:
    factor = min(1.0, side / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), [(quad + 0.5) * factor - 0.5 for quad in documents]


def _turned(quad: Floats, rows: int) -> Floats:
    return np.column_stack([rows - 1 - quad[:, 1], quad[:, 0]])


def _nearer(
    picture: Picture, documents: Documents, random: np.random.Generator
) -> tuple[Picture, list[Floats]]:
    """Leave out some of the desk around all documents, and of a picture without one some at each side."""
    size = np.array(picture.shape[1::-1])
    points = np.concatenate(documents) if documents else size * [(0.2, 0.2), (0.8, 0.8)]
    low = np.clip(points.min(axis=0), 0, size)
    high = np.clip(points.max(axis=0), 0, size)
    start = (low * random.uniform(0.1, 0.85, 2)).astype(int)
    end = np.ceil(high + (size - high) * random.uniform(0.15, 0.9, 2)).astype(int)
    part = picture[start[1] : end[1], start[0] : end[0]]
    return np.ascontiguousarray(part), [quad - start for quad in documents]


def _as_page(picture: Picture, document: Floats, random: np.random.Generator) -> Iterator[LabelledPicture]:
    """Yield the inside of a document, or the upper part of it, as a picture that is a page."""
    sheet = cut_out(picture, document)
    if sheet is None:
        return
    size = np.array(sheet.shape[1::-1])
    ends = np.array([1 - WITHIN, 1 - WITHIN if random.random() < 0.5 else random.uniform(0.6, 0.95)])
    low = (WITHIN * size).astype(int)
    high = (ends * size).astype(int)
    if (high - low).min() > FEWEST:
        page = sheet[low[1] : high[1], low[0] : high[0]]
        yield LabelledPicture(np.ascontiguousarray(page), (), None, EMPTY_WEIGHT)


def cut_out(picture: Picture, document: Floats) -> Picture | None:
    """Straighten a document; None for one that is too small."""
    try:
        return np.asarray(warp(picture, *page_transform(clockwise(document), picture.shape)), np.uint8)
    except ImageError:
        return None


def laid_on_others(
    picture: Picture, document: Floats, random: np.random.Generator
) -> Iterator[LabelledPicture]:
    """Yield a document on pages, real and made ones, and on desks: a card on a form looks like part of it."""
    sheet = cut_out(picture, document)
    grounds = [one for one in photographs() if one.category in ("whole", "negative")]
    if sheet is None:
        return
    for number in range(LAID):
        if number % 2 and grounds:
            ground = _reduced(grounds[random.integers(len(grounds))].read(), (), GROUND)[0]
        else:
            ground = make_whole_page(int(random.integers(PAGE_SEED)), str(random.choice(KINDS))).picture
        yield _laid(ground, sheet, random)


def _laid(ground: Picture, sheet: Picture, random: np.random.Generator) -> LabelledPicture:
    """Lay a sheet on another picture, turned, with its shadow, in the light there."""
    rows, cols = ground.shape[:2]
    half = np.array(sheet.shape[1::-1]) / 2
    scale = random.uniform(0.35, 0.8) * min(rows, cols) / np.hypot(*(2 * half))
    turn = np.radians(random.uniform(-60, 60) if random.random() < 0.7 else random.normal(0, 3))
    away = scale * np.hypot(*half)
    middle = [random.uniform(min(away, side / 2), max(side - away, side / 2)) for side in (cols, rows)]
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half * scale
    quad = corners @ [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]] + middle
    quad += random.normal(size=(4, 2)) * 0.015 * away
    ends = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * sheet.shape[1::-1] - 0.5
    matrix = cv2.getPerspectiveTransform(ends.astype(np.float32), quad.astype(np.float32))
    smooth = cv2.GaussianBlur(sheet, (0, 0), max(0.3, 0.4 / scale))
    shown = cv2.warpPerspective(smooth, matrix, (cols, rows), flags=cv2.INTER_LINEAR).astype(np.float32)
    cover = cv2.warpPerspective(np.full(sheet.shape[:2], 1, np.float32), matrix, (cols, rows))
    cover = cv2.GaussianBlur(cover, (0, 0), 0.6)[:, :, None]
    shift = np.array([[1, 0, random.uniform(-4, 4)], [0, 1, random.uniform(0, 5)]], np.float32)
    shade = cv2.warpAffine(cv2.GaussianBlur(cover, (0, 0), random.uniform(1.5, 5)), shift, (cols, rows))
    dark = 1 - random.uniform(0.05, 0.45) * shade[:, :, None]
    light = np.percentile(ground, 95) / max(30.0, float(np.percentile(sheet, 95))) * random.uniform(0.85, 1.1)
    mixed = ground * dark * (1 - cover) + np.minimum(shown * light, 255) * cover
    return LabelledPicture(np.clip(mixed, 0, 255).astype(np.uint8), [quad], None, LAID_WEIGHT, LAID_WEIGHT)


def measured(subject: LabelledPicture) -> Iterator[ScoringSample]:
    """Measure the first candidates of each search, right and wrong ones apart; each side counts once.

    Their overlap with all that the net sees comes last.
    """
    scene = Scene(subject.picture, opened_nets())
    if scene.segmented is None:
        return
    net_maps = scene.segmented.net_maps
    measures = JointMeasures(scene.reduced, net_maps)
    corners, rows, _ = measures.cheap(refined(scene, scene.proposals()))
    rows[:, 0] = [measures.page(quad) for quad in corners]
    rows = np.column_stack([rows, net_maps.agreement(corners)])
    right = np.array([_is_right(quad, subject) for quad in corners])
    for kind, weight in ((1.0, subject.right), (0.0, subject.wrong)):
        own = rows[right == kind]
        if len(own):
            yield ScoringSample(own, np.full(len(own), kind), weight / len(own))


def _is_right(quad: Floats, subject: LabelledPicture) -> float:
    """Return 1 for a right candidate, 0 for a wrong one, -1 for one between."""
    rows, cols = subject.picture.shape[:2]
    if subject.page is not None:
        return 0.0 if kept(subject.page, [quad]).cut else -1.0
    overlap = max((overlap_of(quad, document) for document in subject.documents), default=0.0)
    if not subject.documents:
        frame = np.array([(0, 0), (cols, 0), (cols, rows), (0, rows)], np.float64)
        return 0.0 if overlap_of(quad, frame) < UNCUT else -1.0
    return 1.0 if overlap > RIGHT else 0.0 if overlap < WRONG else -1.0


@cache
def opened_nets() -> DocumentNets:
    """Nets that find several documents, without the one that sees candidates."""
    return DocumentNets(ScoringNet(**read_arrays(choose(SCORING))), open_net(choose(SEGMENTATION)))


def noisy(samples: Sequence[ScoringSample]) -> list[ScoringSample]:
    """Return copies of samples with noise on their measures."""
    random = np.random.default_rng(0)
    spread = np.concatenate([sample.features for sample in samples]).std(axis=0)
    return [
        replace(sample, features=sample.features + NOISE * spread * random.normal(size=sample.features.shape))
        for _ in range(COPIES)
        for sample in samples
    ]


def weights(net: ScoringNet, samples: Sequence[ScoringSample]) -> Floats:
    """Fit the weights of `document_log_odds` without a net that sees candidates, its offset last."""
    rows = np.concatenate([sample.features for sample in samples])
    right = np.concatenate([sample.overlap for sample in samples])
    counts = np.concatenate([np.full(len(sample.overlap), sample.weight) for sample in samples])
    terms = joint_terms(rows[:, :-1], rows[:, -1])
    terms = np.column_stack([net.log_odds(rows[:, :-1]), terms[:, 1:], np.ones(len(rows))])
    return logistic(terms, right, counts, np.full(terms.shape[1], DECAY))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
