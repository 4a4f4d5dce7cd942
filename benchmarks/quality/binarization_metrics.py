"""The measures of the binarization contests: F-measure, pseudo-F, PSNR and DRD."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import skimage

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BinarizationScores:
    """F-measure and pseudo-F in per cent, PSNR in decibels, DRD (less is better)."""

    f: float
    pseudo_f: float
    psnr: float
    drd: float


def score(found: Mask, marked: Mask) -> BinarizationScores:
    """All four of one picture, which is not found to the last pixel; True is ink."""
    hit = _count(found & marked)
    precision = hit / max(1, _count(found))
    bones = skimage.morphology.skeletonize(marked)
    return BinarizationScores(
        f=100 * _f(precision, hit / max(1, _count(marked))),
        pseudo_f=100 * _f(precision, _count(found & bones) / max(1, _count(bones))),
        psnr=float(skimage.metrics.peak_signal_noise_ratio(marked, found, data_range=1)),
        drd=drd(found, marked),
    )


def drd(found: Mask, marked: Mask) -> float:
    """Distance-reciprocal distortion, over the blocks of 8 x 8 that hold both ink and paper.

    References
    ----------
    H. Lu, A. C. Kot and Y. Q. Shi, "Distance-reciprocal distortion measure for binary document
    images", 2004, with the normalisation of the contests.
    """
    y, x = np.mgrid[-2:3, -2:3]
    weights = 1 / np.maximum(np.hypot(x, y), 1)
    weights[2, 2] = 0
    weights /= weights.sum()
    truth = marked.astype(np.float64)
    around = cv2.filter2D(truth, -1, weights, borderType=cv2.BORDER_REFLECT)
    # At a wrong pixel, the weight of the neighbours that are not what was found there.
    distortion = np.where(found, 1 - around, around)[found != marked].sum()
    rows, cols = (side // 8 * 8 for side in marked.shape)
    blocks = truth[:rows, :cols].reshape(rows // 8, 8, cols // 8, 8).mean(axis=(1, 3))
    return float(distortion / max(1, _count((blocks > 0) & (blocks < 1))))


def _count(mask: Mask) -> int:
    return int(np.count_nonzero(mask))


def _f(precision: float, recall: float) -> float:
    return 2 * precision * recall / max(1e-9, precision + recall)
