"""Printed sheets on a desk, drawn without chance: the same pixels everywhere."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Corners = npt.NDArray[np.floating]
INK = (45, 40, 40)
WORDS = ("invoice", "total", "of", "goods", "delivered", "the", "undersigned", "stamp", "12.50", "and")


def sheet(cols: int = 300, rows: int = 424) -> Image:
    """A page with a heading, lines of words and a red seal."""
    paper = np.full((rows, cols, 3), (236, 240, 242), np.uint8)
    margin = cols // 10
    cv2.rectangle(paper, (margin, margin), (cols - margin, margin + rows // 20), (150, 110, 60), -1)
    for line, bottom in enumerate(range(margin + rows // 8, rows - margin, max(9, rows // 32))):
        words = " ".join(WORDS[(3 * line + place) % len(WORDS)] for place in range(8))
        cv2.putText(
            paper, words, (margin, bottom), cv2.FONT_HERSHEY_SIMPLEX, cols / 1000, INK, 1, cv2.LINE_AA
        )
    paper[:, cols - margin :] = (236, 240, 242)
    cv2.circle(paper, (cols * 7 // 10, rows * 4 // 5), cols // 9, (60, 50, 210), 3, cv2.LINE_AA)
    return paper


def desk(cols: int = 640, rows: int = 480) -> Image:
    """Wood: brown, with a grain."""
    y, x = np.mgrid[:rows, :cols].astype(np.float64)
    grain = 6 * np.sin(y * 0.9 + 2 * np.sin(x * 0.013)) + 4 * np.sin(y * 0.21 + x * 0.005)
    return np.clip(np.array([58.0, 92.0, 128.0]) + grain[:, :, None], 0, 255).astype(np.uint8)


def laid(paper: Image, corners: Corners, table: Image) -> Image:
    """`table` with `paper` on it; `corners` clockwise from the sheet's top left."""
    rows, cols = paper.shape[:2]
    flat = np.array([(0, 0), (cols, 0), (cols, rows), (0, rows)], np.float32) - 0.5
    warp = cv2.getPerspectiveTransform(flat, np.asarray(corners, np.float32))
    size = (table.shape[1], table.shape[0])
    cover = cv2.warpPerspective(np.ones((rows, cols), np.float32), warp, size, flags=cv2.INTER_LINEAR)
    page = cv2.warpPerspective(paper, warp, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    mixed = table * (1 - cover[:, :, None]) + page * cover[:, :, None]
    return np.asarray(np.rint(mixed), np.uint8)


def turned(width: float, height: float, centre: tuple[float, float], degrees: float) -> Corners:
    """Corners of a rectangle turned counter-clockwise about its centre."""
    flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (width / 2, height / 2)
    c = np.cos(np.radians(degrees))
    s = np.sin(np.radians(degrees))
    return np.asarray(flat @ np.array([(c, -s), (s, c)]) + centre)


PAGE = np.array([(170, 40), (452, 62), (470, 446), (148, 430)], np.float64)
"""Where `page_on_desk` lies: a little tilted."""


def page_on_desk(corners: Corners = PAGE) -> Image:
    """One page on wood, 640 x 480."""
    return laid(sheet(), corners, desk())


def overlap(one: Corners, other: Corners) -> float:
    """Intersection over union of two convex quadrilaterals."""
    quads = [cv2.convexHull(np.asarray(points, np.float32)) for points in (one, other)]
    common = cv2.intersectConvexConvex(quads[0], quads[1])[0]
    areas = [cv2.contourArea(quad) for quad in quads]
    return float(common / (sum(areas) - common))


A4 = (1240, 1754)
"""Columns and rows of A4 at 150 dots an inch."""


def printed(size: tuple[int, int], height: int) -> Image:
    """A sheet with lines of capitals, `height` pixels high."""
    sheet: Image = np.full(size[::-1], 235, np.uint8)
    scale = height / cv2.getTextSize("H", cv2.FONT_HERSHEY_SIMPLEX, 1, 1)[0][1]
    for top in range(3 * height, size[1] - 2 * height, 2 * height):
        line = "HENRY MOVED THE FURNITURE " * 8
        cv2.putText(sheet, line, (height, top), cv2.FONT_HERSHEY_SIMPLEX, scale, 20, max(1, height // 8))
    sheet[:, size[0] - 2 * height :] = 235
    return sheet
