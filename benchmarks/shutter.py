"""From shutter to picture at 8 megapixels: processor time of one thread beside its floor; a client's wait."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import aiohttp
import cv2
import numpy as np

from benchmarks import report
from benchmarks.streaming.frames import SIZES, cache_folder, frames
from benchmarks.streaming.processes import line_of, process
from imgcore.pipeline import process as run_pipeline
from imgcore.settings import Crop, ImageType, Settings
from imgcore.types import Image
from lab.photographs import load_photographs
from server.devices.ports.camera import Frame, PixelFormat, Size
from server.runtime.process import tune_process
from server.services.cameras.capture import process_frame
from server.services.pictures.model_cache import ModelCache
from server.services.pictures.order import PictureOrder
from server.services.pictures.output import PictureWork
from server.streaming.pixels import pixels

SIZE = "8 MP"
CASES = {
    "crop": Settings(crop=Crop.SINGLE),
    "crop, deskew, colour": Settings(crop=Crop.SINGLE, deskew=True, image_type=ImageType.COLOUR),
    "crop, deskew, black and white": Settings(
        crop=Crop.SINGLE, deskew=True, image_type=ImageType.BLACK_WHITE
    ),
    "curve, deskew, colour": Settings(crop=Crop.CURVE, deskew=True, image_type=ImageType.COLOUR),
}
QUALITY = 92
RUNS = 7
CAPTURES = 25
TURNS = 10
"""Number of times that each road has the camera."""
PER_TURN = 8
"""Number of captures by a road before the other one has the camera."""
EVERY = 6
"""Every which of the photographs is measured."""
SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Shot:
    """A camera's JPEG of 8 megapixels or so, and the kind it counts to."""

    kind: str
    frame: Frame


@dataclass(frozen=True, slots=True)
class Cost:
    """Median milliseconds of one thread: the whole, its floor, and each stage of the pipeline."""

    whole: float
    floor: float
    stages: dict[str, float]


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(prog="shutter", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one shot, and nothing is written")
    parser.add_argument("--without-client", action="store_true", help="no service, processor time alone")
    options = parser.parse_args(arguments)
    tune_process()
    shots = list(load_shots())[: 1 if options.quick else None]
    cache = ModelCache()
    costs = {name: [cost(shot, settings, cache) for shot in shots] for name, settings in CASES.items()}
    waits = {} if options.without_client else waits_of_client(5 if options.quick else CAPTURES)
    roads = None if options.without_client else waits_of_roads(1 if options.quick else TURNS)
    report.publish("shutter", "From shutter to picture", _body(shots, costs, waits, roads), options.quick)
    return 0


def load_shots() -> Iterator[Shot]:
    """Yield a rendered frame of a camera, and photographs of sheets where a developer has them."""
    yield _shot("desk", frames(SIZE, cache_folder())[0], Size(*SIZES[SIZE]))
    for number, photograph in enumerate(load_photographs(SIZES[SIZE][0])):
        if number % EVERY == 0:
            rows, cols = photograph.picture.shape[:2]
            how = [cv2.IMWRITE_JPEG_QUALITY, 85, cv2.IMWRITE_JPEG_SAMPLING_FACTOR]
            how.append(cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422)
            jpeg = cv2.imencode(".jpg", photograph.picture, how)[1].tobytes()
            yield _shot("photograph", jpeg, Size(cols, rows))


def _shot(kind: str, jpeg: bytes, size: Size) -> Shot:
    return Shot(kind, Frame(0, 0.0, PixelFormat.MJPG, size, jpeg))


def cost(shot: Shot, settings: Settings, cache: ModelCache) -> Cost:
    """Measure one way of processing a frame, in turn with its floor."""
    models = cache.models(settings)
    picture = pixels(shot.frame)
    run = partial(process_frame, shot.frame, PictureWork(PictureOrder(settings, judged=False), cache))
    result = run_pipeline(picture, settings, time.thread_time, models)
    least = partial(floor, shot.frame, result.pictures[0].shape)
    both = [(_spent(run), _spent(least)) for _ in range(RUNS)]
    result = run_pipeline(picture, settings, time.thread_time, models)
    stages = {stage.name: stage.milliseconds for stage in result.report.stages}
    whole, lowest = np.median(both, axis=0).tolist()
    return Cost(whole, lowest, stages)


def floor(frame: Frame, shape: tuple[int, ...]) -> None:
    """Do the least that any crop does: decode, warp once by OpenCV's quickest way, encode."""
    picture: Image = pixels(frame)
    rows, cols = shape[:2]
    # Turned a little, as pages are.
    corners = np.array([(0.1, 0.05), (0.95, 0.1), (0.9, 0.95), (0.05, 0.9)], np.float32)
    target = np.array([(0, 0), (cols, 0), (cols, rows), (0, rows)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners * np.array(picture.shape[1::-1], np.float32), target)
    warped = cv2.warpPerspective(picture, matrix, (cols, rows))
    cv2.imencode(".jpg", warped, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


def _spent(run: Callable[[], object]) -> float:
    begun = time.thread_time()
    run()
    return (time.thread_time() - begun) * 1000


def waits_of_client(captures: int) -> dict[str, list[float]]:
    """Milliseconds from a client's request to the last byte of its picture; the camera previews meanwhile."""
    with process("gaopai", SIZE, str(cache_folder()), "1.0") as service:
        return asyncio.run(_captures(line_of(service), captures))


Ask = Callable[..., Awaitable[None]]
"""Sends a request with its parameters and waits for the answer."""


class RoadWaits(NamedTuple):
    """Milliseconds from a client's request to the last byte of its picture, by each road in turn."""

    socket: list[float]
    http: list[float]


def waits_of_roads(turns: int) -> RoadWaits:
    """Measure the waits of a client for a cropped picture, by the socket and by HTTP, without a preview."""
    with process("gaopai", SIZE, str(cache_folder()), "1.0") as service:
        return asyncio.run(_roads(line_of(service), turns))


async def _roads(port: str, turns: int) -> RoadWaits:
    waits = RoadWaits([], [])
    async with (
        aiohttp.ClientSession() as client,
        client.ws_connect(f"ws://127.0.0.1:{port}/", max_msg_size=0) as socket,
        _http(client, f"http://127.0.0.1:{port}/api/v1/") as by_http,
    ):
        for _ in range(turns):
            for ask, found in ((partial(_ask, socket), waits.socket), (by_http, waits.http)):
                # A camera is one program's at a time.
                await ask("OpenCamera", mediaNum=0, resolutionNum=0, fps=15)
                await ask("SetCameraImageInfo", cropType=Crop.SINGLE)
                found += await _timed(ask, PER_TURN)
                await ask("CloseCamera")
    return waits


@contextlib.asynccontextmanager
async def _http(client: aiohttp.ClientSession, base: str) -> AsyncIterator[Ask]:
    """Begin a session over HTTP, and end it."""
    async with client.post(f"{base}session") as response:
        headers = {"Gaopai-Session": (await response.json())["session"]}

    async def ask(func: str, **parameters: object) -> None:
        body = {"devNum": 0, **parameters}
        async with (
            asyncio.timeout(SECONDS),
            client.post(f"{base}{func}", json=body, headers=headers) as response,
        ):
            answer = await response.json()
        for one in answer if isinstance(answer, list) else [answer]:
            if one["result"] != 0:
                raise RuntimeError(f"{func}: {one}")

    try:
        yield ask
    finally:
        await client.delete(f"{base}session", headers=headers)


async def _captures(port: str, captures: int) -> dict[str, list[float]]:
    async with (
        aiohttp.ClientSession() as client,
        client.ws_connect(f"ws://127.0.0.1:{port}/", max_msg_size=0) as socket,
    ):
        await _ask(socket, "OpenCamera", mediaNum=0, resolutionNum=0, fps=15)
        await _ask(socket, "GetCameraVideoBuff", enable=True)
        return {name: await _waits(socket, case, captures) for name, case in CASES.items()}


async def _waits(socket: aiohttp.ClientWebSocketResponse, case: Settings, captures: int) -> list[float]:
    await _ask(
        socket, "SetCameraImageInfo", cropType=case.crop, imageType=case.image_type, deskew=case.deskew
    )
    return await _timed(partial(_ask, socket), captures)


async def _timed(ask: Ask, captures: int) -> list[float]:
    """Return the milliseconds of some captures; the first one, which warms up, does not count."""
    waits = []
    for number in range(captures + 1):
        # Not in step with the camera.
        await asyncio.sleep(0.3 + 0.017 * (number % 4))
        begun = time.perf_counter()
        await ask("CameraCaptureBase64")
        waits.append((time.perf_counter() - begun) * 1000)
    return waits[1:]


async def _ask(socket: aiohttp.ClientWebSocketResponse, func: str, **parameters: object) -> None:
    """Send a request and wait for its answer, past the preview's pictures."""
    await socket.send_json({"func": func, "reqId": "shutter", "devNum": 0, **parameters})
    async with asyncio.timeout(SECONDS):
        while True:
            message = await socket.receive()
            # Pictures of the preview are many and long, and have no number of a request.
            if '"shutter"' not in message.data[:1024] + message.data[-1024:]:
                continue
            answer = message.json()
            if answer["func"] == func:
                if answer["result"] != 0:
                    raise RuntimeError(f"{func}: {answer}")
                return


def _body(
    shots: Sequence[Shot],
    costs: dict[str, list[Cost]],
    waits: dict[str, list[float]],
    roads: RoadWaits | None,
) -> str:
    kinds = list(dict.fromkeys(shot.kind for shot in shots))
    rows = []
    for name, each in costs.items():
        for kind in kinds:
            some = [one for one, shot in zip(each, shots, strict=True) if shot.kind == kind]
            rows.append((f"{name}, {kind}", *_figures(some)))
    head = ("way, picture", "ms", "floor", "times the floor", "crop", "upright, deskew", "image type")
    waited = [
        (name, f"{np.median(some):.0f}", f"{np.percentile(some, 90):.0f}") for name, some in waits.items()
    ]
    parts = [_intro(shots), report.table(head, rows)]
    if waited:
        parts.append(report.table(("way, desk", "median at the client", "90 %"), waited))
    if roads is not None:
        parts.append(_of_roads(roads))
    return "\n\n".join(parts)


def _of_roads(roads: RoadWaits) -> str:
    by_socket, by_http = (float(np.median(some)) for some in roads)
    return (
        f"A cropped picture by HTTP, without a preview: {by_http:.0f} ms at the client, by the socket "
        f"{by_socket:.0f} ms, {by_http / by_socket:.2f} times (medians of {len(roads.http)} each, "
        f"{PER_TURN} by one road and {PER_TURN} by the other)."
    )


def _figures(costs: Sequence[Cost]) -> tuple[str, ...]:
    whole, least = (float(np.mean([getattr(one, name) for one in costs])) for name in ("whole", "floor"))
    stages = {name: float(np.mean([one.stages[name] for one in costs])) for name in costs[0].stages}
    parts = (stages["crop"], stages["upright"] + stages["deskew"], stages["image_type"])
    return (f"{whole:.0f}", f"{least:.0f}", f"{whole / least:.2f}", *(f"{part:.0f}" for part in parts))


def _intro(shots: Sequence[Shot]) -> str:
    return (
        f"{report.machine(('opencv-contrib-python', 'numpy', 'onnxruntime'))} A camera's JPEG of "
        f"{SIZE} (q85, 4:2:2) to the JPEG that a client gets: SYNTHETIC, a page on a desk, and "
        f"{len(shots) - 1} photographs of sheets enlarged to that size. Milliseconds of processor time of "
        f"one thread, medians of {RUNS}. *Floor*: decode, one `warpPerspective` (linear) to as many pixels, "
        "encode; measured in turn. Pixels of a page are warped by the first stage that needs them. At the "
        "client: from the request to the picture, with the wait for a frame that was taken after it (67 ms "
        "between two), while the preview with its outline goes on."
    )
