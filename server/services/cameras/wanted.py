"""Requests for cameras that another page holds: it is asked, and whoever asked hears when they are free."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from server.access.client import Client
from server.devices.ports.camera import Camera
from server.services.cameras.desk import CameraDesk

ASK_SECONDS = 10.0
"""Time in which a page asks the holder of a camera once, however often it tries."""
WAIT_SECONDS = 120.0
"""Time after asking in which a page hears that the camera is free."""


class WantedCamera(NamedTuple):
    """Camera that a page asks another for, or that is free now.

    Attributes
    ----------
    by
        Client that asks; None in a notice that it is free.
    """

    camera: Camera
    by: Client | None


Tell = Callable[[Client, WantedCamera], bool]
"""Tells a client at once and returns whether it could; never waits."""


class WantedCameras:
    """Asks holders of cameras to give them up, which they do by closing them, or do not."""

    def __init__(self, desk: CameraDesk, clock: Callable[[], float] = time.monotonic) -> None:
        self._desk = desk
        self._clock = clock
        self._tell: Tell | None = None
        self._asked: dict[tuple[Client, str], float] = {}
        desk.listen(self._freed)

    def listen(self, tell: Tell) -> None:
        """Tell by `tell` holders that their camera is wanted, and whoever wanted one that it is free."""
        self._tell = tell

    def ask(self, client: Client, camera: Camera) -> bool:
        """Tell the holder of a camera that a client wants it; return whether it was told, now or lately."""
        holder, now = self._desk.holder(camera), self._clock()
        if holder is None or self._tell is None:
            return False
        key = client, camera.info.id
        if key not in self._asked or now - self._asked[key] >= ASK_SECONDS:
            if not self._tell(holder, WantedCamera(camera, client)):
                return False
            self._asked[key] = now
        return True

    def release(self, client: Client) -> None:
        """Forget a client whose connection is gone."""
        self._asked = {key: at for key, at in self._asked.items() if key[0] is not client}

    def _freed(self, camera: Camera) -> None:
        waiting = {client: at for (client, key), at in self._asked.items() if key == camera.info.id}
        for client, asked_at in waiting.items():
            del self._asked[client, camera.info.id]
            if self._tell is not None and self._clock() - asked_at < WAIT_SECONDS:
                self._tell(client, WantedCamera(camera, None))
