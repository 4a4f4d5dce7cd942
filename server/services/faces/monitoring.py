"""Who is shown which faces: previews with liveness detection on, and what each connection wants of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Literal

from imgcore.face.action import Action
from server.errors import GaopaiError
from server.services.cameras.desk import CameraDesk
from server.services.client import Client
from server.services.faces.cameras import FACE
from server.services.faces.engine import FaceEngine
from server.services.faces.pairing import FaceCamera
from server.services.faces.watcher import FaceObservation, FaceWatcher, FrameFaceDetector
from server.streaming.hub import Hub

RequestedAction = Action | Literal["random"] | None
Key = tuple[Client, str]


@dataclass(frozen=True, slots=True)
class LivenessOptions:
    """What a connection wants to know of a camera's faces.

    Attributes
    ----------
    on
        Whether they are alive.
    action
        What FaceMatch has to see besides.
    """

    on: bool = False
    action: RequestedAction = None


class _Newest:
    """The newest look, for frames that pass by; an `FaceSubscriber`."""

    def __init__(self) -> None:
        self.observation: FaceObservation | None = None
        self.over = False

    def update(self, observation: FaceObservation) -> None:
        self.observation = observation

    def end(self, error: GaopaiError) -> None:
        # The preview says why.
        self.observation, self.over = None, True


class FaceMonitor:
    """Starts and ends the looking; previews of one camera share it.

    Parameters
    ----------
    executor
        In which looks are taken.
    """

    def __init__(self, desk: CameraDesk, engine: FaceEngine, executor: Executor) -> None:
        self._desk = desk
        self._engine = engine
        self._executor = executor
        self._living: dict[Key, LivenessOptions] = {}
        self._shown: dict[Key, FaceCamera] = {}
        self._watches: dict[str, FaceWatcher] = {}
        self._running: dict[Key, tuple[FaceWatcher, _Newest]] = {}

    def living(self, client: Client, face: FaceCamera) -> LivenessOptions:
        """What the client wants of this camera."""
        return self._living.get(_key(client, face), LivenessOptions())

    def want(self, client: Client, face: FaceCamera, living: LivenessOptions) -> None:
        """Remember it, and show it in a preview that runs."""
        key = _key(client, face)
        self._living[key] = living
        if key in self._shown:
            self._settle(client, face)

    def show(self, client: Client, face: FaceCamera) -> None:
        """A preview has begun.

        Raises
        ------
        server.errors.DeviceNotOpen, DeviceBusy
        """
        self._shown[_key(client, face)] = face
        self._settle(client, face)

    def hide(self, client: Client, face: FaceCamera) -> None:
        """A preview has ended; no error if there was none."""
        key = _key(client, face)
        self._shown.pop(key, None)
        self._stop(key)

    def newest(self, client: Client, face: FaceCamera) -> FaceObservation | None:
        """The newest look for a preview; None where nobody looks, or has not yet."""
        running = self._running.get(_key(client, face))
        return running[1].observation if running else None

    def release(self, client: Client) -> None:
        """Forget a client whose connection is gone."""
        for kept in (self._living, self._shown, self._running):
            for key in [key for key in kept if key[0] is client]:
                self._stop(key)
                kept.pop(key, None)

    def may_watch(self, client: Client, face: FaceCamera) -> None:
        """Refuse where the camera is not open, or another page's.

        Raises
        ------
        server.errors.DeviceNotOpen, DeviceBusy
        """
        for camera in face.cameras:
            self._desk.watched(client, camera, FACE)

    def watch(
        self, client: Client, face: FaceCamera, living: bool, action: Action | None = None
    ) -> FaceWatcher:
        """A new watch, which nobody shares and which has seen nothing yet.

        Raises
        ------
        server.errors.DeviceNotOpen, DeviceBusy
        """
        colour = self._desk.watched(client, face.colour, FACE).hub
        infrared: Hub | None = None
        if living and face.infrared is not None:
            infrared = self._desk.watched(client, face.infrared, FACE).hub
        return FaceWatcher(
            colour, infrared, self._executor, self._eye(living, infrared is not None, action), FACE.opener
        )

    def _eye(self, living: bool, paired: bool, action: Action | None) -> Callable[[], FrameFaceDetector]:
        engine = self._engine
        return lambda: FrameFaceDetector(engine, engine.examine(paired, action) if living else None)

    def _settle(self, client: Client, face: FaceCamera) -> None:
        key = _key(client, face)
        running = self._running.get(key)
        if not self.living(client, face).on:
            self._stop(key)
        elif running is None or running[1].over:
            newest = _Newest()
            watch = self._shared(client, face)
            self._running[key] = (watch, newest)
            watch.subscribe(newest)

    def _shared(self, client: Client, face: FaceCamera) -> FaceWatcher:
        """All previews of a camera share one, as long as it is the same opening of the camera."""
        present = self._watches.get(face.colour.info.id)
        if present is None or present.colour is not self._desk.watched(client, face.colour, FACE).hub:
            present = self._watches[face.colour.info.id] = self.watch(client, face, living=True)
        return present

    def _stop(self, key: Key) -> None:
        running = self._running.pop(key, None)
        if running is not None:
            running[0].unsubscribe(running[1])


def _key(client: Client, face: FaceCamera) -> Key:
    return client, face.colour.info.id
