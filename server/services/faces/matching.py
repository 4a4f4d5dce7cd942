"""Faces compared: given ones with each other, or one with the person before a camera."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from imgcore.face import Face, FaceQualityIssue, LivenessVerdict, quality_issue
from imgcore.face.action import Action
from imgcore.face.net import Floats
from server.devices.ports.camera import PixelFormat
from server.errors import (
    FaceNotLive,
    FacesDiffer,
    GaopaiError,
    LivenessUnclear,
    LocalizedText,
    NoFace,
    SeveralPeople,
)
from server.services.client import Client
from server.services.faces.engine import FaceEngine
from server.services.faces.liveness import REASONS
from server.services.faces.monitoring import FaceMonitor
from server.services.faces.pairing import FaceCamera
from server.services.faces.uploaded import QUALITY, SEVERAL, UploadedFace, trouble
from server.services.faces.watcher import FaceObservation, FaceWatcher
from server.services.pools import ThreadPools
from server.streaming.pixels import encode

LOOKS = 5
"""Looks at a person before a match is believed; the best of them counts."""
MOST_LOOKS = 10
"""Looks after which a face that is not alike enough is another's."""
SAME_PERSON = 0.3
"""Two looks in a row less alike than this show two people: everything begins anew."""
RIVAL = 0.7
"""Area of a second face, in that of the largest, from which nobody can tell who is meant."""
SHOWN = LocalizedText("摄像头画面", "the camera's picture")


@dataclass(frozen=True, slots=True)
class FaceComparison:
    """What a comparison came to.

    Attributes
    ----------
    similarity
        0 to 1; None where there was nothing to compare.
    picture
        The live or the second one, a JPEG.
    error
        Why it is no match.
    notice
        What is to be known all the same.
    """

    similarity: float | None
    picture: bytes = field(repr=False, default=b"")
    error: GaopaiError | None = None
    notice: LocalizedText | None = None


@dataclass(frozen=True, slots=True)
class LiveMatchOptions:
    """A comparison with the person before a camera.

    Attributes
    ----------
    threshold
        Similarity from which it is a match.
    seconds
        How long the person is waited for; None as configured.
    living
        Whether it must be a living face.
    action
        What the person has to do for that.
    """

    threshold: float
    seconds: float | None = None
    living: bool = False
    action: Action | None = None


class FaceMatchService:
    """Compares.

    Parameters
    ----------
    seconds
        How long a person is waited for where a page does not say.
    """

    def __init__(self, live: FaceMonitor, engine: FaceEngine, pools: ThreadPools, seconds: float) -> None:
        self._live = live
        self._engine = engine
        self._pools = pools
        self._seconds = seconds

    async def ready(self, paired: bool) -> None:
        """Load what tells living faces.

        Raises
        ------
        server.errors.FaceModelMissing
        """
        await self._pools.run(self._engine.examine, paired)

    async def hindrances(self) -> Mapping[str, GaopaiError]:
        """The functions that would fail now, for want of a model."""
        return await self._pools.run(self._hindrances)

    def _hindrances(self) -> Mapping[str, GaopaiError]:
        found = {
            "FaceMatch": self._engine.hindrance(living=False),
            "SetFaceLivingBodyState": self._engine.hindrance(living=True),
        }
        return {name: error for name, error in found.items() if error is not None}

    def given(self, one: UploadedFace, other: UploadedFace, threshold: float) -> FaceComparison:
        """Compare two given faces."""
        similarity = self._engine.similarity(one.vector, other.vector)
        error = _differ(similarity, threshold)
        return FaceComparison(similarity, other.jpeg, error, other.notice or one.notice)

    async def live(
        self, client: Client, face: FaceCamera, given: UploadedFace, wish: LiveMatchOptions
    ) -> FaceComparison:
        """Compare a given face with the best of several looks at the person before a camera.

        Raises
        ------
        server.errors.DeviceNotOpen, DeviceBusy, DeviceGone, DeviceFailed, DeviceTimeout, FaceModelMissing
        server.errors.NoFace, FaceTooSmall, FaceTooDark, SeveralPeople
            Nobody could be compared in time.
        """
        person = _Person(self._engine, self._pools, given, wish)
        try:
            async with asyncio.timeout(self._seconds if wish.seconds is None else wish.seconds):
                while not person.decided:
                    # Another person, another examination: what was seen of one says nothing of the next.
                    watch = self._live.watch(client, face, wish.living, wish.action)
                    await _shown(watch, person)
        except TimeoutError:
            pass
        return await self._pools.run(person.comparison)


async def _shown(watch: FaceWatcher, person: _Person) -> None:
    """Show a person's looks until they decide, or another person stands there."""
    looks = _Looks()
    watch.subscribe(looks)
    try:
        while not person.decided:
            if not await person.update(await looks.next()):
                return
    finally:
        watch.unsubscribe(looks)


class _Looks:
    """The newest look, waited for; an `FaceSubscriber`."""

    def __init__(self) -> None:
        self._fresh = asyncio.Event()
        self._observation: FaceObservation | None = None
        self._error: GaopaiError | None = None

    def update(self, observation: FaceObservation) -> None:
        self._observation = observation
        self._fresh.set()

    def end(self, error: GaopaiError) -> None:
        self._error = error
        self._fresh.set()

    async def next(self) -> FaceObservation:
        await self._fresh.wait()
        self._fresh.clear()
        if self._error is not None:
            raise self._error
        assert self._observation is not None
        return self._observation


class _Person:
    """What is known of the one before the camera."""

    def __init__(
        self, engine: FaceEngine, pools: ThreadPools, given: UploadedFace, wish: LiveMatchOptions
    ) -> None:
        self._engine = engine
        self._pools = pools
        self._given = given
        self._wish = wish
        self._trouble: GaopaiError = NoFace(picture=SHOWN)
        self._forget()

    def _forget(self) -> None:
        self._looks = 0
        self._best = -1.0
        self._observation: FaceObservation | None = None
        self._newest: FaceObservation | None = None
        self._vector: Floats | None = None

    @property
    def decided(self) -> bool:
        """Whether more looks would change nothing."""
        alive = self._verdict
        if self._looks < LOOKS or alive is LivenessVerdict.CANNOT_TELL:
            return False
        match = self._best >= self._wish.threshold and alive is LivenessVerdict.LIVE
        return match or self._looks >= MOST_LOOKS

    async def update(self, observation: FaceObservation) -> bool:
        """Take one look into account; False where it shows another person than the one before."""
        found = quality_issue(observation.image, observation.faces)
        if found not in (None, FaceQualityIssue.SEVERAL):
            self._trouble = trouble(found, SHOWN)
            return True
        if _rivals(observation.faces):
            self._trouble = SeveralPeople()
            return True
        vector = await self._pools.run(self._engine.embed, observation.image, observation.faces[0])
        if self._vector is not None and self._engine.similarity(self._vector, vector) < SAME_PERSON:
            self._forget()
            return False
        similarity = self._engine.similarity(self._given.vector, vector)
        self._looks += 1
        self._newest, self._vector = observation, vector
        if similarity > self._best:
            self._best, self._observation = similarity, observation
        return True

    def comparison(self) -> FaceComparison:
        """What it came to.

        Raises
        ------
        server.errors.NoFace, FaceTooSmall, FaceTooDark, SeveralPeople
        """
        if self._observation is None or self._newest is None:
            raise self._trouble
        several = len(self._observation.faces) > 1
        notice = SEVERAL.filled(picture=SHOWN) if several else self._given.notice
        return FaceComparison(self._best, _jpeg(self._observation), self._error(), notice)

    @property
    def _verdict(self) -> LivenessVerdict:
        if not self._wish.living:
            return LivenessVerdict.LIVE
        if self._newest is None or self._newest.liveness is None:
            return LivenessVerdict.CANNOT_TELL
        return self._newest.liveness.verdict

    def _error(self) -> GaopaiError | None:
        verdict = self._verdict
        if verdict is not LivenessVerdict.LIVE:
            assert self._newest is not None
            assert self._newest.liveness is not None
            reason = REASONS[self._newest.liveness.reason]
            is_open = verdict is LivenessVerdict.CANNOT_TELL
            return LivenessUnclear(reason=reason) if is_open else FaceNotLive(reason=reason)
        return _differ(self._best, self._wish.threshold)


def _differ(similarity: float, threshold: float) -> FacesDiffer | None:
    if similarity >= threshold:
        return None
    return FacesDiffer(similarity=shown(similarity), threshold=f"{threshold:g}")


def shown(similarity: float) -> str:
    """Rounded down: what is below the threshold must not read as if it had reached it."""
    return f"{int(similarity * 10_000) / 10_000:g}"


def _rivals(faces: Sequence[Face]) -> bool:
    return len(faces) > 1 and faces[1].area >= RIVAL * faces[0].area


def _jpeg(observation: FaceObservation) -> bytes:
    frame = observation.frame
    return frame.data if frame.format is PixelFormat.MJPG else encode(observation.image, QUALITY)
