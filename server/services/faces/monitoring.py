"""Liveness detection in face previews, and its options by connection and camera."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Literal

from imgcore.face.action import Action
from server.access.client import Client
from server.errors import GaopaiError
from server.services.cameras.desk import CameraDesk
from server.services.faces.cameras import FACE, FaceCamera
from server.services.faces.engine import FaceEngine
from server.services.faces.watcher import FaceObservation, FaceWatcher, FrameFaceDetector
from server.streaming.hub import Hub

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
        self.observation, self.ended = None, True


class FaceMonitor:
    """Runs face and liveness detection for previews; those of one camera share a watcher.

    Parameters
    ----------
    executor
        Threads for the detection.
    """

    def __init__(self, desk: CameraDesk, engine: FaceEngine, executor: Executor) -> None:
        self._desk = desk
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
        """Begin the detection for a preview, if its options say so.

        Raises
        ------
        server.errors.DeviceNotOpen, DeviceBusy
        """
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
        """Refuse a camera that is not open, or is another origin's.

        Raises
        ------
        server.errors.DeviceNotOpen, DeviceBusy
        """
        for camera in face.cameras:
            self._desk.watched(client, camera, FACE)

    def new_watcher(
        self, client: Client, face: FaceCamera, liveness: bool, action: Action | None = None
    ) -> FaceWatcher:
        """Return a new watcher, not shared with others.

        Raises
        ------
        server.errors.DeviceNotOpen, DeviceBusy
        """
        colour = self._desk.watched(client, face.colour, FACE).hub
        infrared: Hub | None = None
        if liveness and face.infrared is not None:
            infrared = self._desk.watched(client, face.infrared, FACE).hub
        make_detector = self._detector_factory(liveness, infrared is not None, action)
        return FaceWatcher(colour, infrared, self._executor, make_detector, FACE.opener)

    def _detector_factory(
        self, liveness: bool, paired: bool, action: Action | None
    ) -> Callable[[], FrameFaceDetector]:
        engine = self._engine
        return lambda: FrameFaceDetector(
            engine, engine.liveness_examiner(paired, action) if liveness else None
        )

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
        if watcher is None or watcher.colour is not self._desk.watched(client, face.colour, FACE).hub:
            watcher = self.new_watcher(client, face, liveness=True)
            self._watchers[face.colour.info.id] = watcher
        return watcher

    def _stop(self, key: Key) -> None:
        running = self._running.pop(key, None)
        if running is not None:
            running[0].unsubscribe(running[1])


def _key(client: Client, face: FaceCamera) -> Key:
    return client, face.colour.info.id
