"""One person before the camera, judged for life over several looks.

Cues that speak against life veto; then the score decides. One look at a time is added, at the pace of the
camera or slower, and the answer is what the newest looks say together.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from imgcore.face.action import Action
from imgcore.face.detect import Face, largest
from imgcore.face.liveness import Judge, Liveness, Reason, Verdict, cannot_tell, hindrance, live_score
from imgcore.face.liveness_settings import DEFAULTS, LivenessSettings
from imgcore.types import Image

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What the cameras show at one moment.

    Attributes
    ----------
    image
        In visible light, BGR or grey, uint8.
    faces
        Those found in it; the largest is judged.
    seconds
        When it was taken, on a clock that only goes forward.
    infrared
        What the infrared partner shows within some 50 ms of it, grey or BGR; None where there is no picture.
    infrared_faces
        Those found in that.
    """

    image: Image = field(repr=False)
    faces: Sequence[Face]
    seconds: float
    infrared: Image | None = field(default=None, repr=False)
    infrared_faces: Sequence[Face] = ()


@dataclass(frozen=True, slots=True)
class _Sight:
    """What one look came to."""

    score: float


class Examination:
    """The looks at one person; it starts anew when the person changes.

    Parameters
    ----------
    judges
        The nets, whose answers are averaged.
    settings
        The thresholds.
    paired
        Whether the looks come with infrared, without which nothing is then told.
    action
        What the person must have done to be taken for living; None asks for nothing.
    """

    def __init__(
        self,
        judges: Sequence[Judge],
        settings: LivenessSettings = DEFAULTS,
        paired: bool = False,
        action: Action | None = None,
    ) -> None:
        self._judges = judges
        self._settings = settings
        self._paired = paired
        self._action = action
        self._sights: deque[_Sight] = deque(maxlen=settings.window)
        self._last: tuple[float, Box] | None = None
        self._hindrance: Reason | None = Reason.NO_FRAMES

    def add(self, look: Look) -> Liveness:
        """Look once more and say what is known now; some 12 ms with two nets.

        A look that cannot be judged, as one without a face, does not count.

        Raises
        ------
        ImageError
            No picture.
        """
        face = largest(look.faces)
        if self._is_another(look.seconds, face):
            self._start_anew()
        self._hindrance = hindrance(look.image, look.faces, self._settings.smallest)
        if face is not None:
            self._last = (look.seconds, face.box)
            if self._hindrance is None:
                self._sights.append(_Sight(live_score(look.image, face, self._judges)))
        return self.answer

    @property
    def answer(self) -> Liveness:
        """What the newest looks say together."""
        if not self._sights:
            return cannot_tell(self._hindrance or Reason.NO_FRAMES)
        score = float(np.median([sight.score for sight in self._sights]))
        if len(self._sights) < self._settings.enough:
            return cannot_tell(self._hindrance or Reason.MORE_LOOKS, score)
        if score < self._settings.threshold:
            return Liveness(Verdict.NOT_LIVE, score, Reason.BELOW)
        return Liveness(Verdict.LIVE, score, Reason.REACHES)

    # Inside

    def _start_anew(self) -> None:
        self._sights.clear()
        self._last = None

    def _is_another(self, seconds: float, face: Face | None) -> bool:
        """Whether too much time has passed since the last face, or this one cannot have come from there."""
        if self._last is None:
            return False
        since, box = self._last
        if seconds - since > self._settings.away_seconds:
            return True
        return face is not None and overlap(face.box, box) < self._settings.jump


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right, bottom = min(one[0] + one[2], other[0] + other[2]), min(one[1] + one[3], other[1] + other[3])
    shared = max(0.0, right - left) * max(0.0, bottom - top)
    whole = one[2] * one[3] + other[2] * other[3] - shared
    return shared / whole if whole > 0 else 0.0
