"""Faces in the frames of a camera, shared by all subscribers, and their liveness in previews."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, Protocol

from imgcore.face import Face, LivenessResult
from imgcore.face.action import Action
from imgcore.face.liveness_session import FaceSample, LivenessSession
from imgcore.types import Image
from server.access.client import Client
from server.devices.ports.camera import Frame
from server.errors import DeviceFailed, DeviceNotOpen, DeviceTimeout, GaopaiError
from server.runtime.background import report, supervise
from server.services.cameras.leases import CameraLeases
from server.services.faces.cameras import FACE, FaceCamera
from server.services.faces.engine import FaceEngine
from server.streaming.hub import FrameSubscription, Hub, HubClosed
from server.streaming.looks import Pace, looks
from server.streaming.pixels import pixels

log = logging.getLogger(__name__)

PACE = Pace(0.1, rest=1.0)
"""Ten detections a second, so that half a second has five, and never more than half a core."""
SKEW_SECONDS = 0.15
"""Largest time between the frames of a pair; an infrared light that blinks halves the frame rate."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceObservation:
    """Faces of one frame.

    Attributes
    ----------
    frame
        Frame as the camera sent it.
    image
        The frame as BGR, at its size or reduced.
    faces
        Faces, the largest first, in pixels of `image`.
    scale
        Pixels of the frame for each of `image`.
    liveness
        Liveness of the largest face; None if detection is off.
    """

    frame: Frame = field(repr=False)
    image: Image = field(repr=False)
    faces: Sequence[Face]
    scale: int = 1
    liveness: LivenessResult | None = None


class FaceSubscriber(Protocol):
    """Protocol for a subscriber to the faces before a camera."""

    def update(self, observation: FaceObservation) -> None:
        """Receive the newest observation; never blocks."""

    def end(self, error: GaopaiError) -> None:
        """Receive the error that ended the observations."""


@dataclass(eq=False, repr=False)
class FaceWatcher:
    """Faces in a camera's frames for any number of subscribers; without one, it does no work.

    Parameters
    ----------
    infrared
        Infrared camera of a pair.
    make_detector
        Makes a new detector; called in a thread.
    opener
        Function of the protocol that opens the camera, for errors.
    """

    colour: Hub
    _infrared: Hub | None
    _executor: Executor
    _make_detector: Callable[[], FrameFaceDetector]
    _opener: str
    _subscribers: set[FaceSubscriber] = field(default_factory=set, init=False)
    _task: asyncio.Task[None] | None = field(default=None, init=False)

    def subscribe(self, subscriber: FaceSubscriber) -> None:
        """Update `subscriber` with every observation from now on."""
        self._subscribers.add(subscriber)
        if self._task is None or self._task.done():
            self._task = supervise("face watcher", self._run)

    def unsubscribe(self, subscriber: FaceSubscriber) -> None:
        """End a subscription; no error if there was none."""
        self._subscribers.discard(subscriber)
        if not self._subscribers and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        try:
            await self._detect_faces()
        except GaopaiError as error:
            self._end(error)
        except HubClosed:
            self._end(DeviceNotOpen(opener=self._opener))
        except Exception as error:  # noqa: BLE001 - subscribers get its type; its text may be personal data
            report("face search", error)
            self._end(DeviceFailed.by_defect(self.colour.name, error))

    def _end(self, error: GaopaiError) -> None:
        subscribers = self._subscribers
        self._subscribers = set()
        self._task = None
        for subscriber in subscribers:
            subscriber.end(error)

    async def _detect_faces(self) -> None:
        loop = asyncio.get_running_loop()
        detector = await loop.run_in_executor(self._executor, self._make_detector)

        async def look(frames: tuple[Frame, Frame | None], _: float) -> None:
            self._publish(await loop.run_in_executor(self._executor, detector.detect, *frames))

        with ExitStack() as stack:
            colour = stack.enter_context(self.colour.watch())
            infrared = stack.enter_context(self._infrared.watch()) if self._infrared else None
            async for _ in looks(partial(_newest, colour, infrared), look, PACE):
                pass

    def _publish(self, observation: FaceObservation) -> None:
        for subscriber in list(self._subscribers):
            subscriber.update(observation)


async def _newest(
    colour: FrameSubscription, infrared: FrameSubscription | None, timeout: float
) -> tuple[Frame, Frame | None]:
    """Return the newest colour frame, and of a pair the infrared frame of the same moment, if any."""
    if infrared is None:
        return await colour.next(timeout), None
    try:
        partner = await infrared.next(SKEW_SECONDS)
    except DeviceTimeout:
        return await colour.next(timeout), None
    frame = await colour.next(timeout)
    return frame, partner if abs(frame.time - partner.time) <= SKEW_SECONDS else None


ENOUGH_PIXELS = 1.5e6
"""Frames are decoded at a half that still has so many pixels: faces at a counter have more than enough."""


class FrameFaceDetector:
    """Protocol for a detector that keeps state from one frame to the next."""

    def __init__(self, engine: FaceEngine, examiner: LivenessSession | None = None) -> None:
        self._engine = engine
        self._examiner = examiner

    def detect(self, colour: Frame, infrared: Frame | None) -> FaceObservation:
        """Detect the faces of a frame, or of both frames of a pair; runs in a thread."""
        scale = 2 if colour.size.width * colour.size.height >= 4 * ENOUGH_PIXELS else 1
        image = pixels(colour, scale)
        faces = self._engine.find(image, live=True)
        if self._examiner is None:
            return FaceObservation(colour, image, faces, scale)
        if infrared is None:
            sample = FaceSample(image, faces, colour.time)
        else:
            partner = pixels(infrared)
            sample = FaceSample(image, faces, colour.time, partner, self._engine.find(partner, live=True))
        return FaceObservation(colour, image, faces, scale, self._examiner.add(sample))


RequestedAction = Action | Literal["random"] | None
Key = tuple[Client, str]


@dataclass(frozen=True, slots=True)
class LivenessOptions:
    """Options of liveness detection, by connection and camera.

    Attributes
    ----------
    on
        True if liveness detection is on.
    action
        Challenge that FaceMatch requires besides.
    """

    on: bool = False
    action: RequestedAction = None


class _Newest:
    """`FaceSubscriber` that keeps the newest observation for preview frames."""

    def __init__(self) -> None:
        self.observation: FaceObservation | None = None
        self.ended = False

    def update(self, observation: FaceObservation) -> None:
        self.observation = observation

    def end(self, error: GaopaiError) -> None:
        # The preview reports the error.
        self.observation = None
        self.ended = True


class FaceMonitor:
    """Runs face and liveness detection for previews; those of one camera share a watcher.

    Parameters
    ----------
    executor
        Threads for the detection.
    """

    def __init__(self, leases: CameraLeases, engine: FaceEngine, executor: Executor) -> None:
        self._leases = leases
        self._engine = engine
        self._executor = executor
        self._options: dict[Key, LivenessOptions] = {}
        self._previewed: dict[Key, FaceCamera] = {}
        self._watchers: dict[str, FaceWatcher] = {}
        self._running: dict[Key, tuple[FaceWatcher, _Newest]] = {}

    def options(self, client: Client, face: FaceCamera) -> LivenessOptions:
        """Return the client's options of this camera."""
        return self._options.get(_key(client, face), LivenessOptions())

    def set_options(self, client: Client, face: FaceCamera, options: LivenessOptions) -> None:
        """Remember the client's options of this camera, and apply them to a running preview."""
        key = _key(client, face)
        self._options[key] = options
        if key in self._previewed:
            self._apply(client, face)

    def start_preview(self, client: Client, face: FaceCamera) -> None:
        """Begin the detection for a preview, if its options say so."""
        self._previewed[_key(client, face)] = face
        self._apply(client, face)

    def stop_preview(self, client: Client, face: FaceCamera) -> None:
        """End the detection for a preview; no error if there was none."""
        key = _key(client, face)
        self._previewed.pop(key, None)
        self._stop(key)

    def newest(self, client: Client, face: FaceCamera) -> FaceObservation | None:
        """Return the newest observation for a preview; None if detection is off or has none yet."""
        running = self._running.get(_key(client, face))
        return running[1].observation if running else None

    def release(self, client: Client) -> None:
        """Forget a client whose connection is gone."""
        for entries in (self._options, self._previewed, self._running):
            for key in [key for key in entries if key[0] is client]:
                self._stop(key)
                entries.pop(key, None)

    def check_access(self, client: Client, face: FaceCamera) -> None:
        """Refuse a camera that is not open, or is another origin's."""
        for camera in face.cameras:
            self._leases.watched(client, camera, FACE)

    def new_watcher(
        self, client: Client, face: FaceCamera, liveness: bool, action: Action | None = None
    ) -> FaceWatcher:
        """Return a new watcher, not shared with others."""
        colour = self._leases.watched(client, face.colour, FACE).hub
        infrared: Hub | None = None
        if liveness and face.infrared is not None:
            infrared = self._leases.watched(client, face.infrared, FACE).hub
        engine = self._engine
        paired = infrared is not None

        def detector() -> FrameFaceDetector:
            return FrameFaceDetector(engine, engine.liveness_examiner(paired, action) if liveness else None)

        return FaceWatcher(colour, infrared, self._executor, detector, FACE.opener)

    def _apply(self, client: Client, face: FaceCamera) -> None:
        key = _key(client, face)
        running = self._running.get(key)
        if not self.options(client, face).on:
            self._stop(key)
        elif running is None or running[1].ended:
            newest = _Newest()
            watcher = self._shared_watcher(client, face)
            self._running[key] = (watcher, newest)
            watcher.subscribe(newest)

    def _shared_watcher(self, client: Client, face: FaceCamera) -> FaceWatcher:
        """Return the watcher of all previews of a camera, a new one if the camera was opened again."""
        watcher = self._watchers.get(face.colour.info.id)
        if watcher is None or watcher.colour is not self._leases.watched(client, face.colour, FACE).hub:
            watcher = self.new_watcher(client, face, liveness=True)
            self._watchers[face.colour.info.id] = watcher
        return watcher

    def _stop(self, key: Key) -> None:
        running = self._running.pop(key, None)
        if running is not None:
            running[0].unsubscribe(running[1])


def _key(client: Client, face: FaceCamera) -> Key:
    return client, face.colour.info.id
