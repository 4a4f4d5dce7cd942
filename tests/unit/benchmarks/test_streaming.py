from __future__ import annotations

import base64
import json
import socket
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.streaming import bench, limits, measure, relay
from benchmarks.streaming.camera import Replay
from benchmarks.streaming.case import Duration
from benchmarks.streaming.client import StreamFailed, Viewer, grant
from benchmarks.streaming.frames import frames
from benchmarks.streaming.naive import draw_outline
from benchmarks.streaming.stamp import Stampable, find, put_back


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def decode(jpeg: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


def test_a_stamp_travels_in_a_jpeg_that_looks_the_same(cache: Path) -> None:
    jpeg = frames("VGA", cache)[0]
    stamped = Stampable(jpeg).stamped(1234567890123)
    assert find(stamped[:192]) == 1234567890123
    assert find(jpeg[:192]) is None
    assert np.array_equal(decode(stamped), decode(jpeg))


def test_a_stamp_is_put_back_into_base64(cache: Path) -> None:
    jpeg = frames("VGA", cache)[0]
    stamped = base64.b64decode(put_back(base64.b64encode(jpeg), 4321), validate=True)
    assert stamped == Stampable(jpeg).stamped(4321)


def test_frames_are_rendered_once_and_move(cache: Path) -> None:
    first = frames("VGA", cache)
    assert frames("VGA", cache) == first
    assert len(set(first)) == 16


def test_a_late_reader_misses_frames(cache: Path) -> None:
    replay = Replay("VGA", cache)
    replay._start -= 10
    assert replay.wait == 0
    assert replay.take().seq >= 300
    assert replay.wait > 0


def message(payload: bytes) -> bytes:
    size = len(payload)
    return (
        b"\x81" + (struct.pack(">BH", 126, size) if size < 65536 else struct.pack(">BQ", 127, size)) + payload
    )


def picture(jpeg: bytes, filler: int) -> bytes:
    body = {"result": 0, "imageBase64Str": base64.b64encode(jpeg + bytes(filler)).decode()}
    return message(json.dumps(body).encode())


@pytest.mark.parametrize("piece", [1, 700, 1 << 20])
def test_the_viewer_counts_pictures_however_they_arrive(cache: Path, piece: int) -> None:
    stamped = Stampable(frames("VGA", cache)[0]).stamped(77)[:6000]
    ours, theirs = socket.socketpair()
    viewer = Viewer(ours)
    wire = picture(stamped, 0) + message(b'{"result": 0, "pad": "%s"}' % (b"x" * 200)) + picture(stamped, 500)
    with ours, theirs:
        ours.setblocking(False)
        for start in range(0, len(wire), piece):
            theirs.sendall(wire[start : start + piece])
            try:
                while True:
                    viewer.readable()
            except BlockingIOError:
                pass
    assert [taken for _, taken in viewer.frames] == [77, 77]


def test_the_viewer_reports_what_the_server_refused() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(message(json.dumps({"result": 2002, "errorMsg": "x" * 200}).encode()))
        viewer = Viewer(ours)
        with pytest.raises(StreamFailed, match="2002"):
            for _ in range(9):
                viewer.readable()


def test_a_picture_without_the_outline_is_noticed(cache: Path) -> None:
    image = decode(frames("VGA", cache)[0])

    def sent() -> bytes:
        return picture(cv2.imencode(".jpg", image)[1].tobytes(), 0)

    assert not measure.shows_outline(sent(), binary=False)
    draw_outline(image)
    assert measure.shows_outline(sent(), binary=False)


@pytest.mark.long
def test_the_comparison_runs_and_prints_its_section(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = [
        "--sizes",
        "VGA",
        "--viewers",
        "1",
        "--speeds",
        "2",
        "--warm",
        "0.4",
        "--seconds",
        "0.5",
        "--only",
        "comparison",
    ]
    assert bench.main([*options, "--cache", str(cache), "--unpublished"]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| VGA")]
    assert [row.split("|")[4].strip() for row in rows] == ["no", "yes"]
    assert all(row.count(" x ") == 4 for row in rows)


def test_a_slow_viewer_takes_no_more_than_its_pace() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        wire = message(b'{"result": 0, "pad": "%s"}' % (b"x" * 3000))
        theirs.sendall(wire)
        viewer = Viewer(ours, allowance=0.0)
        grant(viewer, 0.0)
        grant(viewer, 1000.0)
        ours.setblocking(True)
        assert len(ours.recv(1 << 16)) == len(wire) - 1000


def test_the_outline_of_a_binary_frame_is_in_its_header() -> None:
    for outlines, seen in (([], False), ([[[1, 2], [3, 4]]], True)):
        header = json.dumps({"outlines": outlines}).encode()
        assert measure.shows_outline(struct.pack(">I", len(header)) + header + b"\xff\xd8", True) == seen


def test_a_relay_that_is_not_there_is_a_reason_and_no_failure(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(relay, "COMMAND", "no-such-program")
    monkeypatch.setattr(limits, "TOPICS", (limits.relayed,))
    text, failed = limits.table(limits.Scope("VGA", "VGA", 1, Duration(0.1, 0.1), 1.0, cache))
    assert "not measured: no no-such-program here" in text
    assert not failed
