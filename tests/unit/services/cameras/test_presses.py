"""Frames that are held for captures whose turn has not come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from server.access.client import Client
from server.services.cameras.presses import MOST_HELD, NEWEST_SECONDS, Presses

SETTLED = 3
CAMERA = cast("Any", None)


@dataclass(eq=False)
class Frames:
    """A hub that has so many frames, the newest first."""

    recent: list[Any] = field(default_factory=list)
    frames_since_start: int = 100


@dataclass
class Taken:
    time: float


@dataclass(eq=False)
class Desk:
    """One camera, owned by everybody, with a clock."""

    hub: Frames = field(default_factory=Frames)
    mode: str = "large"
    now: float = 10.0

    def owns(self, client: object, camera: object) -> bool:
        return True

    def owned(self, client: object, camera: object) -> Desk:
        return self

    def presses(self) -> Presses:
        return Presses(cast("Any", self), SETTLED, lambda: self.now)

    def frame(self, at: float) -> Taken:
        """Let the camera deliver a frame."""
        self.now = at
        self.hub.recent.insert(0, Taken(at))
        return cast("Taken", self.hub.recent[0])


def requests(count: int) -> list[Any]:
    return [object() for _ in range(count)]


def test_each_press_holds_the_frame_of_its_moment() -> None:
    desk = Desk()
    client = Client(1, None)
    presses = desk.presses()
    first, *others = requests(3)
    presses.note(client, CAMERA, first, waits=False)
    frames = []
    for request in others:
        frames.append(desk.frame(desk.now + 0.2))
        presses.note(client, CAMERA, request, waits=True)
    assert presses.taken(client, first) is None, "it waits for nobody"
    for request, frame in zip(others, frames, strict=True):
        held = presses.taken(client, request)
        assert held is not None
        assert held.of(cast("Any", desk))[0] is cast("Any", frame)
        assert presses.taken(client, request) is None


def test_requests_that_come_faster_than_frames_are_of_frames_that_are_to_come() -> None:
    desk = Desk()
    client = Client(1, None)
    presses = desk.presses()
    desk.frame(10.0)
    burst = requests(4)
    for number, request in enumerate(burst):
        desk.now = 10.001 + number / 1000
        presses.note(client, CAMERA, request, waits=number > 0)
    assert [presses.taken(client, request) for request in burst] == [None] * 4


def test_an_old_frame_a_dark_one_and_another_mode_are_not_what_lies_there() -> None:
    desk = Desk()
    client = Client(1, None)
    presses = desk.presses()
    old, dark, fresh = requests(3)
    desk.frame(10.0)
    desk.now = 10.0 + 2 * NEWEST_SECONDS
    presses.note(client, CAMERA, old, waits=True)
    assert presses.taken(client, old) is None
    desk.frame(11.0)
    desk.hub.frames_since_start = SETTLED - 1
    presses.note(client, CAMERA, dark, waits=True)
    assert presses.taken(client, dark) is None
    desk.hub.frames_since_start = SETTLED
    desk.frame(11.1)
    presses.note(client, CAMERA, fresh, waits=True)
    held = presses.taken(client, fresh)
    assert held is not None
    desk.mode = "small"
    assert held.of(cast("Any", desk)) == ()


def test_what_is_held_is_bounded_and_forgotten() -> None:
    desk = Desk()
    client = Client(1, None)
    presses = desk.presses()
    asked = requests(MOST_HELD + 1)
    for number, request in enumerate(asked):
        desk.frame(11.0 + number)
        presses.note(client, CAMERA, request, waits=True)
    assert presses.taken(client, asked[-1]) is None
    assert presses.taken(client, asked[3]) is not None
    assert presses.taken(client, asked[2]) is None, "it was cancelled, or its turn would have come before"
    presses.release(client)
    assert presses.taken(client, asked[4]) is None
