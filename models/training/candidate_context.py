"""Fit the network of ``outline.judge.scores`` that rates candidates among the others of a picture.

    python -m models.training.candidate_context

To be run once both networks of several documents are trained. Made desks, apart from those that are measured,
documents of which a part looks like the document, whole pages, and bare desks give candidates whose overlap
with the truth is known.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import numpy as np
import numpy.typing as npt

from imgcore.outline import DocumentNets
from imgcore.outline.judge.scores import pool
from imgcore.outline.judge.weights import ScoringNet
from imgcore.outline.measure.candidate_context import NAMES, measure_context
from imgcore.outline.overlap import iou
from imgcore.outline.propose.candidates import SEARCH_SIDE, reduce_picture, search_documents
from imgcore.outline.propose.segmentation import segment_documents
from models.arrays import read_arrays
from models.locate import choose
from models.session import open_net
from models.training.document_scoring import ROLE as SCORING
from models.training.document_scoring import ScoringSample, fit
from models.training.document_segmentation import ROLE as SEGMENTATION
from models.training.shipped import write_weights
from synthetic.datasets.ambiguous import KINDS as AMBIGUOUS
from synthetic.datasets.ambiguous import make_ambiguous
from synthetic.datasets.tabletops import SIZES, make_desk, make_scene
from synthetic.datasets.whole_pages import KINDS, make_whole_page
from synthetic.scene.layout import LAYOUTS

Floats = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]

SEED = 2_100_000
APART = 10_000
ROUNDS = 180
FEWEST = 2
KINDS_OF_COUNT = 11
EVERY = 5
"""One of so many kinds of whole pages is drawn in a round with whole pages, which are two of so many."""
HIDDEN = 12
PAGE_WEIGHT = 0.5
EMPTY_WEIGHT = 2.0
"""Whole pages are judged again, by `imgcore.outline.judge.whole_page`."""


def main(arguments: Sequence[str]) -> int:
    """Gather, fit, write."""
    argparse.ArgumentParser(prog="candidate_context", description=__doc__).parse_args(arguments)
    nets = DocumentNets(ScoringNet(**read_arrays(choose(SCORING))), open_net(choose(SEGMENTATION)))
    net = fit([gathered(nets, *subject) for subject in subjects()], hidden=HIDDEN)
    write_weights("context", NAMES, asdict(net))
    return 0


def subjects() -> Iterator[tuple[Picture, Sequence[Floats], float]]:
    """Pictures, their documents, and how much they count."""
    for turn in range(ROUNDS):
        size = SIZES[turn % len(SIZES)]
        for number, layout in enumerate(LAYOUTS):
            seed = SEED + APART * number + 7 * turn
            desk = make_desk(seed, layout, FEWEST + 5 * turn % KINDS_OF_COUNT, size)
            yield desk.picture, desk.quads, 1.0
        seed = SEED + APART * len(LAYOUTS) + turn
        bare = make_desk(seed, LAYOUTS[0], 0, size) if turn % 2 else make_scene(seed, 0, size)
        yield bare.picture, (), EMPTY_WEIGHT
        if turn % EVERY < 2:
            for scene in (make_scene(seed, 1), *(make_ambiguous(seed, kind) for kind in AMBIGUOUS)):
                yield scene.picture, scene.quads, 1.0
            for number, kind in enumerate(KINDS):
                if (number + turn // EVERY) % EVERY == 0:
                    yield make_whole_page(seed + 31 * number, kind).picture, (), PAGE_WEIGHT


def gathered(nets: DocumentNets, picture: Picture, quads: Sequence[Floats], weight: float) -> ScoringSample:
    """Return the likelier candidates of a picture, measured."""
    reduced = reduce_picture(picture, SEARCH_SIDE)
    net_maps = segment_documents(nets.segmentation, reduced.small, reduced.factor)
    found = search_documents(reduced, net_maps)
    odds = nets.scoring.log_odds(found.features)
    chosen = pool(odds)
    corners = found.corners[chosen]
    overlap = [max((iou(one, quad) for quad in quads), default=0.0) for one in corners]
    measures = measure_context(corners, odds[chosen], picture.shape, net_maps)
    return ScoringSample(measures, np.array(overlap), weight)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
