"""Bent paper: developable surfaces, bent about axes parallel to their height, seen by a pinhole camera.

Lengths are page widths; z is the height above the desk.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Floats, Image, Size


class Leaf(NamedTuple):
    """A page, and what is true at n + 1 places from its left to its right, evenly spaced along the paper.

    Attributes
    ----------
    slopes
        Rise over run.
    light
        Share of the paper's brightness.
    """

    page: Image
    slopes: Floats
    light: Floats


class View(NamedTuple):
    """A camera: float64 ``(3, 4)`` from ``(x, y, z, 1)`` to pixels, and the picture's size."""

    matrix: Floats
    size: Size

    def of(self, profile: Floats, y: float) -> Floats:
        """Return the pixels, ``(n, 2)``, of a profile's points at depth `y`."""
        x, z = profile.T
        seen = np.column_stack([x, np.full_like(x, y), z, np.ones_like(x)]) @ self.matrix.T
        return np.asarray(seen[:, :2] / seen[:, 2:])


class Bent(NamedTuple):
    """Leaves as seen.

    Attributes
    ----------
    picture
        uint8 BGR, with a rim of paper beyond their edges.
    cover
        uint8, 255 on paper, with soft edges.
    grids
        For each leaf float64 ``(2, n + 1, 2)``: its top and bottom edge in the picture, left to right.
    """

    picture: Image
    cover: Image
    grids: tuple[Floats, ...]


def cylinder(leaves: list[Leaf]) -> Floats:
    """Return x and z, ``(n, 2)``, along the paper of leaves that are joined left to right."""
    steps = []
    for leaf in leaves:
        angles = np.arctan((leaf.slopes[1:] + leaf.slopes[:-1]) / 2)
        steps.append(np.column_stack([np.cos(angles), np.sin(angles)]) / len(angles))
    line = np.concatenate([np.zeros((1, 2)), np.cumsum(np.concatenate(steps), axis=0)])
    return np.asarray(line - np.array([line[:, 0].mean(), line[:, 1].min()]))


def see(leaves: list[Leaf], height: float, view: View) -> Bent:
    """Draw leaves that are `height` widths high."""
    profile = cylinder(leaves)
    edges = np.stack([view.of(profile, y) for y in (-height / 2, height / 2)])
    picture = np.zeros((*view.size[::-1], 3), np.uint8)
    cover = np.zeros(view.size[::-1], np.uint8)
    grids = []
    first = 0
    for leaf in leaves:
        grids.append(edges[:, first : first + len(leaf.slopes)])
        _draw(picture, leaf, grids[-1])
        first += len(leaf.slopes) - 1
    outline = np.concatenate([edges[0], edges[1][::-1]])
    cv2.fillPoly(cover, [np.rint(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return Bent(picture, cover, tuple(grids))


def _draw(picture: Image, leaf: Leaf, edges: Floats) -> None:
    """Draw a leaf in plane strips."""
    height, width = leaf.page.shape[:2]
    strips = len(leaf.slopes) - 1
    light = np.interp((np.arange(width) + 0.5) / width, np.linspace(0, 1, strips + 1), leaf.light)
    page = np.clip(leaf.page * light.astype(np.float32)[:, None], 0, 255).astype(np.uint8)
    for strip in range(strips):
        left = strip * width / strips - 0.5
        right = (strip + 1) * width / strips - 0.5
        top = -0.5
        bottom = height - 0.5
        flat = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
        seen = edges[(0, 0, 1, 1), (strip, strip + 1, strip + 1, strip)]
        low = np.maximum(np.floor(seen.min(axis=0)).astype(int) - 1, 0)
        high = np.minimum(np.ceil(seen.max(axis=0)).astype(int) + 2, picture.shape[1::-1])
        size = (int(high[0] - low[0]), int(high[1] - low[1]))
        if min(size) < 1:
            continue
        warp = cv2.getPerspectiveTransform(flat, (seen - low).astype(np.float32))
        shown = cv2.warpPerspective(page, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        mask = np.zeros(size[::-1], np.uint8)
        cv2.fillConvexPoly(mask, np.rint((seen - low) * 16).astype(np.int32), 255, cv2.LINE_8, 4)
        inside = cv2.dilate(mask, np.ones((3, 3), np.uint8)) > 0
        picture[low[1] : high[1], low[0] : high[0]][inside] = shown[inside]
