"""Fit the weights with which ``imgcore.outline.judge.judgement`` joins measures and the picture itself.

    python -m models.training.acceptance NET --mirrors CLONES [--of REPOSITORY...] [--pictures 1600]

NET is one of ``document_verification`` that was gathered ``--without`` the same repositories, by default
`APART`: weights are then those for pictures of other sources. All candidates are weighed, also where no
earlier rule accepts one; the bound is chosen by the table of what becomes of pictures, each weighed by what
the others teach.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.finding import clockwise
from imgcore.outline.judge.judgement import TERMS, JointMeasures, joint_terms, refined
from imgcore.outline.measure.view import view_log_odds
from imgcore.outline.scene import Scene
from imgcore.types import Net
from lab.fitting import logistic
from lab.marked import UNCUT, overlap_of
from lab.page_shares import kept
from models.session import open_content
from models.training.joint_judge import DECAY, RIGHT, WRONG, opened_nets
from models.training.shipped import write_weights
from models.training.verification_pictures import Kind, kind_of, subject
from models.training.verification_stock import TrainingPicture, gather

Floats = npt.NDArray[np.float64]

APART = (
    "18F/18f.gsa.gov",
    "bhimrazy/receipt-ocr",
    "cvg/LightGlue",
    "EdjeElectronics/TensorFlow-Object-Detection-API-Tutorial-Train-Multiple-Objects-Windows-10",
    "errcw/set-solver",
    "espressif/esp-box",
    "fatihkurtl/receipt_reading_ai",
    "ghandic/NoteShrinker",
    "glasgog/page-detection",
    "GoogleCloudPlatform/python-docs-samples",
    "IlyasIsHere/Doc-Key-Info-Extraction",
    "inuyasha2012/answer-sheet-scan",
    "josefadamcik/SofleKeyboard",
    "klawik-j/sudoku-ocr",
    "lucianbc/ReceiptScan",
    "mapillary/OpenSfM",
    "omgbarde/image-rectification",
    "ralph831005/receipt-recognition",
    "Rouizi/bubble-sheet-multiple-choice-test-with-opencv",
    "suhren/camscan",
    "swcarpentry/site",
    "Udayraj123/OMRChecker",
    "vimalloc/set-solver",
)
"""Repositories that the shipped net did not learn from, but for the weights beside it."""
FIRST = 1_000_000
"""Number of the first picture: none that a net learnt from."""
MOST = 4.0
"""Limit on both sides of the logarithm of the odds by the picture itself."""
DOUBLED = (Kind.REAL, Kind.CUT)
DEAR = (Kind.PAGE, Kind.SCREEN)
"""Kinds of which all candidates count twice; and four times the wrong ones: a page that is cut is lost."""
BOUNDS = (0.0, 0.5, 1.0, 1.5, 2.0)


class Weighed(NamedTuple):
    """Candidates of one picture.

    Attributes
    ----------
    terms
        float64 ``(n, 5)``, as `joint_terms` gives them.
    small, quads
        The reduced picture, and candidates ``(n, 4, 2)`` in its pixels.
    right
        float64 ``(n,)``: 1 for a right candidate, 0 for one that is wrong or cuts a page, -1 for one between.
    """

    number: int
    terms: Floats
    small: npt.NDArray[np.uint8]
    quads: Floats
    right: Floats


def main(arguments: Sequence[str]) -> int:
    """Weigh candidates of pictures, fit, write."""
    parser = argparse.ArgumentParser(prog="acceptance", description=__doc__)
    parser.add_argument("net", type=Path)
    parser.add_argument("--mirrors", type=Path, default=Path())
    parser.add_argument("--of", nargs="+", default=APART, help="repositories whose pictures are weighed")
    parser.add_argument("--pictures", type=int, default=1600)
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    stock = gather(options.mirrors, lambda repository: repository in options.of)
    numbers = range(FIRST, FIRST + options.pictures)
    seen = (weigh(subject(number, stock), number) for number in numbers)
    pictures = [one for one in seen if one is not None]
    report(pictures, open_content(options.net.read_bytes()).run)
    return 0


def weigh(one: TrainingPicture, number: int) -> Weighed | None:
    """Measure the candidates of a picture; None where nothing is seen."""
    picture = one.picture
    scene = Scene(picture, opened_nets())
    if scene.segmented is None:
        return None
    net_maps = scene.segmented.net_maps
    measures = JointMeasures(scene.reduced, net_maps)
    corners, rows, _ = measures.cheap(refined(scene, scene.proposals()))
    if not len(corners):
        return None
    rows[:, 0] = [measures.page(quad) for quad in corners]
    terms = joint_terms(rows, net_maps.agreement(corners))
    quads = np.array([clockwise(scene.reduced.to_small(quad)) for quad in corners], np.float64)
    right = np.array([_is_right(quad, one) for quad in corners])
    return Weighed(number, terms, scene.reduced.small, quads, right)


def _is_right(quad: Floats, one: TrainingPicture) -> float:
    if one.documents:
        overlap = max(overlap_of(quad, document) for document in one.documents)
        return 1.0 if overlap > RIGHT else 0.0 if overlap < WRONG else -1.0
    if one.page is not None:
        return 0.0 if kept(one.page, [quad]).cut else -1.0
    rows, cols = one.picture.shape[:2]
    frame = np.array([(0, 0), (cols, 0), (cols, rows), (0, rows)], np.float64)
    return 0.0 if overlap_of(quad, frame) < UNCUT else -1.0


def report(pictures: Sequence[Weighed], net: Net) -> None:
    """Write the weights, and print for each bound and kind of picture: right, wrong, of how many."""
    terms = [seen_terms(one, net) for one in pictures]
    halves = [weights(pictures[half::2], terms[half::2]) for half in (0, 1)]
    *by_both, view, offset = weights(pictures, terms)
    write_weights("judgement", TERMS, {"by_both": by_both, "view": view, "by_both_offset": offset})
    odds = [own @ halves[1 - number % 2] for number, own in enumerate(terms)]
    for bound in BOUNDS:
        counts: dict[Kind, list[int]] = defaultdict(lambda: [0, 0, 0])
        for one, own in zip(pictures, odds, strict=True):
            best = int(own.argmax())
            count = counts[kind_of(one.number)]
            if own[best] >= bound and one.right[best] >= 0:
                count[0 if one.right[best] else 1] += 1
            count[2] += 1
        print(bound, *(f"{kind}: {right}/{wrong} of {all_}" for kind, (right, wrong, all_) in counts.items()))


def seen_terms(one: Weighed, net: Net) -> Floats:
    """Terms ``(n, 7)``: those by measures, the odds by the picture itself, 1."""
    view = np.clip(view_log_odds(net, one.small, one.quads), -MOST, MOST)
    return np.column_stack([one.terms, view, np.ones(len(view))])


def weights(pictures: Sequence[Weighed], terms: Sequence[Floats]) -> Floats:
    """Fit all weights, each picture's right candidates as one, its wrong ones as the root of their number."""
    parts = [part for one, own in zip(pictures, terms, strict=True) for part in _parts(one, own)]
    inputs, right, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
    return logistic(inputs, right, counts, np.full(inputs.shape[1], DECAY))


def _parts(one: Weighed, terms: Floats) -> Iterator[tuple[Floats, Floats, Floats]]:
    kind = kind_of(one.number)
    for right in (1.0, 0.0):
        chosen = one.right == right
        count = int(chosen.sum())
        if count:
            each = (1 / count if right else 1 / np.sqrt(count)) * (2 if kind in DOUBLED else 1)
            each *= 4 if kind in DEAR and not right else 1
            yield terms[chosen], np.full(count, right), np.full(count, each)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
