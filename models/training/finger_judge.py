"""Fit the weights by which ``imgcore.fingers.evidence`` judges what the network draws, and print them.

    python -m models.training.finger_judge FOLDER --mirrors CLONES [--net FILE]

FOLDER and CLONES are those of `models.training.finger_segmentation`. Fingers are hands that it keeps apart,
laid on pages; what is none is what the network draws on these pages beside them, and on real ones that are
marked ``"fit": true``. Real held pages measure; none of them is learned from.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.fingers.evidence import DRAWN, UNITS, measure
from imgcore.fingers.judgement import drawn_regions
from imgcore.fingers.net import FingerNet, skin_probability
from imgcore.fingers.removal import SIDE, lit_paper
from imgcore.paper.colour import relative
from lab.fitting import logistic
from models.training.finger_pictures import compose
from models.training.finger_stock import FIRST, gather, real_pages
from models.training.shipped import path_of

ROLE = "finger-segmentation"
COMPOSED = 160
SHOWN = 0.65
EVERY = 3
"""Composed pages, the share of them with a hand, and the step between real ones."""
HELD = 0.6
MOST = 0.06
FREE = 0.1
"""Share of a region that is skin from which it is a finger, the largest such one, and share up to which it is
none."""
DEAR = 2.0
"""Weight of all that is no finger against all fingers."""
DAMPING = 0.02
"""Damping of all weights together, which draws each a little towards 0."""

Picture = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Doubles = npt.NDArray[np.float64]


def main(arguments: Sequence[str]) -> int:
    """Gather, fit, print."""
    parser = argparse.ArgumentParser(prog="finger_judge", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mirrors", type=Path, required=True, help="folder with clones of the repositories")
    parser.add_argument("--net", type=Path, default=path_of(ROLE))
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    net = FingerNet.unpacked(np.load(options.net))
    told: list[list[float]] = []
    is_finger: list[bool] = []
    for picture, skin in _pictures(options.folder, options.mirrors):
        for units, share in measured(net, picture, skin):
            if FREE < share < HELD:
                continue
            told.append(units)
            is_finger.append(share >= HELD)
    print(sum(is_finger), "fingers and", len(told) - sum(is_finger), "other regions")
    weights = fit(np.array(told), np.array(is_finger))
    print(f"_BEGUN, _PROBABLE = {weights[-1]:.2f}, {weights[0]:.2f}")
    for (name, (least, most, unit, *_)), below, above in zip(
        DRAWN.items(), weights[1:-1:2], weights[2:-1:2], strict=True
    ):
        print(f'    "{name}": ({least}, {most}, {unit}, {below:.2f}, {above:.2f}),')
    return 0


def _pictures(folder: Path, mirrors: Path) -> Iterator[tuple[Picture, Mask]]:
    """Yield pages as fingers are looked for on them, and where skin lies."""
    for page in islice(real_pages(SIDE), 0, None, EVERY):
        yield page, np.zeros(page.shape[:2], bool)
    apart = gather(folder, mirrors, False, 0)[1]
    random = np.random.default_rng([FIRST, 29])
    for _ in range(COMPOSED):
        seen, skin = compose(random, apart, SHOWN)
        factor = SIDE / max(skin.shape)
        picture = np.asarray(cv2.resize(seen.astype(np.uint8), None, fx=factor, fy=factor), np.uint8)
        yield picture, cv2.resize(skin, picture.shape[1::-1]) > 0.5


def measured(net: FingerNet, picture: Picture, skin: Mask) -> Iterator[tuple[list[float], float]]:
    """Yield what speaks for each region that is drawn, and the share of it that is skin."""
    probability = skin_probability(net, picture)
    drawn = list(drawn_regions(probability))
    if not drawn:
        return
    _, model = lit_paper(picture)
    ratio = relative(model.blank, model.paper)
    for region in drawn:
        evidence = measure(region, model, ratio)
        chance = float(probability[region].mean())
        if evidence.area > MOST:
            continue
        units = [float(np.log(chance / (1 - chance)))]
        for name, (least, most, unit, *_) in DRAWN.items():
            value = getattr(evidence, name)
            units += [-min(UNITS, max(0.0, off / unit)) for off in (least - value, value - most)]
        yield units, float(skin[region].mean())


def fit(told: Doubles, is_finger: Mask) -> Doubles:
    """Return weights of a logistic regression, none below 0, and its offset."""
    weight = 1 / np.where(is_finger, is_finger.sum(), (~is_finger).sum() / DEAR)
    inputs = np.column_stack([told, np.ones(len(told))])
    damping = np.append(np.full(told.shape[1], DAMPING / told.shape[1]), 0.0)
    return logistic(inputs, is_finger.astype(np.float64), weight, damping, least=0.0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
