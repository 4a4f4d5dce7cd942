"""The desk under the demo camera: which scene lies on it, and the picture of any moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

import cv2
import numpy as np

from imgcore.types import Image, Points
from server.devices.adapters.demo.motion import Moment, moment
from server.devices.ports.camera import Size
from synthetic.documents import receipt as receipts
from synthetic.documents.letter import letter
from synthetic.geometry import Lens, Matrix, Pose, bounds, project, warped
from synthetic.scene import book, hand, texture
from synthetic.scene.light import Sensor, lamp, lit
from synthetic.scene.sheet import Sheet, rectangle
from synthetic.text.typeface import typefaces


class Scene(StrEnum):
    """What lies on the desk."""

    PAGE = "page"
    """An A4 form with table, seal, signature, QR and bar code on a wooden desk."""
    WHITE = "white"
    """The same page on a white desk."""
    RECEIPTS = "receipts"
    """Three receipts and a card."""
    CURL = "curl"
    """An open book."""
    FINGER = "finger"
    """The page, held by a hand."""
    EMPTY = "empty"
    """Nothing."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A thing that moves between two poses, both at rest."""

    sheet: Sheet
    start: Pose
    end: Pose

    def pose(self, when: Moment) -> Pose:
        """Where it lies."""
        return self.start.towards(self.end, when.share)


Layout = tuple[Placed, ...]
"""Things on the desk, the lowest first."""


class Desk:
    """Everything the demo camera can see, the same for the same seed.

    `scene` may be set at any time from any thread; the next frame shows it.
    """

    def __init__(self, seed: int = 1) -> None:
        self.scene = Scene.PAGE
        self._seed = seed
        self._lock = Lock()
        self._drawn: tuple[Scene, Layout] | None = None

    def corners(self, index: int, size: Size, scene: Scene | None = None) -> tuple[Points, ...]:
        """The true outlines of the documents in frame number `index`.

        Returns
        -------
        tuple of Points
            One float32 ``(4, 2)`` a document, clockwise from its own top left, in pixels
            of a frame of `size`; of the present scene unless one is named.
        """
        lens = Lens(size).matrix
        placed = [thing for thing in self.layout(scene or self.scene) if thing.sheet.corners is not None]
        return tuple(
            project(thing.sheet.corners, lens @ thing.pose(moment(index)).matrix)
            for thing in placed
            if thing.sheet.corners is not None
        )

    def stage(self, scene: Scene, size: Size) -> Stage:
        """A scene made ready for pictures of one size; 0.1 to 1 s of work, up to 100 MB at 8 megapixels."""
        return Stage(self.layout(scene), texture_of(scene), size, self._rng(size.width))

    def layout(self, scene: Scene) -> Layout:
        """What lies where; drawn on first use, one scene is kept."""
        with self._lock:
            if self._drawn is None or self._drawn[0] is not scene:
                self._drawn = (scene, LAYOUTS[scene](self._rng(0)))
            return self._drawn[1]

    def _rng(self, salt: int) -> np.random.Generator:
        return np.random.default_rng((self._seed, salt))


class Stage:
    """One scene seen at one size. Not for several threads at once."""

    def __init__(self, layout: Layout, surface: Surface, size: Size, rng: np.random.Generator) -> None:
        self._lens = Lens(size)
        self._lamp = lamp(size)
        self._ground = lit(surface(rng, size), self._lamp)
        self._sensor = Sensor(rng, size)
        self._things = [Placed(it.sheet.shrunk(self._lens.scale * 1.15), it.start, it.end) for it in layout]
        self._still: tuple[int, Image] | None = None

    def picture(self, when: Moment) -> Image:
        """BGR, as the sensor sees this moment."""
        if self._still is None or self._still[0] != when.step:
            self._still = (when.step, self._arranged(when))
        return self._sensor.expose(self._still[1], when.grain)

    def _arranged(self, when: Moment) -> Image:
        canvas = self._ground.copy()
        for thing in self._things:
            self._lay(canvas, thing.sheet, self._lens.matrix @ thing.pose(when).matrix)
        return canvas

    def _lay(self, canvas: Image, sheet: Sheet, place: Matrix) -> None:
        """Darken the canvas by the sheet's shadow, then cover it with the lit sheet."""
        fallen = place @ _offset(sheet.lift) @ sheet.shadow_matrix
        part = bounds(sheet.shadow, fallen, canvas)
        darkness = warped(sheet.shadow, fallen, part)
        below = canvas[part]
        cv2.multiply(below, cv2.merge([255 - darkness] * 3), below, scale=1 / 255)
        printed = place @ sheet.matrix
        part = bounds(sheet.cover, printed, canvas)
        share = warped(sheet.cover, printed, part).astype(np.float32) / 255
        seen = lit(warped(sheet.picture, printed, part), self._lamp[part])
        canvas[part] = cv2.blendLinear(seen, np.ascontiguousarray(canvas[part]), share, 1.0 - share)


Surface = Callable[[np.random.Generator, Size], Image]


def texture_of(scene: Scene) -> Surface:
    """What the desk is made of."""
    if scene is Scene.WHITE:
        return texture.white
    return texture.mat if scene in (Scene.RECEIPTS, Scene.CURL) else texture.wood


def _page(rng: np.random.Generator) -> Layout:
    return (Placed(rectangle(letter(rng, typefaces())), Pose(-9.0, 2.0, 3.4), Pose(3.0, 0.0, -1.2)),)


def _held(rng: np.random.Generator) -> Layout:
    (page,) = _page(rng)
    grip = Placed(hand.hand(rng), Pose(188.0, 58.0, 2.0), Pose(198.0, 56.0, -2.0))
    return (page, grip)


def _receipts(rng: np.random.Generator) -> Layout:
    return tuple(Placed(sheet, start, end) for sheet, start, end in receipts.receipts(rng, typefaces()))


def _book(rng: np.random.Generator) -> Layout:
    return (Placed(book.book(rng, typefaces()), Pose(-4.0, 2.0, 1.8), Pose(2.0, -1.0, -0.8)),)


def _nothing(rng: np.random.Generator) -> Layout:
    return ()


LAYOUTS: dict[Scene, Callable[[np.random.Generator], Layout]] = {
    Scene.PAGE: _page,
    Scene.WHITE: _page,
    Scene.RECEIPTS: _receipts,
    Scene.CURL: _book,
    Scene.FINGER: _held,
    Scene.EMPTY: _nothing,
}


def _offset(lift: float) -> Matrix:
    """The lamp stands top left: shadows fall to the lower right."""
    return Pose(1.0 + 0.9 * lift, 1.4 + 1.1 * lift).matrix
