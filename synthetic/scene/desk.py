"""A desk under a camera: its scenes, their movement, and the picture of any moment.

A page lies still, is shifted and turned, lies still, and is put back. The way back shows the same moments
in reverse, so that a whole cycle needs few pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from threading import Lock
from typing import NamedTuple

import cv2
import numpy as np

from synthetic.arrays import Image, Points, Random, Size
from synthetic.documents.card import member_card
from synthetic.documents.identity_card import identity_back, identity_front
from synthetic.documents.letter import letter
from synthetic.documents.receipt import BOOKS, TAXI, TEA, receipt
from synthetic.documents.resident_card import resident_back, resident_front
from synthetic.geometry import Lens, Matrix, Pose, project
from synthetic.scene import texture
from synthetic.scene.book import book
from synthetic.scene.camera import GRAINS, Sensor
from synthetic.scene.hand import hand
from synthetic.scene.light import lit, warm_lamp
from synthetic.scene.sheet import RESOLUTION, Sheet, lay, rectangle
from synthetic.text.typeface import close_fonts, typefaces

STEPS = 20
"""Moments of one shift: 1.3 s at 15 frames a second."""

STILL = 60
"""Frames at rest between two shifts."""
STILL_CARD = 300
"""The same of a card that is turned over: time to read what it says."""


class Scene(StrEnum):
    """A choice of things on the desk."""

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
    CARD = "card"
    """An identity card, which is turned over: its front, then its back."""
    PAGES = "pages"
    """A page that is taken away while a receipt comes, and the other way round."""
    CARDS = "cards"
    """Front and back of an identity card beside each other."""
    EMPTY = "empty"
    """Nothing."""


class Moment(NamedTuple):
    """One distinct picture of a cycle: `step` of `STEPS` of the shift, and the number of its noise."""

    step: int
    grain: int

    @property
    def share(self) -> float:
        """Share of the shift that is done, 0 to 1, slow at its start and end."""
        part = self.step / STEPS
        return part * part * (3.0 - 2.0 * part)


def moment(index: int, scene: Scene = Scene.PAGE) -> Moment:
    """Return the moment that frame number `index` (from 0, endless) of a scene shows."""
    still = STILL_CARD if scene is Scene.CARD else STILL
    half = still + STEPS
    turn, place = divmod(index % (2 * half), half)
    step = max(0, place - still + 1)
    return Moment(step if turn == 0 else STEPS - step, index % GRAINS)


class MovingSheet(NamedTuple):
    """A thing that moves between two poses, both at rest."""

    sheet: Sheet
    start: Pose
    end: Pose

    def pose(self, when: Moment) -> Pose:
        """Return its place at a moment."""
        return self.start.towards(self.end, when.share)


Layout = tuple[MovingSheet, ...]
"""Things on the desk, the lowest first."""


class Desk:
    """Everything the camera can see, the same for the same seed.

    `scene` may be set at any time from any thread; the next frame shows it.
    """

    def __init__(self, seed: int = 1) -> None:
        self.scene = Scene.PAGE
        self._seed = seed
        self._lock = Lock()
        self._drawn: tuple[Scene, Layout] | None = None

    def corners(self, index: int, size: Size, scene: Scene | None = None) -> tuple[Points, ...]:
        """Return the true outlines of the documents in frame number `index`.

        Returns
        -------
        tuple of Points
            One float32 ``(4, 2)`` a document, clockwise from its own top left, in pixels
            of a frame of `size`; of the present scene unless one is named.
        """
        scene = scene or self.scene
        lens = Lens(size).matrix
        when = moment(index, scene)
        return tuple(
            project(thing.sheet.corners, lens @ thing.pose(when).matrix)
            for thing in self.layout(scene)
            if thing.sheet.corners is not None
        )

    def renderer(self, scene: Scene, size: Size) -> SceneRenderer:
        """Return a renderer of one scene at one size; 0.1 to 1 s of work, up to 70 MB at 8 megapixels."""
        random = self._random(size[0])
        # A camera that starts is waited for: the desk and what lies on it are drawn by two threads.
        with ThreadPoolExecutor(1, "layout") as beside:
            layout = beside.submit(self.layout, scene)
            ground = lit(SURFACES.get(scene, texture.wood)(random, size), warm_lamp(size))
            return SceneRenderer(layout.result(), ground, size, random)

    def layout(self, scene: Scene) -> Layout:
        """Return the things on the desk and their places; drawn on first use, one scene is kept."""
        with self._lock:
            if self._drawn is None or self._drawn[0] is not scene:
                self._drawn = (scene, LAYOUTS[scene](self._random(0)))
                close_fonts()
            return self._drawn[1]

    def forget(self) -> None:
        """Let go of what was drawn, 15 MB of a page; it is drawn again, the same, when it is next seen."""
        with self._lock:
            self._drawn = None

    def _random(self, salt: int) -> Random:
        return np.random.default_rng((self._seed, salt))


class SceneRenderer:
    """One scene seen at one size. Not for several threads at once."""

    def __init__(self, layout: Layout, ground: Image, size: Size, random: Random) -> None:
        self._lens = Lens(size)
        self._size = size
        self._lamp = warm_lamp((size[0] // 4, size[1] // 4))
        self._ground = ground
        self._sensor = Sensor(random)
        self._things = [it._replace(sheet=it.sheet.shrunk(self._lens.scale * 1.15)) for it in layout]
        self._still: tuple[int, Image] | None = None

    def picture(self, when: Moment) -> Image:
        """Return BGR, as the sensor sees this moment."""
        if self._still is None or self._still[0] != when.step:
            self._still = (when.step, self._arranged(when))
        return self._sensor.expose(self._still[1], when.grain)

    def _arranged(self, when: Moment) -> Image:
        # Smooth, so it is kept small.
        canvas = self._ground.copy()
        lamp = np.asarray(cv2.resize(self._lamp, self._size), np.uint8)
        for thing in self._things:
            place = self._lens.matrix @ thing.pose(when).matrix
            lay(canvas, thing.sheet, place, place @ _shadow_offset(thing.sheet.lift), lamp)
        return canvas


Surface = Callable[[Random, Size], Image]

SURFACES: dict[Scene, Surface] = {
    Scene.WHITE: texture.white,
    Scene.RECEIPTS: texture.mat,
    Scene.CURL: texture.mat,
}
"""Materials of the desk; otherwise it is wood."""


def _page(random: Random) -> Layout:
    page = rectangle(letter(random, typefaces(), RESOLUTION))
    return (MovingSheet(page, Pose(-9.0, 2.0, 3.4), Pose(3.0, 0.0, -1.2)),)


def _held(random: Random) -> Layout:
    return (*_page(random), MovingSheet(hand(random), Pose(188.0, 58.0, 2.0), Pose(198.0, 56.0, -2.0)))


def _receipts(random: Random) -> Layout:
    faces = typefaces()
    tea, books, taxi = (
        rectangle(receipt(random, faces, RESOLUTION, bill), lift=1.2) for bill in (TEA, BOOKS, TAXI)
    )
    card = rectangle(member_card(random, faces, RESOLUTION), lift=1.0)
    return (
        MovingSheet(tea, Pose(-150, -8, 6.0), Pose(-146, -4, 2.5)),
        MovingSheet(books, Pose(-58, 4, -4.0), Pose(-60, 0, -1.0)),
        MovingSheet(taxi, Pose(36, -22, 9.0), Pose(32, -16, 5.0)),
        MovingSheet(card, Pose(138, 34, -8.0), Pose(136, 30, -3.0)),
    )


def _book(random: Random) -> Layout:
    return (MovingSheet(book(random, typefaces()), Pose(-4.0, 2.0, 1.8), Pose(2.0, -1.0, -0.8)),)


def sides(random: Random) -> tuple[Image, Image]:
    """Return front and back of an identity card of nobody, BGR; without Chinese fonts of no state either."""
    faces = typefaces()
    if not faces.chinese:
        return identity_front(random, faces, RESOLUTION), identity_back(random, faces, RESOLUTION)
    front, back = (side(random, faces, RESOLUTION) for side in (resident_front, resident_back))
    return front.picture, back.picture


def _sides(random: Random) -> tuple[Sheet, ...]:
    return tuple(rectangle(side, lift=1.0) for side in sides(random))


def _card(random: Random) -> Layout:
    front, back = _sides(random)
    return (
        MovingSheet(front, Pose(6.0, -4.0, 4.0), Pose(-420.0, -60.0, 60.0)),
        MovingSheet(back, Pose(420.0, 60.0, 150.0), Pose(-4.0, 5.0, 174.0)),
    )


def _pages(random: Random) -> Layout:
    bill = rectangle(receipt(random, typefaces(), RESOLUTION, BOOKS), lift=1.2)
    (page,) = _page(random)
    return (
        MovingSheet(bill, Pose(-420.0, -40.0, 30.0), Pose(4.0, 3.0, -2.0)),
        page._replace(end=Pose(520.0, 80.0, 24.0)),
    )


def _cards(random: Random) -> Layout:
    front, back = _sides(random)
    return (
        MovingSheet(front, Pose(-70.0, -34.0, 5.0), Pose(-66.0, -30.0, 2.0)),
        MovingSheet(back, Pose(64.0, 38.0, 96.0), Pose(60.0, 34.0, 93.0)),
    )


LAYOUTS: dict[Scene, Callable[[Random], Layout]] = {
    Scene.PAGE: _page,
    Scene.WHITE: _page,
    Scene.RECEIPTS: _receipts,
    Scene.CURL: _book,
    Scene.FINGER: _held,
    Scene.CARD: _card,
    Scene.PAGES: _pages,
    Scene.CARDS: _cards,
    Scene.EMPTY: lambda random: (),
}


def _shadow_offset(lift: float) -> Matrix:
    """Return the offset of a shadow to the lower right: the lamp stands top left."""
    return Pose(1.0 + 0.9 * lift, 1.4 + 1.1 * lift).matrix
