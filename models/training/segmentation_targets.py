"""Target maps of the net that finds documents, and augmentation of the pictures it is shown."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]
Random = np.random.Generator

STRIDE = 4
"""Pixels of the picture a cell of the net's answer is wide."""
UNIT = 32.0
"""Pixels in which places and sizes are told."""
CHANNELS = 10
"""0 heat of the middle; 1-2 where the middle lies from here; 3-5 half sides as a matrix ``a uu' + b vv'``
(xx, xy, yy) with unit vectors u and v along them, which has no order of sides and none of corners; 6-7 cosine
and sine of four times the angle of u; 8 mask; 9 rim."""
_SPREAD = 0.3
"""Of the middle, where the document reaches from -1 to 1."""


def targets(quads: Doubles, shape: tuple[int, int]) -> Floats:
    """Draw what to answer, and how much it matters.

    Parameters
    ----------
    quads
        ``(n, 4, 2)`` in pixels, clockwise, the undermost first.
    shape
        Rows and columns of the answer.

    Returns
    -------
    float32 ``(rows, cols, CHANNELS + 2)``
        The last two: how much the cell counts, and how large its document is in `UNIT`.
    """
    answer = np.zeros((*shape, CHANNELS + 2), np.float32)
    answer[:, :, -1] = 1
    y, x = np.mgrid[: shape[0], : shape[1]] * float(STRIDE) + (STRIDE - 1) / 2
    owner = np.full(shape, -1)
    for number, quad in enumerate(quads):
        u, v = _within(quad, x, y)
        inside = (np.abs(u) < 1) & (np.abs(v) < 1)
        owner[inside] = number
        answer[inside, 0] = np.exp(-(u[inside] ** 2 + v[inside] ** 2) / (2 * _SPREAD**2))
        middle = quad.mean(axis=0)
        answer[inside, 1:3] = (middle - np.stack([x[inside], y[inside]], axis=1)) / UNIT
        answer[inside, 3:8] = _shape(quad)
        answer[inside, -1] = np.sqrt(max(cv2.contourArea(quad.astype(np.float32)), 1.0)) / UNIT
    answer[:, :, 8] = owner >= 0
    answer[:, :, 9] = _rims(owner)
    _weigh(answer, owner, len(quads))
    return answer


def _shape(quad: Doubles) -> Doubles:
    """Half sides as a matrix, and four times its angle."""
    away = quad - quad.mean(axis=0)
    values, axes = np.linalg.eigh(away.T @ away / 4)
    half = (axes * np.sqrt(np.maximum(values, 0))) @ axes.T / UNIT
    edges = np.roll(quad, -1, axis=0) - quad
    along = edges[:2] - edges[2:]
    turns = np.exp(4j * np.arctan2(along[:, 1], along[:, 0])).mean()
    turns /= max(abs(turns), 1e-9)
    return np.array([half[0, 0], half[0, 1], half[1, 1], turns.real, turns.imag])


def _within(quad: Doubles, x: Doubles, y: Doubles) -> tuple[Doubles, Doubles]:
    """Coordinates of places in a document that reaches from -1 to 1."""
    flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float32)
    warp = cv2.getPerspectiveTransform(quad.astype(np.float32), flat)
    middle = quad.mean(axis=0)
    depth = warp[2, 0] * x + warp[2, 1] * y + warp[2, 2]
    depth = depth * np.sign(warp[2, 0] * middle[0] + warp[2, 1] * middle[1] + warp[2, 2])
    sign = np.sign(warp[2] @ np.array([*middle, 1.0]))
    beyond = depth < 1e-6
    depth = np.where(beyond, 1.0, depth) * sign
    u = (warp[0, 0] * x + warp[0, 1] * y + warp[0, 2]) / depth
    v = (warp[1, 0] * x + warp[1, 1] * y + warp[1, 2]) / depth
    return np.where(beyond, 9.0, u), np.where(beyond, 9.0, v)


def _rims(owner: npt.NDArray[np.int_]) -> npt.NDArray[np.bool_]:
    """Cells next to one that belongs to another."""
    rim = np.zeros(owner.shape, bool)
    down = owner[1:] != owner[:-1]
    right = owner[:, 1:] != owner[:, :-1]
    rim[1:] |= down
    rim[:-1] |= down
    rim[:, 1:] |= right
    rim[:, :-1] |= right
    return rim


def _weigh(answer: Floats, owner: npt.NDArray[np.int_], count: int) -> None:
    """Each document counts alike, however large, and its middle most."""
    for number in range(count):
        own = owner == number
        weight = 0.2 + answer[own, 0]
        answer[own, -2] = weight / (weight.sum() + 3)


# Changes -----------------------------------------------------------------------------------


def changed(
    random: Random, picture: Picture, quads: Doubles, size: tuple[int, int]
) -> tuple[Floats, Doubles]:
    """Mirrored, nearer or farther, in other colours: float32 BGR 0..255 of `size`, and the corners there."""
    if random.random() < 0.5:
        picture, quads = picture[:, ::-1], _mirrored(quads, 0, picture.shape[1])
    if random.random() < 0.5:
        picture, quads = picture[::-1], _mirrored(quads, 1, picture.shape[0])
    part, quads = _framed(random, np.ascontiguousarray(picture), quads, size)
    return _coloured(random, part.astype(np.float32)), quads


def _mirrored(quads: Doubles, axis: int, size: int) -> Doubles:
    flipped = quads[:, ::-1].copy()
    flipped[:, :, axis] = size - 1 - flipped[:, :, axis]
    return flipped


def _framed(
    random: Random, picture: Picture, quads: Doubles, size: tuple[int, int]
) -> tuple[Picture, Doubles]:
    """The whole picture, or a part of it as a finer view would have it; black beyond."""
    cols, rows = size
    zoom = cols / picture.shape[1] * random.choice([1.0, random.uniform(0.9, 1.4), random.uniform(1.0, 2.0)])
    small = cv2.resize(
        picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    )
    room = np.array(size) - small.shape[1::-1]
    shift = np.rint(
        np.where(room < 0, random.uniform(0, 1, 2) * room, np.maximum(room, 0) * random.integers(2))
    )
    canvas = np.zeros((rows, cols, 3), np.uint8)
    left, top = (int(v) for v in shift)
    seen = small[max(0, -top) : rows - top, max(0, -left) : cols - left]
    canvas[max(0, top) : max(0, top) + len(seen), max(0, left) : max(0, left) + seen.shape[1]] = seen
    return canvas, (quads + 0.5) * zoom - 0.5 + shift


def _coloured(random: Random, picture: Floats) -> Floats:
    if random.random() < 0.1:
        picture = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
    gain = random.uniform(0.7, 1.15) * random.uniform(0.88, 1.12, 3)
    picture = picture * gain.astype(np.float32) + np.float32(random.normal() * 10)
    if random.random() < 0.3:
        picture = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.3, 0.9)).astype(np.float32)
    if random.random() < 0.5:
        picture = picture + random.normal(size=picture.shape).astype(np.float32) * np.float32(
            random.uniform(0, 5)
        )
    return np.asarray(np.clip(picture, 0, 255), np.float32)
