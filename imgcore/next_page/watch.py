"""Watch over a desk that tells when a new page lies ready to be taken."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from imgcore.next_page.arms import reaches_in
from imgcore.next_page.focus import edge_width
from imgcore.next_page.glance import Glance, glance
from imgcore.next_page.recognition import SceneMatch, recognize
from imgcore.next_page.scene_ink import CELL, SceneInk, scene_ink
from imgcore.next_page.stillness import Stillness, differs
from imgcore.next_page.wait import Wait
from imgcore.outline import Finding, find_page
from imgcore.types import Image, Points

SETTLED = 0.3
"""Seconds without a motion from which a scene is at rest."""
GLIMPSED = 0.2
"""Seconds without a motion from which a scene is compared with older ones and its picture is looked at."""
HAND_PATIENCE = 6.0
"""Seconds after which what reached in and never moved is no hand: a page that lies over the picture's rim."""
FIRST_PATIENCE = 1.2
"""Seconds after which what never moved is no hand while no scene without hands was seen: desks have the
colour of skin, too."""
BLUR_PATIENCE = 2.5
"""Seconds after which a picture that does not become sharp is as sharp as it will be."""
_CLEAR = 2
"""Looks without a hand after which there is none."""
_SAME_SHARE = 0.0008
"""Largest share of a scene that changes while it is the same."""
_FOCUSED = 0.04
"""Relative change of the width of edges that a lens at rest does not make."""
_BLURRED = 1.45
"""Width of edges, in parts of the sharpest seen, of a blurred picture."""
_WIDEST = 4.2
"""Width of edges in pixels of a blurred picture, while nothing sharper was seen."""
_FEW_CELLS = 5
"""Cells of unknown ink that chance makes in any scene."""
_FEW_SHARE = 0.006
"""Cells of unknown ink that chance makes for each cell of a scene."""
_FEW_OTHER = 7.5
"""Cells of unknown ink that chance makes amidst a page that is seen again."""
_FEW_COARSE = 2.0
"""Cells of unknown ink that chance makes amidst a page that is seen again in a coarse picture."""
_OTHER_SHARE = 0.011
"""Cells of unknown ink that chance makes for each cell of a page that is seen again."""
_OTHER_COARSE = 0.12
"""Cells of unknown ink that chance makes for each cell of a page that is seen again in a coarse picture,
where fine print is lost."""
_MOST_ALIKE = 700
"""Cells of a full page: what is more is a desk's."""
_MOST_COARSE = 130
"""Cells of a full page in a coarse picture: what is more is a desk's."""
_UNOUTLINED = 30
"""Cells of ink from which there is a page where no outline is found."""
_PLAIN_DESK = 7
"""Cells of ink from which there is a page, without an outline, on a plain desk that was seen bare."""
_BUSY_SHARE = 0.3
"""Cells of ink that a page without an outline needs more for each cell of the bare desk's."""
_SEEN_AGAIN = 30
"""Cells of a known page amidst which other ink is a page's."""
_REMEMBERED = 60
"""Pages that are known again."""
_SCENES = 4
"""Scenes at rest, and bare desks, that are kept."""
_SEEN_BEFORE = 1
"""Scenes at rest, the last ones, against which arms are told."""


class Sighting(NamedTuple):
    """Attributes
    ----------
    wait
        Reason to wait; None where the page is to be taken now.
    missed
        True if a page went by that was not taken.
    """

    wait: Wait | None
    missed: bool = False


class _Scene(NamedTuple):
    """Scene at rest that was judged, and the reason to wait since."""

    glance: Glance
    wait: Wait


class PageWatch:
    """Watches thumbnails; keeps state from one to the next, not thread-safe.

    Parameters
    ----------
    find
        Finds the page in a picture of a scene at rest.
    """

    def __init__(self, find: Callable[[Image], Finding] = find_page) -> None:
        self._find = find
        self._stillness = Stillness()
        self._width: float | None = None
        self._sharpest: float | None = None
        self._decided: Wait | None = None
        self._scenes: deque[_Scene] = deque(maxlen=_SCENES)
        self._pages: deque[SceneInk] = deque(maxlen=_REMEMBERED)
        self._backgrounds: deque[SceneInk] = deque(maxlen=_SCENES)
        self._glimpse: SceneInk | None = None
        self._peeked = False
        self._hand = False
        self._clear = 0

    def update(self, thumbnail: Image, now: float, picture: Callable[[], Image]) -> Sighting:
        """Look at a thumbnail of a frame.

        Parameters
        ----------
        thumbnail
            BGR or grey, some 160 to 250 px long.
        now
            Seconds, monotonic.
        picture
            Returns the frame itself, BGR or grey; called where a scene has come to rest.

        Returns
        -------
        Sighting
            To take the page means: this very frame.
        """
        seen = glance(thumbnail)
        if self._stillness.has_moved(seen, now):
            self._width = None
            self._decided = None
            self._peeked = False
            self._hand = False
        rested = now - self._stillness.since
        if self._decided is not None:
            return Sighting(self._decided)
        self._note_hand(seen)
        if rested < GLIMPSED:
            return Sighting(Wait.HAND if self._hand else Wait.MOVING)
        if self._hand and rested < (HAND_PATIENCE if self._scenes else FIRST_PATIENCE):
            self._peek(picture)
            return Sighting(Wait.HAND)
        return self._judged(seen, rested, picture)

    def forget(self) -> None:
        """Take the last page for unseen, as it could not be kept; it is taken again once it has moved."""
        if self._pages:
            self._pages.pop()
        if self._scenes:
            self._scenes.pop()

    def _note_hand(self, seen: Glance) -> None:
        """Without a motion no hand leaves; but one look may err while light changes."""
        self._clear = 0 if self._reaches_in(seen) else self._clear + 1
        self._hand = self._clear == 0 or (self._hand and self._clear < _CLEAR)

    def _reaches_in(self, seen: Glance) -> bool:
        older = [scene.glance for scene in self._scenes if scene.glance.shape == seen.shape]
        return reaches_in(seen, older[-_SEEN_BEFORE:])

    # Scenes at rest --------------------------------------------------------------------

    def _judged(self, seen: Glance, rested: float, picture: Callable[[], Image]) -> Sighting:
        for scene in self._scenes:
            if scene.glance.shape == seen.shape and not differs(scene.glance, seen, _SAME_SHARE):
                return self._settled(seen, scene.wait, None)
        image = picture()
        if not self._is_sharp(image, rested):
            return Sighting(Wait.BLURRED)
        if rested < SETTLED:
            return Sighting(Wait.MOVING)
        ink = scene_ink(image)
        wait = self._recognized(image, ink)
        return self._settled(seen, wait, ink)

    def _settled(self, seen: Glance, wait: Wait | None, ink: SceneInk | None) -> Sighting:
        """Remember a scene; after a page was taken, it is the same."""
        missed = self._has_missed(ink, wait)
        self._decided = wait or Wait.SAME_PAGE
        self._scenes.append(_Scene(seen, self._decided))
        if ink is not None:
            (self._backgrounds if wait is Wait.NO_PAGE else self._pages).append(ink)
        return Sighting(wait, missed)

    def _is_sharp(self, image: Image, rested: float) -> bool:
        width = edge_width(image)
        before = self._width
        if width is None:
            return True
        self._width = width
        if before is None or abs(width - before) > _FOCUSED * before:
            return False
        widest = _WIDEST if self._sharpest is None else _BLURRED * self._sharpest
        if width > widest and rested < BLUR_PATIENCE:
            return False
        self._sharpest = width if self._sharpest is None else min(width, self._sharpest)
        return True

    def _recognized(self, image: Image, ink: SceneInk) -> Wait | None:
        """Return None for a new page."""
        found = recognize(ink, [*self._backgrounds, *self._pages])
        if _is_known(ink, found):
            return Wait.SAME_PAGE if self._pages else Wait.NO_PAGE
        return None if self._has_page(image, ink, found) else Wait.NO_PAGE

    def _has_page(self, image: Image, ink: SceneInk, found: SceneMatch) -> bool:
        """Return whether unknown ink is a page's: amidst a known page's, inside an outline, or much of it."""
        if found.alike >= _SEEN_AGAIN and any(found.source is page for page in self._pages):
            return True
        finding = self._find(image)
        if finding.refused and not finding.outlines:
            return True
        if finding.outline is None:
            return len(found.unexplained) > self._unoutlined()
        scale = ink.ink.shape[1] / image.shape[1]
        return _inside(found.unexplained, finding.outline.corners * scale) >= _FEW_CELLS or found.other > 0

    def _unoutlined(self) -> float:
        """Return the cells of ink that make a page without an outline; few on a known plain desk."""
        if not self._backgrounds:
            return _UNOUTLINED
        busiest = max(len(ink.cells) for ink in self._backgrounds)
        return min(_UNOUTLINED, _PLAIN_DESK + _BUSY_SHARE * busiest)

    # Pages that were not taken ---------------------------------------------------------

    def _peek(self, picture: Callable[[], Image]) -> None:
        """Keep what lies there while a hand is over it, once a rest."""
        if self._peeked:
            return
        self._peeked = True
        image = picture()
        ink = scene_ink(image)
        found = recognize(ink, [*self._backgrounds, *self._pages])
        if len(found.unexplained) > _UNOUTLINED and self._has_page(image, ink, found):
            self._glimpse = ink

    def _has_missed(self, ink: SceneInk | None, wait: Wait | None) -> bool:
        """Return whether the page that was glimpsed is another than the one that lies there now."""
        glimpse = self._glimpse
        self._glimpse = None
        if glimpse is None:
            return False
        if ink is None or wait is not None:
            return True
        found = recognize(glimpse, [*self._backgrounds, *self._pages, ink])
        return len(found.unexplained) > _UNOUTLINED


def _is_known(ink: SceneInk, found: SceneMatch) -> bool:
    """Return whether all that is unexplained may be chance, as print that is not resolved."""
    few = _FEW_OTHER
    share = _OTHER_SHARE
    most = _MOST_ALIKE
    if ink.is_coarse:
        few = _FEW_COARSE
        share = _OTHER_COARSE
        most = _MOST_COARSE
    return found.beside < _FEW_CELLS + _FEW_SHARE * len(
        ink.cells
    ) and found.other + found.beside <= few + share * min(found.alike, most)


def _inside(cells: Sequence[Sequence[int]] | np.ndarray, corners: Points) -> int:
    quad = corners.astype(np.float32)
    middles = [((col + 0.5) * CELL, (row + 0.5) * CELL) for row, col in np.asarray(cells).tolist()]
    return sum(cv2.pointPolygonTest(quad, middle, False) >= 0 for middle in middles)
