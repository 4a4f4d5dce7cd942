"""What a recording proves of itself: each change of its bytes is told, with its place."""

from __future__ import annotations

import io
import random
from datetime import UTC, datetime
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from server.documents.proven_recording import ProvenRecording
from server.documents.recording_proof import HashedFile, RecordingVerdict, is_recording, verify_recording

FRAMES = 130
FPS = 5
CLUSTER = b"\x1f\x43\xb6\x75"
SIGNATURE = b"a signature of somebody else's"


def _jpegs() -> list[bytes]:
    noise = np.random.default_rng(7)
    pictures = (noise.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(FRAMES))
    return [cv2.imencode(".jpg", picture)[1].tobytes() for picture in pictures]


def _recorded(path: Path, *, sealed: bool = True) -> bytes:
    with path.open("w+b", buffering=0) as file:
        film = ProvenRecording(file, (64, 48), "Camera", datetime(2026, 12, 5, tzinfo=UTC))
        for number, jpeg in enumerate(_jpegs()):
            film.write(jpeg, number / FPS)
        if sealed:
            film.seal(film.close((7.0,), "stopped"), SIGNATURE)
    return path.read_bytes()


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a sealed recording of 25.8 seconds."""
    return _recorded(tmp_path_factory.mktemp("film") / "film.mkv")


def _verdict(film: bytes) -> RecordingVerdict:
    return verify_recording(io.BytesIO(film))


def _seconds(film: bytes, offset: int) -> float:
    """Return the time of the frame that has a byte of a file."""
    with av.open(io.BytesIO(film)) as container:
        frames = [packet for packet in container.demux(video=0) if packet.size]
    return max(float(frame.pts * frame.time_base) for frame in frames if frame.pos <= offset)


def test_a_recording_is_whole_and_says_what_it_is(film: bytes) -> None:
    verdict = _verdict(film)
    assert (verdict.whole, verdict.altered, verdict.alterations) == (True, False, ())
    assert verdict.signature == SIGNATURE
    assert verdict.proof is not None
    assert (verdict.proof.device, verdict.proof.reason) == ("Camera", "stopped")
    assert verdict.proof.seconds == verdict.proven_seconds == (FRAMES - 1) / FPS
    assert is_recording(io.BytesIO(film))


def test_players_see_frames_and_chapters_as_without_a_seal(film: bytes) -> None:
    with av.open(io.BytesIO(film)) as container:
        assert len(container.chapters()) == 2
        assert [bytes(packet) for packet in container.demux(video=0) if packet.size] == _jpegs()


def test_each_flipped_byte_is_told(film: bytes) -> None:
    chance = random.Random(1)
    for _ in range(300):
        altered = bytearray(film)
        altered[chance.randrange(len(film))] ^= chance.randrange(1, 256)
        verdict = _verdict(bytes(altered))
        # A broken seal is none, or has another signature: see `test_the_seal_itself`.
        assert (
            not verdict.whole or verdict.signature != SIGNATURE or verdict.content != _verdict(film).content
        )


def test_a_flipped_byte_of_a_frame_is_told_with_its_place(film: bytes) -> None:
    offset = film.index(_jpegs()[60]) + 500
    altered = bytearray(film)
    altered[offset] ^= 1
    verdict = _verdict(bytes(altered))
    assert verdict.altered
    (part,) = verdict.alterations
    assert part.end is not None
    assert part.begin <= 60 / FPS <= part.end
    assert part.end - part.begin < 6
    assert verdict.proven_seconds == part.begin


def test_a_frame_cut_out_is_told_from_there(film: bytes) -> None:
    jpeg = _jpegs()[60]
    at = film.index(jpeg)
    verdict = _verdict(film[:at] + film[at + len(jpeg) :])
    assert verdict.altered
    assert verdict.alterations[0].begin <= 60 / FPS
    assert verdict.proven_seconds <= 60 / FPS


def test_two_clusters_swapped_are_told(film: bytes) -> None:
    starts = [at for at in range(len(film)) if film.startswith(CLUSTER, at)]
    first, second, third = starts[3:6]
    swapped = film[:first] + film[second:third] + film[first:second] + film[third:]
    verdict = _verdict(swapped)
    assert verdict.altered
    assert verdict.proven_seconds <= _seconds(film, first)


def test_an_end_cut_off_is_told(film: bytes) -> None:
    seal = film.rindex(b"gaopai-recording-proof")
    cut = film[: len(film) // 2] + film[seal - 9 :]
    verdict = _verdict(cut)
    assert verdict.altered
    assert verdict.alterations[-1].end is None
    assert verdict.proven_seconds < 14


def test_the_seal_itself(film: bytes) -> None:
    """Bytes of the seal that are no longer what was signed: content, signature or seal are others."""
    seal = film.rindex(b"gaopai-recording-proof")
    whole = _verdict(film)
    for offset in range(seal - 9, len(film)):
        altered = bytearray(film)
        altered[offset] ^= 1
        verdict = _verdict(bytes(altered))
        assert (verdict.whole, verdict.content, verdict.signature) != (
            True,
            whole.content,
            whole.signature,
        ), offset


def test_a_killed_recording_is_proven_up_to_its_last_line(tmp_path: Path) -> None:
    killed = _recorded(tmp_path / "killed.mkv", sealed=False)
    verdict = _verdict(killed)
    assert (verdict.whole, verdict.altered, verdict.content) == (False, False, b"")
    assert verdict.proven_seconds == 25.0
    altered = bytearray(killed)
    altered[killed.index(_jpegs()[60]) + 500] ^= 1
    verdict = _verdict(bytes(altered))
    assert verdict.altered
    assert 5 < verdict.proven_seconds <= 60 / FPS


def test_lines_that_lie_about_numbers_and_places_cost_no_more_than_the_file() -> None:
    line = b'gaopai-proof {"number":%d,"first":0,"end":99999,"seconds":1,"sha256":"","chain":""}'
    nonsense = b"\x1aE\xdf\xa3" + b"".join(line % number for number in range(2000)) + b"gaopai-proof {}"
    verdict = _verdict(nonsense)
    assert (verdict.whole, verdict.altered, verdict.proof) == (False, True, None)
    assert verdict.proven_seconds == 0


def test_nothing_behind_the_header_can_be_written_anew() -> None:
    file = HashedFile(io.BytesIO())
    file.write(b"header")
    file.begin()
    file.write(b"frames")
    file.seek(0)
    file.write(b"HEADER")
    file.seek(8)
    with pytest.raises(OSError, match="header"):
        file.write(b"other")
