"""Face detection and liveness detection on the frames of a camera, shared by all subscribers."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Protocol

from imgcore.face import Face, LivenessResult
from imgcore.face.liveness_session import FaceSample
from imgcore.types import Image
from server.background import report, supervise
from server.devices.ports.camera import Frame
from server.errors import DeviceFailed, DeviceNotOpen, DeviceTimeout, GaopaiError
from server.services.faces.engine import FaceEngine, LivenessExaminer
from server.streaming.hub import FrameSubscription, Hub, HubClosed
from server.streaming.pixels import BrokenFrame, pixels

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.1
"""Ten looks a second: half a second shows a person five times."""
REST = 1.0
"""Rest after a look, in times of what it took: never more than half a core."""
FRAME_SECONDS = 10.0
"""Longer than the preview waits: what ends it is said there."""
SKEW_SECONDS = 0.15
"""Frames of a pair further apart show two moments; an infrared light that blinks halves the rate."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceObservation:
    """One look.

    Attributes
    ----------
    frame
        As the camera sent it.
    image
        The same as BGR, at its size or a part of it.
    faces
        Those in it, the largest first, in pixels of `image`.
    scale
        Pixels of the frame for each of `image`.
    liveness
        Of the largest; None where nobody asked.
    """

    frame: Frame = field(repr=False)
    image: Image = field(repr=False)
    faces: Sequence[Face]
    scale: int = 1
    liveness: LivenessResult | None = None


class FaceDetector(Protocol):
    """What is known from one look to the next."""

    def look(self, colour: Frame, infrared: Frame | None) -> FaceObservation:
        """Look at the newest frame, of a pair at both. In a thread.

        Raises
        ------
        BrokenFrame, server.errors.GaopaiError
        """


class FaceSubscriber(Protocol):
    """One who wants to know of faces."""

    def update(self, observation: FaceObservation) -> None:
        """The newest look; never blocks."""

    def end(self, error: GaopaiError) -> None:
        """No more looks will come."""


class FaceWatcher:
    """Who wants to know of a camera's faces. Nobody, no work.

    Parameters
    ----------
    infrared
        The other half of a pair.
    eye
        Makes an eye that has seen nothing yet; called in a thread.
    opener
        Which function opens the camera, for errors.
    """

    def __init__(
        self,
        colour: Hub,
        infrared: Hub | None,
        executor: Executor,
        eye: Callable[[], FaceDetector],
        opener: str,
    ) -> None:
        self.colour = colour
        self._infrared = infrared
        self._executor = executor
        self._eye = eye
        self._opener = opener
        self._subscribers: set[FaceSubscriber] = set()
        self._task: asyncio.Task[None] | None = None

    def subscribe(self, subscriber: FaceSubscriber) -> None:
        """Show `subscriber` every look from now on."""
        self._subscribers.add(subscriber)
        if self._task is None or self._task.done():
            self._task = supervise("face watcher", self._run)

    def unsubscribe(self, subscriber: FaceSubscriber) -> None:
        """Show nothing more to `subscriber`; no error if it was not there."""
        self._subscribers.discard(subscriber)
        if not self._subscribers and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        try:
            await self._follow()
        except GaopaiError as error:
            self._end(error)
        except HubClosed:
            self._end(DeviceNotOpen(opener=self._opener))
        except Exception as error:  # noqa: BLE001 - told to all who wait; the text may tell of a person
            report("face search", error)
            self._end(DeviceFailed(device=self.colour.name, reason=type(error).__name__))

    def _end(self, error: GaopaiError) -> None:
        gone, self._subscribers, self._task = self._subscribers, set(), None
        for subscriber in gone:
            subscriber.end(error)

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        eye = await loop.run_in_executor(self._executor, self._eye)
        with ExitStack() as stack:
            colour = stack.enter_context(self.colour.watch())
            infrared = stack.enter_context(self._infrared.watch()) if self._infrared else None
            while True:
                started = time.monotonic()
                frame, unseen = await _newest(colour, infrared)
                begun = time.monotonic()
                try:
                    observation = await loop.run_in_executor(self._executor, eye.look, frame, unseen)
                    self._show(observation)
                except BrokenFrame:
                    log.debug("%s sent a broken frame", self.colour.name)
                now = time.monotonic()
                await asyncio.sleep(max(REST * (now - begun), started + INTERVAL_SECONDS - now, 0.0))

    def _show(self, observation: FaceObservation) -> None:
        for subscriber in list(self._subscribers):
            subscriber.update(observation)


async def _newest(
    colour: FrameSubscription, infrared: FrameSubscription | None
) -> tuple[Frame, Frame | None]:
    """A frame, and of a pair the other half of that moment if it has one."""
    if infrared is None:
        return await colour.next(FRAME_SECONDS), None
    try:
        unseen = await infrared.next(SKEW_SECONDS)
    except DeviceTimeout:
        return await colour.next(FRAME_SECONDS), None
    frame = await colour.next(FRAME_SECONDS)
    return frame, unseen if abs(frame.time - unseen.time) <= SKEW_SECONDS else None


ENOUGH_PIXELS = 1.5e6
"""A frame is decoded at a half while it keeps so many: a face at a counter has far more than is compared."""


class FrameFaceDetector:
    """See `server.services.faces.watcher.FaceDetector`.

    Parameters
    ----------
    examiner
        Judges the largest face; None where nobody wants to know.
    """

    def __init__(self, engine: FaceEngine, examiner: LivenessExaminer | None = None) -> None:
        self._engine = engine
        self._examiner = examiner

    def look(self, colour: Frame, infrared: Frame | None) -> FaceObservation:
        scale = 2 if colour.size.width * colour.size.height >= 4 * ENOUGH_PIXELS else 1
        image = pixels(colour, scale)
        faces = self._engine.find(image, live=True)
        if self._examiner is None:
            return FaceObservation(colour, image, faces, scale)
        if infrared is None:
            look = FaceSample(image, faces, colour.time)
        else:
            unseen = pixels(infrared)
            look = FaceSample(image, faces, colour.time, unseen, self._engine.find(unseen, live=True))
        return FaceObservation(colour, image, faces, scale, self._examiner.add(look))
