"""One measurement: a server and its viewers, each in a process of its own."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.streaming.case import Case, Duration
from benchmarks.streaming.frames import GRAINED
from benchmarks.streaming.processes import BenchmarkFailed, Clock, expect, line_of, process


@dataclass(frozen=True)
class Measurement:
    """Result of one measurement.

    Attributes
    ----------
    fps
        Pictures a second that each viewer got, on average; one with a pace of its own aside.
    cpu
        Milliseconds of the server's processor time for one frame delivered to all viewers.
    p50, p99
        Milliseconds from the frame's taking to its last byte's arrival; None where the
        server's picture carries no time any more.
    foreign
        0..1, the part of the machine's processor time that neither server nor viewers used:
        the figures of a busy machine are worth little.
    message
        Bytes of one picture message.
    paced_fps, paced_p50
        Of the viewer with a pace of its own.
    least_fps
        Pictures a second of the viewer that got the fewest.
    oldest
        Milliseconds, the longest latency of any picture.
    processors
        Processors that the server kept busy.
    """

    fps: float
    cpu: float
    p50: float | None
    p99: float | None
    foreign: float
    message: int
    paced_fps: float | None = None
    paced_p50: float | None = None
    least_fps: float = 0.0
    oldest: float | None = None
    processors: float = 0.0


def measure(kind: str, case: Case, duration: Duration, cache: Path) -> Measurement:
    """Measure one server.

    Parameters
    ----------
    kind
        The module that runs it: ``naive``, ``bare`` or ``gaopai``; ``networked`` is gaopai with a camera that
        a process of its own serves over HTTP.

    Raises
    ------
    BenchmarkFailed
        A process failed, or no outline was drawn although one was asked for.
    """
    frames = (case.size, str(cache), str(case.speed))
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        if kind == "networked":
            address = line_of(stack.enter_context(process("http_camera", *frames)))
            server = stack.enter_context(process("gaopai", *frames, address))
        else:
            server = stack.enter_context(process(kind, *frames))
        port = line_of(server)
        sample = Path(folder, "sample")
        with process("client", *client_arguments(port, case, duration, sample)) as client:
            expect(client, "served")
            expect(client, "start")
            before = Clock.read(server.pid, client.pid)
            expect(client, "end")
            spent = Clock.read(server.pid, client.pid).since(before)
            seen = json.loads(line_of(client))
        message = sample.read_bytes()
    # The naive server's contours are lost in strong grain; what it does not draw costs it nothing.
    excused = kind == "naive" and case.size in GRAINED
    if shows_outline(message, case.binary) != case.outline and not excused:
        raise BenchmarkFailed(f"{kind}: {'no' if case.outline else 'an'} outline in the picture")
    return _measurement(seen, spent, case, len(message))


def client_arguments(port: str, case: Case, duration: Duration, sample: Path) -> list[str]:
    """The arguments of the viewers' process."""
    return [port, case.to_json(), str(duration.warm), str(duration.measured), str(sample)]


def _measurement(seen: list[list[float | None]], spent: Clock, case: Case, message: int) -> Measurement:
    paced = [] if case.pace is None else seen[-1:]
    even = seen[: len(seen) - len(paced)]
    latencies = [latency for frames in even for latency in frames]
    frames = len(latencies) / len(even)
    cpu = 1000 * spent.server / max(frames, 1e-9)
    p50 = _percentile(latencies, 50)
    p99 = _percentile(latencies, 99)
    paced_fps, paced_p50 = (len(paced[0]) / spent.wall, _percentile(paced[0], 50)) if paced else (None, None)
    return Measurement(
        *(frames / spent.wall, cpu, p50, p99, spent.foreign, message, paced_fps, paced_p50),
        least_fps=min(map(len, even)) / spent.wall,
        oldest=_percentile(latencies, 100),
        processors=spent.server / spent.wall,
    )


def _percentile(latencies: Sequence[float | None], part: float) -> float | None:
    known = [latency for latency in latencies if latency is not None]
    return float(np.percentile(known, part)) if known else None


def shows_outline(message: bytes, binary: bool) -> bool:
    """Return whether the picture in a message shows a green line, or its header carries an outline.

    Raises
    ------
    BenchmarkFailed
        There is no picture.
    """
    if binary:
        end = 4 + int.from_bytes(message[:4], "big")
        return bool(json.loads(message[4:end])["outlines"])
    text = re.search(rb'"imageBase64Str":\s*"([^"]+)"', message)
    if text is None:
        raise BenchmarkFailed(f"no picture in a message of {len(message)} bytes")
    image = cv2.imdecode(np.frombuffer(base64.b64decode(text[1]), np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise BenchmarkFailed("the picture cannot be decoded")
    blue, green, red = cv2.split(image)
    line = (green > 150) & (blue < 110) & (red < 110)
    return bool(np.count_nonzero(line) > max(image.shape))
