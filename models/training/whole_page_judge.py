"""Fit the net of ``imgcore.outline.judge.scores`` that tells documents from parts of a page.

    python -m models.training.whole_page_judge [--pictures 3000] [--cache FILE]

Made pictures of two kinds, about as many of each: pages that are the whole picture, and documents on desks
and on scanners' beds; photographs of single sheets where they are present. Candidates of the finders, before
any check, are measured: right are those that agree with a document, and the documents' own corners; wrong
those that lose part of a page or of a document.
"""

from __future__ import annotations

import argparse
import pickle
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.judge.scores import ranking_score, region_confidence
from imgcore.outline.judge.weights import ScoringNet
from imgcore.outline.measure.page_evidence import NAMES, measure_evidence
from imgcore.outline.overlap import iou, overlap_coefficient
from imgcore.outline.propose.candidates import ReducedPicture, reduce_picture, search_quads, search_regions
from imgcore.outline.refine import refine_quad
from lab.fitting import Course, begun_layers, fit_hidden_layer
from lab.page_shares import kept
from lab.photographs import load_photographs
from models.training.page_views import seen_anew
from models.training.shipped import write_weights
from synthetic.datasets.aligned import make_among, make_fed, make_flatbed, make_single
from synthetic.datasets.ambiguous import KINDS as AMBIGUOUS
from synthetic.datasets.ambiguous import make_ambiguous, seen_corners
from synthetic.datasets.tabletops import make_counter, make_desk, make_scene
from synthetic.datasets.whole_pages import KINDS, WholePage, make_whole_page, photographed
from synthetic.scene.layout import LAYOUTS

Floats = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]

FIRST_SEED = 30_000_000
SIZES = ((800, 600), (880, 496), (600, 800))
FED = 160
"""Sheets drawn in by a feeder, further ones."""
HARD = ("scenery", "poster", "dark window", "screenshot", "cheque", "certificate", "still life", "brochure")
"""Kinds of pages that are drawn more often."""
RIGHT = 0.9
WRONG = 0.75
"""Overlap with a document from which a candidate is right, and up to which it is wrong."""
LEAST = 0.95
"""Share of a page below which a crop of it is wrong though no print is lost."""
ALONG = 4
TRIED = 60
APART = 0.85
"""Candidates taken of a picture, of how many that rank highest, and their largest overlap."""
LIKELY = 0.27
SHARED = 0.3
"""Confidence from which a region is taken for a document, and largest part of one that is another's."""
PAGE_WEIGHT = 6.0
PHOTOGRAPH_WEIGHT = 8.0
VIEW_WEIGHT = 0.5
"""Weights of wrong crops of pages, since they lose something, of photographs, and of views."""
RIGHT_PHOTOGRAPH = 20.0
"""Further weight of right candidates of photographs, of which there are few, and which are no drawings."""
PHOTOGRAPH_SIDE = 1600
VIEWS = 3
JITTER = 0.002
HIDDEN = 10
COURSE = Course(steps=16_000, batch=384, rate=0.02, decay=2e-3, noise=0.15)
SEED = 16


class Sample(NamedTuple):
    """Evidence ``(n, f)`` of candidates, 1 for right ones and 0 for wrong ones, and how much each counts."""

    evidence: Floats
    right: Floats
    weight: Floats


class Subject(NamedTuple):
    """A picture and its documents, or the page that it is; how much it counts, and in how many views."""

    picture: Picture
    quads: Sequence[Floats]
    page: WholePage | None = None
    weight: float = 1.0
    views: int = 3


def main(arguments: Sequence[str]) -> int:
    """Gather samples, fit, write."""
    parser = argparse.ArgumentParser(prog="whole_page_judge", description=__doc__)
    parser.add_argument("--pictures", type=int, default=3000)
    parser.add_argument("--cache", type=Path, help="keep the samples in this file for the next run")
    options = parser.parse_args(arguments)
    if options.cache is not None and options.cache.exists():
        samples = pickle.loads(options.cache.read_bytes())
    else:
        with ProcessPoolExecutor(initializer=cv2.setNumThreads, initargs=(1,)) as processes:
            drawn = list(processes.map(_drawn, range(options.pictures), chunksize=20))
            drawn += processes.map(_fed, range(FED), chunksize=20)
        seen = [list(measured(subject, seed)) for seed, subject in enumerate(photographs(), options.pictures)]
        samples = list(chain.from_iterable(drawn + seen))
        if options.cache is not None:
            options.cache.write_bytes(pickle.dumps(samples))
    net, usual = fit(samples)
    write_weights("page", NAMES, {**asdict(net), "usual": usual})
    return 0


def _fed(seed: int) -> list[Sample]:
    scene = make_fed(FIRST_SEED + seed)
    return list(measured(Subject(scene.picture, scene.quads), seed))


def _drawn(seed: int) -> list[Sample]:
    return list(measured(make(seed), seed))


def make(seed: int) -> Subject:
    """Make one picture; the same for the same seed."""
    random = np.random.default_rng([seed, 83])
    drawn = FIRST_SEED + seed
    if random.random() < 0.45:
        kinds = KINDS if random.random() < 0.65 else HARD
        page = make_whole_page(drawn, kinds[random.integers(len(kinds))], float(random.uniform(0.4, 0.6)))
        if random.random() < 0.15:
            page = photographed(page, drawn)
        return Subject(page.picture, (), page)
    size = SIZES[random.integers(len(SIZES))]
    choice = random.choice(7, p=(0.34, 0.2, 0.09, 0.06, 0.13, 0.05, 0.13))
    scene = (
        lambda: make_single(drawn),
        lambda: make_among(drawn),
        lambda: make_flatbed(drawn),
        lambda: make_ambiguous(drawn, str(random.choice(tuple(AMBIGUOUS)))),
        lambda: make_scene(drawn, int(random.choice([1, 1, 1, 2, 3])), size),
        lambda: make_desk(drawn, LAYOUTS[random.integers(len(LAYOUTS))], int(random.integers(2, 8)), size),
        lambda: make_counter(drawn, size),
    )[choice]()
    return Subject(scene.picture, scene.quads)


def photographs() -> Iterator[Subject]:
    """Photographs of single sheets, where they are present."""
    for photograph in load_photographs(PHOTOGRAPH_SIDE):
        yield Subject(photograph.picture, (photograph.quad,), None, PHOTOGRAPH_WEIGHT, 2 * VIEWS)


def measured(subject: Subject, seed: int) -> Iterator[Sample]:
    """Measure the candidates of one picture, and of some views of it."""
    random = np.random.default_rng([seed, 89])
    reduced = reduce_picture(subject.picture)
    sets = [[reduced.to_small(quad) for quad in quads] for quads in _candidates(subject.picture, reduced)]
    labels = [_labels([_in_picture(reduced, quad) for quad in quads], subject) for quads in sets]
    if subject.quads:
        sets.append([reduced.to_small(_jittered(random, quad)) for quad in subject.quads])
        labels.append(np.ones(len(subject.quads)))
    for quads, right in zip(sets, labels, strict=True):
        yield _sample(reduced.small, quads, right, subject, 1.0)
    for _ in range(subject.views if sets else 0):
        view = seen_anew(random, reduced.small, sets, subject.page is not None)
        for shown, right in zip(view.sets if view else (), labels, strict=False):
            if view and shown:
                yield _sample(view.picture, shown, right, subject, VIEW_WEIGHT)


def _sample(
    picture: Picture, quads: Sequence[Floats], right: Floats, subject: Subject, weight: float
) -> Sample:
    clear = right >= 0
    weights = np.where((right == 0) & (subject.page is not None), PAGE_WEIGHT, 1.0) * subject.weight * weight
    weights[(right == 1) & (subject.weight == PHOTOGRAPH_WEIGHT)] *= RIGHT_PHOTOGRAPH
    return Sample(measure_evidence(picture, quads)[clear], right[clear], weights[clear])


def _in_picture(reduced: ReducedPicture, quad: Floats) -> Floats:
    return np.asarray((quad + 0.5) * reduced.factor - 0.5)


def _jittered(random: np.random.Generator, quad: Floats) -> Floats:
    shortest = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1).min()
    return np.asarray(quad + random.normal(size=(4, 2)) * shortest * JITTER)


def _candidates(picture: Picture, reduced: ReducedPicture) -> Iterator[list[Floats]]:
    """Sets of candidates: the regions, then single ones of lines that differ, the likeliest first."""
    regions = search_regions(reduced)
    chosen = _apart(regions.corners, region_confidence(regions.features)) if len(regions.corners) else []
    if chosen:
        yield chosen
    lines = search_quads(reduced)
    order = np.argsort(-ranking_score(lines.features), kind="stable")[:TRIED] if len(lines.corners) else ()
    before: list[Floats] = []
    for number in order:
        if len(before) < ALONG and all(iou(lines.corners[number], other) < APART for other in before):
            before.append(lines.corners[number])
            yield [refine_quad(picture, lines.corners[number], lines.on_border[number], 2.5)]


def _apart(quads: Floats, chances: Floats) -> list[Floats]:
    """Select the likely ones that do not overlap, the likeliest first."""
    chosen: list[Floats] = []
    for number in np.argsort(-chances, kind="stable")[: np.count_nonzero(chances > LIKELY)]:
        if all(overlap_coefficient(quads[number], other) < SHARED for other in chosen):
            chosen.append(quads[number])
    return chosen


def _labels(quads: Sequence[Floats], subject: Subject) -> Floats:
    """Return 1 for each right candidate, 0 for each wrong one, -1 for those between."""
    rows, cols = subject.picture.shape[:2]
    if subject.page is not None:
        share = kept(subject.page, list(quads))
        return np.full(len(quads), 0.0 if share.cut or share.area < LEAST else -1.0)
    seen = [seen_corners(quad, (cols, rows)) for quad in subject.quads]
    overlaps = [
        max((iou(seen_corners(quad, (cols, rows)), other) for other in seen), default=0.0) for quad in quads
    ]
    # One of several leaves the others out, which may be meant or not.
    right = 1.0 if len(quads) > 1 or len(seen) < 2 else -1.0
    return np.array([right if it >= RIGHT else 0.0 if it < WRONG else -1.0 for it in overlaps])


def fit(samples: Sequence[Sample]) -> tuple[ScoringNet, Floats]:
    """Fit the net; returns with it the median of each evidence over documents."""
    evidence, right, weight = (np.concatenate(column) for column in zip(*samples, strict=True))
    random = np.random.default_rng(SEED)
    mean = evidence.mean(axis=0)
    spread = evidence.std(axis=0) + 1e-6
    normal = np.clip((evidence - mean) / spread, -4, 4)
    layers = begun_layers(random, normal.shape[1], HIDDEN)
    fitted = fit_hidden_layer(random, layers, normal, right, weight / weight.mean(), COURSE)
    return ScoringNet(mean, spread, *fitted), np.median(evidence[right > 0], axis=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
