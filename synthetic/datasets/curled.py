"""Made pictures of curled pages and open books: seeded, in true perspective, with exact truth.

The paper is a developable surface, bent about axes parallel to its height, laid on a desk and seen by
a pinhole camera; its shade follows the angle to the light.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from synthetic.arrays import Image

Floats = npt.NDArray[np.float64]
Random = np.random.Generator

STRIPS = 48
"""Plane strips that a bent page is drawn in."""
_PROSE = (
    "the of and to in is that for it was on are as with they at be this from have or by one had not but "
    "what all were when we there can an your which their said if do will each about how up out them then "
    "she many some so these would other into has more her two like him see time could no make than first "
    "been its who now people account number signature receipt counter document certificate total amount"
)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A picture and how it came about.

    Attributes
    ----------
    picture
        uint8 BGR.
    pages
        The flat pages, left to right.
    grids
        For each page float64 ``(2, STRIPS + 1, 2)``: its top and bottom edge in the picture, left to right.
    """

    picture: Image
    pages: tuple[Image, ...]
    grids: tuple[Floats, ...]

    @property
    def gutter(self) -> Floats | None:
        """Top and bottom of the gutter, ``(2, 2)``, or None for a single page."""
        return self.grids[0][:, -1] if len(self.grids) == 2 else None


def text_page(random: Random, width: int = 1000, height: int = 1414, margin: float = 0.1) -> Image:
    """A page of justified text with a heading and a rule."""
    page = np.full((height, width, 3), 250, np.uint8)
    left, right = round(margin * width), round((1 - margin) * width)
    size = random.uniform(0.42, 0.62) * width / 1000
    step = round(size * random.uniform(48, 60))
    heading = _line(random, right - left, 2 * size)
    place = (left, 2 * step + left // 2)
    cv2.putText(page, heading, place, cv2.FONT_HERSHEY_SIMPLEX, 2 * size, (30, 30, 30), 2, cv2.LINE_AA)
    for bottom in range(left + 4 * step, height - left, step):
        if random.random() < 0.08:
            continue
        text = _line(random, (right - left) * (1.0 if random.random() < 0.85 else 0.5), size)
        cv2.putText(page, text, (left, bottom), cv2.FONT_HERSHEY_SIMPLEX, size, (35, 35, 35), 1, cv2.LINE_AA)
    return page


def _line(random: Random, width: float, size: float) -> str:
    known = _PROSE.split()
    words = [str(random.choice(known))]
    while cv2.getTextSize(" ".join(words), cv2.FONT_HERSHEY_SIMPLEX, size, 1)[0][0] < width:
        words.append(str(random.choice(known)))
    return " ".join(words[:-1])


def curled_page(random: Random, side: int = 1600) -> Scene:
    """One sheet that curls: a bow, a wave, or a lifted edge."""
    s = np.linspace(0, 1, STRIPS + 1)
    bend = random.uniform(0.3, 1.1) * random.choice([-1.0, 1.0])
    wave = random.uniform(-0.4, 0.4)
    slopes = bend * (s - random.uniform(0.3, 0.7)) + wave * np.sin(2 * np.pi * s)
    return _scene(random, [(text_page(random), slopes)], side)


def open_book(random: Random, side: int = 1600) -> Scene:
    """Two pages that fall into the gutter between them."""
    s = np.linspace(0, 1, STRIPS + 1)
    fall, reach, level = random.uniform(0.5, 1.3), random.uniform(0.12, 0.4), random.uniform(-0.12, 0.25)
    right = fall * np.exp(-s / reach) - level * s
    left = -right[::-1] * random.uniform(0.7, 1.1)
    pages = [(text_page(random), left), (text_page(random), right)]
    return _scene(random, pages, side)


def _scene(random: Random, pages: list[tuple[Image, Floats]], side: int) -> Scene:
    profile = _profile([slopes for _, slopes in pages])
    height = pages[0][0].shape[0] / pages[0][0].shape[1]
    project = _camera(random, profile, height, side)
    rows, cols = project.shape
    picture = _desk(random, rows, cols)
    grids = []
    for number, (page, slopes) in enumerate(pages):
        part = profile[number * STRIPS : (number + 1) * STRIPS + 1]
        edges = np.stack([project.of(part, y) for y in (-height / 2, height / 2)])
        shade = _shade(random, slopes, number, len(pages))
        _draw(picture, page, edges, shade)
        grids.append(edges)
    return Scene(_taken(random, picture), tuple(page for page, _ in pages), tuple(grids))


def _profile(slopes: list[Floats]) -> Floats:
    """``(n, 2)``: x and height above the desk along the paper, each page 1 wide."""
    angles = np.concatenate([np.arctan((part[1:] + part[:-1]) / 2) for part in slopes])
    steps = np.stack([np.cos(angles), np.sin(angles)], axis=1) / STRIPS
    line = np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])
    line[:, 0] -= line[:, 0].mean()
    line[:, 1] -= line[:, 1].min()
    return line


@dataclass(frozen=True, slots=True, eq=False)
class _Camera:
    matrix: Floats
    shape: tuple[int, int]

    def of(self, profile: Floats, y: float) -> Floats:
        """Where the points of a profile at depth `y` are seen."""
        points = np.column_stack(
            [profile[:, 0], np.full(len(profile), y), profile[:, 1], np.ones(len(profile))]
        )
        seen = points @ self.matrix.T
        return np.asarray(seen[:, :2] / seen[:, 2:])


def _camera(random: Random, profile: Floats, height: float, side: int) -> _Camera:
    """A camera above the middle, tilted and turned a little, that just sees all of it."""
    tilt, turn, away = random.normal() * 0.12, random.normal() * 0.05, random.uniform(2.2, 3.5)
    rx = np.array([(1, 0, 0), (0, np.cos(tilt), -np.sin(tilt)), (0, np.sin(tilt), np.cos(tilt))])
    rz = np.array([(np.cos(turn), -np.sin(turn), 0), (np.sin(turn), np.cos(turn), 0), (0, 0, 1)])
    # The picture's y runs down as the page's does; height above the desk is nearer to the camera.
    outer = np.column_stack([np.diag([1.0, 1.0, -1.0]) @ rx @ rz, (0, 0, away)])
    rough = _Camera(outer, (0, 0))
    seen = np.concatenate([rough.of(profile, y) for y in (-height / 2, height / 2)])
    low, high = seen.min(axis=0), seen.max(axis=0)
    room = (high - low) * random.uniform(0.04, 0.1)
    scale = side / (high - low + 2 * room).max()
    inner = np.array([(scale, 0, 0), (0, scale, 0), (0, 0, 1.0)])
    inner[:2, 2] = -(low - room) * scale
    cols, rows = np.ceil((high - low + 2 * room) * scale).astype(int)
    return _Camera(inner @ outer, (int(rows), int(cols)))


def _shade(random: Random, slopes: Floats, number: int, pages: int) -> Floats:
    """Light on each strip: by its angle, and less of it deep in a gutter."""
    middle = np.arctan((slopes[1:] + slopes[:-1]) / 2)
    light = np.cos(middle - random.uniform(-0.4, 0.4)) / np.cos(0.2)
    if pages == 2:
        s = (np.arange(STRIPS) + 0.5) / STRIPS
        depth = 1 - s if number == 0 else s
        light *= 1 - random.uniform(0.15, 0.5) * np.exp(-depth / random.uniform(0.02, 0.06))
    return np.asarray(np.clip(light, 0.3, 1.05))


def _draw(picture: Floats, page: Image, edges: Floats, shade: Floats) -> None:
    rows, cols = picture.shape[:2]
    height, width = page.shape[:2]
    for strip in range(STRIPS):
        left, right = strip * width / STRIPS - 0.5, (strip + 1) * width / STRIPS - 0.5
        flat = np.array(
            [(left, -0.5), (right, -0.5), (right, height - 0.5), (left, height - 0.5)], np.float32
        )
        seen = np.array([edges[0, strip], edges[0, strip + 1], edges[1, strip + 1], edges[1, strip]])
        low = np.maximum(np.floor(seen.min(axis=0)).astype(int) - 1, 0)
        high = np.minimum(np.ceil(seen.max(axis=0)).astype(int) + 2, (cols, rows))
        size = (int(high[0] - low[0]), int(high[1] - low[1]))
        if min(size) < 1:
            continue
        warp = cv2.getPerspectiveTransform(flat, (seen - low).astype(np.float32))
        lit = cv2.warpPerspective(page, warp, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
        mask = np.zeros(size[::-1], np.uint8)
        cv2.fillConvexPoly(mask, np.rint((seen - low) * 16).astype(np.int32), 255, cv2.LINE_8, 4)
        part = picture[low[1] : high[1], low[0] : high[0]]
        part[mask > 0] = (lit * shade[strip])[mask > 0]


def _desk(random: Random, rows: int, cols: int) -> Floats:
    colour = random.uniform((30, 50, 60), (110, 130, 150))
    noise = cv2.resize(random.normal(size=(rows // 8 + 1, cols // 40 + 1)), (cols, rows))
    return np.asarray(colour + 6 * noise[:, :, None])


def _taken(random: Random, picture: Floats) -> Image:
    """As a camera gives it: uneven light, a little blur, noise, JPEG."""
    rows, cols = picture.shape[:2]
    fall = cv2.resize(random.normal(size=(2, 2)) * 0.08 + 0.9, (cols, rows))
    blurred = cv2.GaussianBlur(picture * fall[:, :, None], (0, 0), random.uniform(0.5, 0.9))
    noisy = np.clip(blurred + random.normal(size=picture.shape) * random.uniform(1, 4), 0, 255).astype(
        np.uint8
    )
    _, data = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(75, 95))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
