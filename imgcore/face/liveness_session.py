"""Liveness detection of one person before the camera over several samples.

Presentation-attack cues veto; then the score decides. One sample at a time is added, at the pace of the
camera or slower, and the answer is taken from the newest samples together.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from imgcore.face.action import Action, Challenge
from imgcore.face.attack_cues import bezel, moire
from imgcore.face.detect import Box, Face, largest, overlap
from imgcore.face.infrared import InfraredMeasurement, illuminated, infrared_attack, measure_pair
from imgcore.face.liveness import (
    LivenessNet,
    LivenessReason,
    LivenessResult,
    LivenessVerdict,
    blocking_issue,
    live_score,
    undetermined,
)
from imgcore.face.liveness_settings import DEFAULTS, LivenessSettings
from imgcore.types import Image


@dataclass(frozen=True, slots=True, eq=False)
class FaceSample:
    """Pictures and faces of one moment.

    Attributes
    ----------
    image
        In visible light, BGR or grey, uint8.
    faces
        Faces found in it; the largest counts.
    seconds
        Time of the picture on a monotonic clock.
    infrared
        Picture of the infrared partner within some 50 ms of it, grey or BGR; None if there is none.
    infrared_faces
        Faces found in that.
    """

    image: Image = field(repr=False)
    faces: Sequence[Face]
    seconds: float
    infrared: Image | None = field(default=None, repr=False)
    infrared_faces: Sequence[Face] = ()


def still_liveness(
    image: Image, face: Face, nets: Sequence[LivenessNet], settings: LivenessSettings = DEFAULTS
) -> LivenessResult:
    """Detect liveness in a single picture, which is less certain than from several samples.

    Raises
    ------
    ImageError
        No picture.
    """
    return LivenessSession(nets, replace(settings, frames=1)).add(FaceSample(image, [face], 0.0))


_WAITING = {
    Action.BLINK: LivenessReason.BLINK,
    Action.TURN_LEFT: LivenessReason.TURN_LEFT,
    Action.TURN_RIGHT: LivenessReason.TURN_RIGHT,
    Action.NEARER: LivenessReason.COME_NEARER,
}
"""Reason of the verdict while each action is awaited."""


@dataclass(frozen=True, slots=True)
class _Measurement:
    """Measurements of one sample: the score and the cues, each 0..1, and those in infrared.

    `score` is None without nets, `bezel` if it was not measured.
    """

    score: float | None
    bezel: float | None
    moire: float
    infrared: InfraredMeasurement | None


class LivenessSession:
    """Liveness detection over the samples of one person; it starts anew when the person changes.

    Parameters
    ----------
    nets
        Nets whose scores are averaged. Without any, the cues and infrared veto as ever, and nobody counts as
        live before an action.
    settings
        The thresholds.
    paired
        True if samples come with infrared, without which there is then no verdict.
    actions
        Actions that the person must have done, in this order, to count as live. Detecting a blink takes some
        ten samples a second.
    """

    def __init__(
        self,
        nets: Sequence[LivenessNet],
        settings: LivenessSettings = DEFAULTS,
        paired: bool = False,
        actions: Sequence[Action] = (),
    ) -> None:
        self._nets = nets
        self._settings = settings
        self._paired = paired
        self.actions = tuple(actions)
        self._issue: LivenessReason | None = LivenessReason.NO_FRAMES
        self._last: tuple[float, Box] | None
        self._reset()

    def add(self, sample: FaceSample) -> LivenessResult:
        """Add a sample and return the result so far; some 16 ms with two nets.

        A sample of too little quality, as one without a face, does not count.

        Raises
        ------
        ImageError
            No picture.
        """
        face = largest(sample.faces)
        if self._is_other_person(sample.seconds, face):
            self._reset()
        self._issue = blocking_issue(sample.image, sample.faces, self._settings.min_face_width)
        if face is not None:
            self._last = (sample.seconds, face.box)
            if self._issue is None:
                self._measurements.append(self._measure(sample, face))
                if (challenge := self._challenge) is not None:
                    challenge.add(sample.image, face, sample.seconds)
        return self.answer

    @property
    def answer(self) -> LivenessResult:
        """Result of the newest samples together: vetoes by attack cues, then the score, then the actions."""
        if not self._measurements:
            return undetermined(self._issue or LivenessReason.NO_FRAMES)
        score = self._score
        if len(self._measurements) < self._settings.frames:
            return undetermined(self._issue or LivenessReason.MORE_LOOKS, score)
        infrared_measurements = [
            measured.infrared for measured in self._measurements if measured.infrared is not None
        ]
        issue = self._infrared_issue(infrared_measurements) if self._paired else None
        if issue is not None:
            return undetermined(issue, score)
        attack = self._attack(score, infrared_measurements)
        if attack is not None:
            return LivenessResult(LivenessVerdict.NOT_LIVE, score, attack)
        return self._acted(score)

    def _acted(self, score: float | None) -> LivenessResult:
        """Result of somebody in whom nothing speaks against a living face."""
        if (challenge := self._challenge) is not None:
            return undetermined(_WAITING[challenge.action], score)
        if score is None and not self.actions:
            return undetermined(LivenessReason.NO_MODEL)
        reason = LivenessReason.ACTED if score is None else LivenessReason.REACHES
        return LivenessResult(LivenessVerdict.LIVE, score, reason)

    # Inside

    @property
    def _score(self) -> float | None:
        scores = [measured.score for measured in self._measurements if measured.score is not None]
        return float(np.median(scores)) if scores else None

    @property
    def _challenge(self) -> Challenge | None:
        """Challenge that the person has to meet now; None if all are met."""
        return next((challenge for challenge in self._challenges if not challenge.done), None)

    def _reset(self) -> None:
        self._measurements: deque[_Measurement] = deque(
            maxlen=max(self._settings.window, self._settings.frames)
        )
        self._last = None
        self._challenges = [Challenge(action, self._settings.action) for action in self.actions]

    def _is_other_person(self, seconds: float, face: Face | None) -> bool:
        """Return whether too much time has passed since the last face, or this one lies elsewhere."""
        if self._last is None:
            return False
        since, box = self._last
        if seconds - since > self._settings.away_seconds:
            return True
        return face is not None and overlap(face.box, box) < self._settings.jump

    def _measure(self, sample: FaceSample, face: Face) -> _Measurement:
        settings = self._settings
        image = sample.image
        infrared = (
            measure_pair((image, face), sample.infrared, sample.infrared_faces, settings.infrared)
            if self._paired and sample.infrared is not None
            else None
        )
        return _Measurement(
            live_score(image, face, self._nets) if self._nets else None,
            self._bezel(image, face),
            moire(image, face) if settings.moire <= 1 else 0.0,
            infrared,
        )

    def _bezel(self, image: Image, face: Face) -> float | None:
        """Measure the bezel every other time: it costs as much as a net, and borders do not come and go."""
        if self._settings.bezel > 1:
            return 0.0
        return bezel(image, face) if not self._measurements or self._measurements[-1].bezel is None else None

    def _infrared_issue(self, infrared_measurements: Sequence[InfraredMeasurement]) -> LivenessReason | None:
        """Reason for which infrared gives no result yet, or None."""
        looks = self._settings.infrared.looks
        if not infrared_measurements:
            return LivenessReason.INFRARED_MISSING
        if len(infrared_measurements) < looks:
            return LivenessReason.MORE_LOOKS
        return (
            LivenessReason.INFRARED_UNLIT
            if len(illuminated(infrared_measurements, self._settings.infrared)) < looks
            else None
        )

    def _attack(
        self, score: float | None, infrared_measurements: Sequence[InfraredMeasurement]
    ) -> LivenessReason | None:
        """Most certain sign of a presentation attack, or None."""
        found = None
        if self._paired:
            found = infrared_attack(
                illuminated(infrared_measurements, self._settings.infrared), self._settings.infrared
            )
        if found is not None:
            return found
        for reason, seen, least in (
            (LivenessReason.BEZEL, self._bezels(), self._settings.bezel),
            (LivenessReason.MOIRE, [measured.moire for measured in self._measurements], self._settings.moire),
        ):
            if np.median(seen) >= least:
                return reason
        return LivenessReason.BELOW if score is not None and score < self._settings.threshold else None

    def _bezels(self) -> list[float]:
        return [measured.bezel for measured in self._measurements if measured.bezel is not None]
