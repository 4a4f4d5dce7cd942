"""Pictures of both halves of a plugged or drawn pair, taken at the same moments."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from imgcore.types import Image
from server.composition import list_cameras
from server.config import Config
from server.devices.ports.camera import Camera, CameraMode, CameraStream, Frame, Size
from server.finders import camera_finders
from server.services.faces.pairing import CameraPair, FaceCamera, face_cameras, nearest
from server.streaming.pixels import BrokenFrame, pixels

SIZES = (Size(1280, 720), Size(640, 480))
"""What is asked of the colour and of the infrared camera, or what comes nearest."""
FPS = 15.0
APART_SECONDS = 0.4
"""Between two looks, so that a person has moved."""
SKEW_SECONDS = 0.05
READ_SECONDS = 5.0


class NoPair(LookupError):
    """There is nothing to look with; the text says what there is."""


def find_pair(config: Config, demo: bool, number: int) -> FaceCamera:
    """The pair with this number among those that the service would make.

    Raises
    ------
    NoPair
    """
    configured = [CameraPair(pair.colour, pair.infrared) for pair in config.faces.pairs]
    found = asyncio.run(list_cameras(camera_finders(config, demo)))
    pairs = [face for face in face_cameras(found, configured) if face.infrared is not None]
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


def looks(face: FaceCamera, seconds: float) -> Iterator[tuple[Image, Image]]:
    """Colour and infrared, moment after moment, until so many seconds have passed.

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
            frames = _together(streams)
            if frames is not None and frames[0].time >= last + APART_SECONDS:
                last = frames[0].time
                try:
                    yield pixels(frames[0]), pixels(frames[1])
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


def _together(streams: Sequence[CameraStream]) -> tuple[Frame, Frame] | None:
    """The next frame in infrared and the one in colour of that moment; None where one does not come."""
    colour, infrared = streams
    unseen = infrared.read(READ_SECONDS)
    seen = colour.read(READ_SECONDS)
    while seen is not None and unseen is not None and seen.time < unseen.time - SKEW_SECONDS:
        seen = colour.read(READ_SECONDS)
    if seen is None or unseen is None or abs(seen.time - unseen.time) > 2 * SKEW_SECONDS:
        return None
    return seen, unseen
