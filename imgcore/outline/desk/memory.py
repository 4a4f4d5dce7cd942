"""Memory of the empty desk of a camera: learned from scenes at rest, never from one with a document."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imgcore.next_page.arms import reaches_in
from imgcore.next_page.glance import glance
from imgcore.outline.desk.known import (
    changed_desk,
    find_on_desk,
    has_moved,
    holds_documents,
    regions,
    remembered,
)
from imgcore.outline.find import find_page
from imgcore.outline.finding import Finding
from imgcore.rotate import rotate
from imgcore.types import Image

Floats = npt.NDArray[np.float64]

_SCENES = 3
"""Scenes at rest that may turn out to be the desk."""


class DeskMemory:
    """Reduced picture of the empty desk below a camera; any thread may look at it.

    A desk is known by what comes to it: of two scenes at rest, one of which is the other with a document,
    the other is the desk. So is a first scene without anything that looks like a document. From then on a
    scene in which nothing has come is the desk as it is now, in another light or from a camera that was
    bumped. What looks like a document is never learned, however long it lies. Pictures of another size may
    show another part of the desk, or its print otherwise: nothing is known of it from those before.

    Attributes
    ----------
    desk
        Picture as `imgcore.outline.desk.known.find_on_desk` takes it; None while none is known.
    """

    def __init__(self) -> None:
        self.desk: Image | None = None
        self._lock = threading.Lock()
        self._scenes: deque[_Scene] = deque(maxlen=_SCENES)
        self._size: tuple[int, ...] = ()

    def desk_in(self, size: tuple[int, ...], clockwise: int = 0) -> Image | None:
        """Return the desk as pictures of this width and height show it, turned; None while none is known."""
        desk = self.desk
        return None if desk is None or size != self._size else rotate(desk, clockwise)

    def find(self, picture: Image) -> Finding | None:
        """Find the document that has come to the desk; None where the picture alone has to tell."""
        desk = self.desk_in(picture.shape[1::-1])
        return None if desk is None else find_on_desk(desk, picture)

    def learn(self, picture: Image) -> None:
        """Learn from a picture of a scene at rest, BGR or grey; takes as long as a few searches."""
        small = remembered(picture)
        with self._lock:
            if picture.shape[1::-1] != self._size:
                self.desk = None
                self._size = picture.shape[1::-1]
                self._scenes.clear()
            # Without a desk to compare with, hands are told by their colour, which is that of wood, too.
            if self.desk is None or not reaches_in(glance(small), [glance(self.desk)]):
                self._learn(picture, small)

    def _learn(self, picture: Image, small: Image) -> None:
        verdict = None if self.desk is None else compare(self.desk, small)
        if verdict is SceneRelation.SAME:
            self._know(small)
        elif verdict is not SceneRelation.COME:
            scene = _Scene.seen(picture, small)
            if verdict is SceneRelation.GONE and self.desk is not None:
                # The desk that was known had a document on it; another may lie in its place.
                known = self.desk
                self.desk = None
                if scene.is_below(known):
                    self._know(small)
                    return
            self._learn_from_scenes(scene)

    def _learn_from_scenes(self, scene: _Scene) -> None:
        for earlier in reversed(self._scenes):
            verdict = compare(earlier.small, scene.small)
            if verdict is SceneRelation.SAME:
                return
            desk, other = (earlier, scene) if verdict is SceneRelation.COME else (scene, earlier)
            if verdict is not None and desk.is_below(other.small):
                self._know(desk.small)
                return
        if self.desk is None and not self._scenes and scene.is_empty:
            self._know(scene.small)
        self._scenes.append(scene)

    def _know(self, desk: Image) -> None:
        self.desk = desk
        self._scenes.clear()


class _Scene(NamedTuple):
    """Reduced picture of a scene at rest, and what it shows by itself.

    Attributes
    ----------
    documents
        Outlines found in the picture alone, ``(4, 2)`` in its pixels.
    is_empty
        True where nothing looks like a document, not even doubtfully.
    """

    small: Image
    documents: Sequence[Floats]
    is_empty: bool

    @classmethod
    def seen(cls, picture: Image, small: Image) -> _Scene:
        """Search a picture, of which `small` is what is remembered."""
        finding = find_page(picture)
        factor = np.array(picture.shape[1::-1], float) / small.shape[1::-1]
        documents = [(outline.corners + 0.5) / factor - 0.5 for outline in finding.outlines]
        return cls(small, documents, not (finding.outlines or finding.refused))

    def is_below(self, other: Image) -> bool:
        """Return whether what looks like a document here is in another scene, too: then it is the desk's."""
        change = changed_desk(self.small, other)
        return change is not None and not any(has_moved(quad, change) for quad in self.documents)


class SceneRelation(Enum):
    """Relation of a scene to an earlier one: the same, or with documents that have come or gone."""

    SAME = "same"
    COME = "come"
    GONE = "gone"


def compare(before: Image, now: Image) -> SceneRelation | None:
    """Compare two reduced scenes; None where they are different in another way."""
    change = changed_desk(before, now)
    if change is None:
        return None
    if not regions(change).any():
        return SceneRelation.SAME
    for one, other, verdict in ((before, now, SceneRelation.COME), (now, before, SceneRelation.GONE)):
        if holds_documents(one, other):
            return verdict
    return None
