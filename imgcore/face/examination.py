"""One person before the camera, judged for life over several looks.

Cues that speak against life veto; then the score decides. One look at a time is added, at the pace of the
camera or slower, and the answer is what the newest looks say together.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from imgcore.face.action import Action, Challenge
from imgcore.face.cues import bezel, moire
from imgcore.face.detect import Box, Face, largest, overlap
from imgcore.face.infrared import InfraredSight, lit, see, veto
from imgcore.face.liveness import Judge, Liveness, Reason, Verdict, cannot_tell, hindrance, live_score
from imgcore.face.liveness_settings import DEFAULTS, LivenessSettings
from imgcore.types import Image


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


def still(
    image: Image, face: Face, judges: Sequence[Judge], settings: LivenessSettings = DEFAULTS
) -> Liveness:
    """The answer from a single picture, which is less sure than that from several looks.

    Raises
    ------
    ImageError
        No picture.
    """
    return Examination(judges, replace(settings, enough=1)).add(Look(image, [face], 0.0))


@dataclass(frozen=True, slots=True)
class _Sight:
    """What one look came to: the score and the cues, each 0..1, and what infrared showed.

    `bezel` is None where nobody looked for it.
    """

    score: float
    bezel: float | None
    moire: float
    infrared: InfraredSight | None


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
        What the person must have done to be taken for living; None asks for nothing. A blink takes some ten
        looks a second to be seen.
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
        self._hindrance: Reason | None = Reason.NO_FRAMES
        self._last: tuple[float, Box] | None
        self._start_anew()

    def add(self, look: Look) -> Liveness:
        """Look once more and say what is known now; some 16 ms with two nets.

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
                self._sights.append(self._sight(look, face))
                if self._challenge is not None:
                    self._challenge.see(look.image, face, look.seconds)
        return self.answer

    @property
    def answer(self) -> Liveness:
        """What the newest looks say together: cues that veto, then the score, then the action."""
        if not self._sights:
            return cannot_tell(self._hindrance or Reason.NO_FRAMES)
        score = float(np.median([sight.score for sight in self._sights]))
        if len(self._sights) < self._settings.enough:
            return cannot_tell(self._hindrance or Reason.MORE_LOOKS, score)
        sights = [sight.infrared for sight in self._sights if sight.infrared is not None]
        missing = self._missing(sights) if self._paired else None
        if missing is not None:
            return cannot_tell(missing, score)
        against = self._against(score, sights)
        if against is not None:
            return Liveness(Verdict.NOT_LIVE, score, against)
        if self._challenge is not None and not self._challenge.done:
            return cannot_tell(Reason.WAITING, score)
        return Liveness(Verdict.LIVE, score, Reason.REACHES)

    # Inside

    def _start_anew(self) -> None:
        self._sights: deque[_Sight] = deque(maxlen=max(self._settings.window, self._settings.enough))
        self._last = None
        self._challenge = None if self._action is None else Challenge(self._action, self._settings.action)

    def _is_another(self, seconds: float, face: Face | None) -> bool:
        """Whether too much time has passed since the last face, or this one cannot have come from there."""
        if self._last is None:
            return False
        since, box = self._last
        if seconds - since > self._settings.away_seconds:
            return True
        return face is not None and overlap(face.box, box) < self._settings.jump

    def _sight(self, look: Look, face: Face) -> _Sight:
        settings, image = self._settings, look.image
        infrared = (
            see((image, face), look.infrared, look.infrared_faces, settings.infrared)
            if self._paired and look.infrared is not None
            else None
        )
        return _Sight(
            live_score(image, face, self._judges),
            self._bezel(image, face),
            moire(image, face) if settings.moire <= 1 else 0.0,
            infrared,
        )

    def _bezel(self, image: Image, face: Face) -> float | None:
        """Looked for every other time: it costs as much as a net, and a border does not come and go."""
        if self._settings.bezel > 1:
            return 0.0
        return bezel(image, face) if not self._sights or self._sights[-1].bezel is None else None

    def _missing(self, sights: Sequence[InfraredSight]) -> Reason | None:
        """Why infrared tells nothing yet."""
        looks = self._settings.infrared.looks
        if not sights:
            return Reason.INFRARED_MISSING
        if len(sights) < looks:
            return Reason.MORE_LOOKS
        return Reason.INFRARED_UNLIT if len(lit(sights, self._settings.infrared)) < looks else None

    def _against(self, score: float, sights: Sequence[InfraredSight]) -> Reason | None:
        """What speaks against life, the surest first."""
        found = None
        if self._paired:
            found = veto(lit(sights, self._settings.infrared), self._settings.infrared)
        if found is not None:
            return found
        for reason, seen, least in (
            (Reason.BEZEL, self._bezels(), self._settings.bezel),
            (Reason.MOIRE, [sight.moire for sight in self._sights], self._settings.moire),
        ):
            if np.median(seen) >= least:
                return reason
        return Reason.BELOW if score < self._settings.threshold else None

    def _bezels(self) -> list[float]:
        return [sight.bezel for sight in self._sights if sight.bezel is not None]
