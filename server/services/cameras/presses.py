"""Frames of captures whose turn has not come: each capture is of what lay there when it was asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from server.access.client import Client
from server.devices.ports.camera import Camera, CameraMode, Frame
from server.protocol.messages.base import Request
from server.services.cameras.leases import CameraLeases, OpenCamera
from server.streaming.hub import Hub

MOST_HELD = 8
"""Frames that are held for one client; what is asked for beyond waits for a frame of its turn."""
NEWEST_SECONDS = 0.25
"""Age of a frame, in seconds, above which it does not show what lies there now."""
BESIDE_SECONDS = 1.5
"""Time in seconds from the held frame beyond which another one shows another moment."""


@dataclass(frozen=True, slots=True)
class HeldFrames:
    """Frames of one request, the one of its moment first, and the camera as it was then."""

    request: Request
    hub: Hub
    mode: CameraMode
    frames: Sequence[Frame]

    def of(self, present: OpenCamera) -> Sequence[Frame]:
        """Return the frames; none if the camera was opened anew or in another mode since."""
        return self.frames if (present.hub, present.mode) == (self.hub, self.mode) else ()


class Presses:
    """Holds frames for captures that wait behind others of their client.

    Parameters
    ----------
    settled
        Number of frames after which a sensor that was just started shows what is there.
    """

    def __init__(
        self, leases: CameraLeases, settled: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._leases = leases
        self._settled = settled
        self._clock = clock
        self._held: dict[Client, list[HeldFrames]] = {}
        self._asked: dict[Client, float] = {}

    def note(self, client: Client, camera: Camera, request: Request, *, waits: bool) -> None:
        """Hold the newest frame for a request that waits; it is newer than the request before.

        So requests that come faster than frames, as a program sends them, are of one frame after the other.
        """
        now = self._clock()
        before = self._asked.get(client, 0.0)
        self._asked[client] = now
        held = self._held.setdefault(client, [])
        if not waits or len(held) >= MOST_HELD or not self._leases.owns(client, camera):
            return
        present = self._leases.owned(client, camera)
        recent = present.hub.recent[: max(0, present.hub.frames_since_start - self._settled + 1)]
        if not recent or recent[0].time <= before or now - recent[0].time > NEWEST_SECONDS:
            return
        frames = [each for each in recent if recent[0].time - each.time < BESIDE_SECONDS]
        held.append(HeldFrames(request, present.hub, present.mode, frames))

    def taken(self, client: Client, request: Request) -> HeldFrames | None:
        """Return what is held for a request, whose turn has come, and hold it no longer."""
        held = self._held.get(client, [])
        found = next((each for each in held if each.request is request), None)
        # Those before it were cancelled.
        self._held[client] = held[held.index(found) + 1 :] if found else held
        return found

    def release(self, client: Client) -> None:
        """Forget a client whose connection is gone."""
        self._held.pop(client, None)
        self._asked.pop(client, None)
