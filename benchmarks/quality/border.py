"""Empty corners of turned pages and slivers of desk beside them: made pages, and how a filling is judged."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.paper.border import find_slivers
from imgcore.types import Image
from synthetic.datasets.held import slivers
from synthetic.documents.pages import make_page
from synthetic.scene.camera import photograph
from synthetic.scene.light import lamplight
from synthetic.scene.surfaces import plain_desk

Mask = npt.NDArray[np.bool_]

_BAND = 8
"""Pixels to either side of the seam that are compared."""


@dataclass(frozen=True, eq=False)
class TurnedPage:
    """A photographed page that was turned, with the masks of its empty corners and of its print."""

    picture: Image
    empty: Mask
    ink: Mask


def make_turned(seed: int, size: tuple[int, int] = (1240, 1754)) -> TurnedPage:
    """A page turned by up to three degrees; the same for the same arguments."""
    random = np.random.default_rng([seed, 41])
    page = make_page(seed, size)
    scene = (page.picture * lamplight(random, size)).astype(np.float32)
    picture = photograph(random, scene, random.uniform(0.5, 1.1))
    turn = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), random.uniform(-3, 3), 1)
    turned = np.asarray(cv2.warpAffine(picture, turn, size, flags=cv2.INTER_CUBIC), np.uint8)
    shown = np.asarray(
        cv2.warpAffine(np.full(size[::-1], 255, np.uint8), turn, size, flags=cv2.INTER_NEAREST)
    )
    ink = np.asarray(cv2.warpAffine(page.ink.astype(np.uint8), turn, size))
    return TurnedPage(turned, shown == 0, ink > 0)


def step(filled: Image, turned: TurnedPage) -> npt.NDArray[np.float64]:
    """Return the step in levels across the seam at each pixel along it, print left out."""
    disc = np.ones((2 * _BAND + 1,) * 2, np.uint8)
    grown = cv2.dilate(turned.empty.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    within = grown & (cv2.erode(grown.astype(np.uint8), disc, borderValue=1) == 0)
    beside = (cv2.dilate(grown.astype(np.uint8), disc) > 0) & ~grown
    beside &= cv2.dilate(turned.ink.astype(np.uint8), np.ones((7, 7), np.uint8)) == 0
    inner, outer = (_local(filled, side) for side in (within, beside))
    both = (inner[1] > 0.05) & (outer[1] > 0.05)
    return np.asarray(np.abs(inner[0] - outer[0]).max(axis=2)[both], np.float64)


def _local(picture: Image, mask: Mask) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    share = np.asarray(cv2.blur(mask.astype(np.float32), (41, 41)), np.float32)
    total = np.asarray(cv2.blur(picture * mask[:, :, None].astype(np.float32), (41, 41)), np.float32)
    return np.asarray(total / np.maximum(share, 1e-3)[:, :, None], np.float32), share


def sliver_shares(seed: int) -> tuple[float, float, float]:
    """Return three shares: of the sliver found, of the page taken with it, and of a page without a sliver."""
    random = np.random.default_rng([seed, 43])
    size = (1240, 1754)
    page = make_page(seed, size)
    beside = slivers(random, size, page.unit)
    light = lamplight(random, size)
    table = plain_desk(random, size)
    covered = np.where(beside[:, :, None], table, page.picture) * light
    with_desk, without = (
        photograph(random, scene.astype(np.float32), 0.8) for scene in (covered, page.picture * light)
    )
    found = find_slivers(with_desk)
    recall = float(found[beside].mean()) if beside.any() else float("nan")
    return recall, float(found[~beside].mean()), float(find_slivers(without).mean())
