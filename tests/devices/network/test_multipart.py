"""Multipart streams of every manner give the same pictures, byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.devices.adapters.network.entry import LinkError
from server.devices.adapters.network.multipart import HEAD_LIMIT, Parts

PICTURES = [b"\xff\xd8" + bytes([number]) * 300 + b"\r\n\r\n--\xff\xd9" for number in (1, 2, 3)]


def stream(head: str, mark: bytes = b"--frame") -> bytes:
    """All pictures, each after its boundary and a header; `{n}` stands for its length."""
    parts = [mark + b"\r\n" + head.format(n=len(it)).encode() + b"\r\n\r\n" + it + b"\r\n" for it in PICTURES]
    return b"".join(parts) + mark + b"\r\n"


@pytest.mark.sampled(5)
@pytest.mark.parametrize(
    ("head", "mark", "announced"),
    [
        ("Content-Type: image/jpeg\r\nContent-Length: {n}", b"--frame", "frame"),
        ("content-length: {n}\r\nX-Time: 1", b"--frame", "frame"),
        ("Content-Type: image/jpeg", b"--frame", "frame"),
        ("Content-Type: image/jpeg", b"--frame", "--frame"),
        ("Content-Type: image/jpeg\r\nContent-Length: {n}", b"----frame", '"--frame"'),
        ("Content-Length: 7", b"--frame", "frame"),
        ("Content-Length: 1{n}", b"--frame", "frame"),
        ("Content-Length: -5", b"--frame", "frame"),
    ],
)
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_pictures_come_out_untouched(head: str, mark: bytes, announced: str, step: int) -> None:
    # A length ten times too large is noticed only once so many bytes have come.
    data = stream(head, mark) + bytes(6000)
    parts = Parts(announced)
    found = [it for at in range(0, len(data), step) for it in parts.feed(data[at : at + step])]
    assert found == PICTURES


def test_a_right_length_needs_no_next_boundary() -> None:
    parts = Parts("frame")
    head = f"--frame\r\nContent-Length: {len(PICTURES[0])}\r\n\r\n".encode()
    assert list(parts.feed(head + PICTURES[0])) == [PICTURES[0]]


def test_the_end_of_the_connection_completes_a_picture() -> None:
    parts = Parts("frame")
    assert list(parts.feed(b"--frame\r\n\r\n" + PICTURES[0])) == []
    assert parts.finish() == PICTURES[0]
    assert Parts("frame").finish() == b""


def test_half_a_picture_is_none() -> None:
    half = b"--frame\r\nContent-Type: image/jpeg\r\n\r\n" + PICTURES[0][:100] + b"\r\n"
    assert list(Parts("frame").feed(half + stream(""))) == PICTURES


@pytest.mark.parametrize("boundary", ["", '""', "--", "x" * 300, "gr\u00fcn"])
def test_unusable_boundaries_are_refused(boundary: str) -> None:
    with pytest.raises(LinkError, match="boundary"):
        Parts(boundary)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"--frame\r\n" + b"X: y\r\n" * HEAD_LIMIT, "header"),
        (b"--frame\r\nContent-Length: 999999999999\r\n\r\n", "larger"),
        (b"--frame\r\n\r\n" + bytes(5000), "larger"),
    ],
)
def test_nothing_grows_without_bound(data: bytes, reason: str) -> None:
    with pytest.raises(LinkError, match=reason):
        list(Parts("frame", limit=4000).feed(data))


def test_noise_before_the_first_boundary_is_not_kept() -> None:
    parts = Parts("frame", limit=4000)
    for _ in range(100):
        assert list(parts.feed(bytes(1000))) == []
    assert list(parts.feed(stream(""))) == PICTURES


@settings(max_examples=200)
@given(
    st.lists(
        st.one_of(st.binary(max_size=40), st.sampled_from([b"--frame", b"\r\n\r\n", PICTURES[0]])),
        max_size=12,
    )
)
def test_any_bytes_give_whole_jpegs_or_an_error(pieces: list[bytes]) -> None:
    parts = Parts("frame", limit=4000)
    for piece in pieces:
        try:
            found = list(parts.feed(piece))
        except LinkError:
            return
        assert all(it.startswith(b"\xff\xd8") and it.endswith(b"\xff\xd9") for it in found)
