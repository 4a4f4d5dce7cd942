"""JPEGs and damage to them that knows where it hurts: every kind is drawn from one random stream."""

from __future__ import annotations

import struct
from collections.abc import Callable
from random import Random

from imgcore.jpeg.standard import STANDARD_DHT
from tests.unit.imgcore.jpeg.pictures import FACTORS, grey, jpeg, picture, progressive, without_tables

DQT = 0xDB
DHT = 0xC4
DRI = 0xDD
SOF0 = 0xC0
SOS = 0xDA
ODD_BYTES = (0, 1, 2, 0x0F, 0x10, 0x11, 0x22, 0x41, 0x44, 0x7F, 0x80, 0xD0, 0xD7, 0xD9, 0xFE, 0xFF)
ODD_SIZES = (0, 1, 7, 8, 9, 63, 255, 256, 3000, 8192, 32767, 65500, 65535)


def wholesome() -> list[bytes]:
    """Small JPEGs of every kind that is known here, and some that are refused."""
    found = [jpeg(picture(40, 56, seed), sampling) for seed, sampling in enumerate(FACTORS)]
    found += [jpeg(picture(48, 33), sampling, restart=2) for sampling in ("422", "420")]
    found += [jpeg(picture(32, 32), "420", quality=quality) for quality in (1, 30, 100)]
    found += [jpeg(picture(32, 48), restart=1, optimise=True), grey(picture(33, 33)), grey(picture(64, 8), 3)]
    found += [without_tables(found[1]), progressive(picture(24, 24)), jpeg(picture(200, 160), "411")]
    return found


def damaged(whole: bytes, random: Random) -> bytes:
    """`whole` after one to six injuries."""
    data = bytearray(whole)
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        random.choice(INJURIES)(data, random)
    return bytes(data)


def _segments(data: bytearray, *markers: int) -> list[tuple[int, int]]:
    """(start of the body, its length) of header segments, as far as they can be followed."""
    at = 2
    found = []
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        length = data[at + 2] << 8 | data[at + 3]
        if not markers or marker in markers:
            found.append((at + 4, max(0, min(length - 2, len(data) - at - 4))))
        if marker == SOS:
            break
        at += 2 + max(length, 2)
    return found


def _coded(data: bytearray) -> int:
    """Where the entropy-coded data begin."""
    scans = _segments(data, SOS)
    return min(sum(scans[0]) if scans else 2, max(0, len(data) - 1))


def _place(data: bytearray, random: Random, *markers: int) -> int:
    bodies = [body for body in _segments(data, *markers) if body[1]]
    if not bodies:
        return random.randrange(len(data) or 1)
    start, length = random.choice(bodies)
    return min(start + random.randrange(length), max(0, len(data) - 1))


def _set(data: bytearray, at: int, value: int) -> None:
    if at < len(data):
        data[at] = value & 0xFF


def flip(data: bytearray, random: Random) -> None:
    at = random.randrange(len(data) or 1)
    _set(data, at, (data[at] if data else 0) ^ 1 << random.randrange(8))


def burst(data: bytearray, random: Random) -> None:
    at = random.randrange(_coded(data) or 1, len(data) + 1) if _coded(data) < len(data) else 0
    data[at : at + random.randrange(1, 60)] = random.randbytes(random.randrange(60))


def ones(data: bytearray, random: Random) -> None:
    """Bytes of ones or zeros: the longest codes, or the shortest."""
    at = random.randrange(_coded(data), len(data)) if _coded(data) < len(data) else 0
    data[at : at + 4] = random.choice((b"\xff\x00", b"\0", b"\xfe")) * random.randrange(1, 4000)


def cut(data: bytearray, random: Random) -> None:
    del data[random.randrange(len(data) + 1) :]


def cut_out(data: bytearray, random: Random) -> None:
    at = random.randrange(len(data) + 1)
    del data[at : at + random.randrange(1, 40)]


def size(data: bytearray, random: Random) -> None:
    for start, length in _segments(data, SOF0):
        value = random.choice(ODD_SIZES) if random.random() < 0.5 else random.randrange(1, 300)
        if length >= 5:
            struct.pack_into(">H", data, start + random.choice((1, 3)), value)


def huge(data: bytearray, random: Random) -> None:
    for start, length in _segments(data, SOF0):
        if length >= 5:
            struct.pack_into(
                ">HH", data, start + 1, *random.choice(((65500, 3000), (3000, 65500), (14000, 14000)))
            )


def sampling(data: bytearray, random: Random) -> None:
    for start, length in _segments(data, SOF0):
        for at in range(start + 7, start + length, 3):
            if random.random() < 0.5:
                _set(data, at, random.choice((1, 2, 4, 0, 3)) << 4 | random.choice((1, 2, 4, 0, 3)))


def frame(data: bytearray, random: Random) -> None:
    _set(data, _place(data, random, SOF0), random.choice(ODD_BYTES))


def quants(data: bytearray, random: Random) -> None:
    _set(data, _place(data, random, DQT), random.choice(ODD_BYTES))


def tables(data: bytearray, random: Random) -> None:
    _set(data, _place(data, random, DHT), random.choice((random.randrange(256), random.choice(ODD_BYTES))))


def counts(data: bytearray, random: Random) -> None:
    """Code lengths: shift one code to another length, so that the table stays possible."""
    for start, length in _segments(data, DHT):
        if length >= 17:
            rows = random.sample(range(start + 1, start + 17), 2)
            if data[rows[0]]:
                _set(data, rows[0], data[rows[0]] - 1)
                _set(data, rows[1], data[rows[1]] + 1)


def own_tables(data: bytearray, random: Random) -> None:
    """Four tables of one- to sixteen-bit codes with any symbols."""
    segment = b""
    for place in (0x00, 0x01, 0x10, 0x11):
        rows = []
        free = 1
        for _ in range(16):
            free *= 2
            rows.append(random.randrange(min(free, 17)) if random.random() < 0.5 else 0)
            free -= rows[-1]
        segment += bytes([place, *rows]) + random.randbytes(sum(rows))
    data[2:2] = struct.pack(">BBH", 0xFF, DHT, 2 + len(segment)) + segment
    for start, length in reversed(_segments(data, DHT)[1:]):
        if random.random() < 0.9:
            del data[start - 4 : start + length]


def interval(data: bytearray, random: Random) -> None:
    found = _segments(data, DRI)
    value = random.choice((0, 1, 2, 3, 7, 100, 65535))
    if found and found[0][1] >= 2:
        struct.pack_into(">H", data, found[0][0], value)
    else:
        data[2:2] = struct.pack(">BBHH", 0xFF, DRI, 4, value)


def scan(data: bytearray, random: Random) -> None:
    _set(data, _place(data, random, SOS), random.choice(ODD_BYTES))


def marker(data: bytearray, random: Random) -> None:
    at = random.randrange(_coded(data), len(data)) if _coded(data) < len(data) else 0
    data[at:at] = bytes((0xFF, random.choice((*range(0xD0, 0xDA), 0, 0xFF, 0xC4, 0xFE))))


def move_marker(data: bytearray, random: Random) -> None:
    start = _coded(data)
    places = [at for at in range(start, len(data) - 1) if data[at] == 0xFF and 0xD0 <= data[at + 1] <= 0xD9]
    if places:
        at = random.choice(places)
        moved = bytes(data[at : at + 2])
        del data[at : at + 2]
        to = random.randrange(start, len(data) + 1)
        data[to:to] = moved


def length(data: bytearray, random: Random) -> None:
    bodies = _segments(data)
    if bodies:
        _set(data, random.choice(bodies)[0] - random.choice((1, 2)), random.choice(ODD_BYTES))


def repeat(data: bytearray, random: Random) -> None:
    """A segment twice, or the standard tables once more."""
    bodies = _segments(data)
    if bodies:
        start, size_ = random.choice(bodies)
        data[start - 4 : start - 4] = random.choice((bytes(data[start - 4 : start + size_]), STANDARD_DHT))


INJURIES: tuple[Callable[[bytearray, Random], None], ...] = (
    flip, flip, burst, ones, cut, cut_out, size, huge, sampling, frame, quants, tables, counts, own_tables,
    interval, scan, marker, move_marker, length, repeat,
)  # fmt: skip
