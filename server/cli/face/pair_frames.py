"""Simultaneous frames of both cameras of a pair."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from imgcore.types import Image
from server.config import Config
from server.devices.ports.camera import Camera, CameraMode, CameraStream, Frame, Size
from server.finders import camera_finders
from server.services.cameras.registry import list_cameras
from server.services.faces.cameras import FaceCamera, face_cameras, nearest
from server.streaming.pixels import BrokenFrame, pixels

SIZES = (Size(1280, 720), Size(640, 480))
"""Requested sizes of the colour and the infrared camera; the nearest are used."""
FPS = 15.0
APART_SECONDS = 0.4
"""Least time between two samples, in which a person moves."""
SKEW_SECONDS = 0.05
READ_SECONDS = 5.0


class NoPair(LookupError):
    """There is no such pair; the text lists the present ones."""


def find_pair(config: Config, demo: bool, number: int) -> FaceCamera:
    """Return the pair with this number, as the service would list it.

    Raises
    ------
    NoPair
    """
    found = asyncio.run(list_cameras(camera_finders(config, demo)))
    pairs = [face for face in face_cameras(found, config.faces.pairs) if face.infrared is not None]
    if number < len(pairs):
        return pairs[number]
    named = "; ".join(f"{at}: {pair.name}" for at, pair in enumerate(pairs))
    raise NoPair(
        f"there is no pair {number} of a colour and an infrared camera. "
        + (
            f"Those that are here: {named}"
            if pairs
            else "See [faces] pairs in the guide to the configuration"
        )
    )


def frames(face: FaceCamera, seconds: float) -> Iterator[tuple[Image, Image]]:
    """Yield simultaneous pictures in colour and infrared, for a number of seconds.

    Raises
    ------
    server.errors.GaopaiError
        A camera is in use, gone or broken.
    """
    until = time.monotonic() + seconds
    with ExitStack() as stack:
        streams = [stack.enter_context(_running(*one)) for one in zip(face.cameras, SIZES, strict=True)]
        last = 0.0
        while time.monotonic() < until:
            both = _simultaneous(streams)
            if both is not None and both[0].time >= last + APART_SECONDS:
                last = both[0].time
                try:
                    yield pixels(both[0]), pixels(both[1])
                except BrokenFrame:
                    continue


@contextmanager
def _running(camera: Camera, size: Size) -> Iterator[CameraStream]:
    choice = nearest(camera.info, size, FPS)
    kind = camera.info.media[choice.media]
    stream = camera.open(CameraMode(kind.format, kind.sizes[choice.resolution], FPS))
    try:
        stream.start()
        yield stream
        stream.stop()
    finally:
        stream.close()


def _simultaneous(streams: Sequence[CameraStream]) -> tuple[Frame, Frame] | None:
    """Return the next infrared frame and the colour frame of the same moment; None if one is missing."""
    colour, infrared = streams
    partner = infrared.read(READ_SECONDS)
    frame = colour.read(READ_SECONDS)
    while frame is not None and partner is not None and frame.time < partner.time - SKEW_SECONDS:
        frame = colour.read(READ_SECONDS)
    if frame is None or partner is None or abs(frame.time - partner.time) > 2 * SKEW_SECONDS:
        return None
    return frame, partner
