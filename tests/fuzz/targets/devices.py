"""What devices say: camera streams, modules for resident cards, smart cards, fingerprint templates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from imgcore.fingerprint.formats import FormatError, FormatNotComparable, TemplateFormat, read, write
from imgcore.fingerprint.template import Minutia, Template, build
from server.devices import resident
from server.devices.adapters.network.entry import LinkError
from server.devices.adapters.network.multipart import Parts
from server.devices.adapters.pcsc import apdu as tlv
from server.devices.adapters.pcsc.bank import CardData
from server.devices.adapters.samv.frame import Parser, SamAnswer, SamCommand, encode, encode_answer
from server.devices.ports.frame_header import (
    MOST_PIXELS,
    PIXELS_PER_BYTE,
    jpeg_fault,
    read_jpeg_header,
)
from tests.fuzz.target import Target

STEPS = (1, 7, 100_000)
"""Bytes that arrive at once."""


def attack_multipart(data: bytes) -> None:
    """A stream gives the same pictures however it is cut."""
    found = [_pictures(data, step) for step in STEPS]
    whole = [pictures for pictures in found if pictures is not None]
    assert all(pictures == whole[0] for pictures in whole)


def _pictures(data: bytes, step: int) -> list[bytes] | None:
    parts = Parts("frame", limit=2048)
    try:
        found = [it for at in range(0, len(data), step) for it in parts.feed(data[at : at + step])]
    except LinkError:
        return None
    return [*found, parts.finish()]


def attack_camera_header(data: bytes) -> None:
    """A decoder makes no larger picture of a JPEG than the header that was judged says."""
    header = read_jpeg_header(data)
    if header is None or jpeg_fault(data) is not None:
        return
    width, height = header.size
    assert width * height <= min(MOST_PIXELS, PIXELS_PER_BYTE * len(data))
    try:
        image = cv2.imdecode(
            np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION
        )
    except cv2.error:
        return
    assert image is None or image.shape == (height, width)


def attack_samv(data: bytes) -> None:
    """A module's answers, and the cards in them."""
    parser = Parser()
    answers = [answer for at in range(0, len(data), 16) for answer in parser.feed(data[at : at + 16])]
    for answer in [*answers, *parser.give_up()]:
        for count in (2, 3):
            _read_card(answer.data, count)
        resident.latest_address(answer.data)


def _read_card(data: bytes, parts: int) -> None:
    try:
        resident.read_card(resident.split(data, parts))
    except resident.MalformedRecord:
        return


def attack_tlv(data: bytes) -> None:
    """A card's objects, lists and records, and the number of a bank card in them."""
    for parse in (_walked, tlv.tags_and_lengths, tlv.record):
        try:
            parse(data)
        except tlv.MalformedTlv:
            continue
    CardData().take(data)


def _walked(data: bytes) -> Iterable[object]:
    return list(tlv.walk(data))


def attack_template(data: bytes) -> None:
    """A template that can be read can be written, in every format that holds it."""
    try:
        views = read(data)
    except (FormatError, FormatNotComparable):
        return
    for kind in TemplateFormat:
        try:
            written = write(views, kind)
        except FormatError:
            continue
        assert len(read(written)) == len(views)


def multipart_seeds() -> Sequence[bytes]:
    """With and without lengths."""
    jpeg = b"\xff\xd8" + bytes(range(1, 60)) + b"\xff\xd9"
    heads = [b"Content-Type: image/jpeg\r\n", b"Content-Length: %d\r\n" % len(jpeg), b"content-length: 7\r\n"]
    return [b"".join(b"--frame\r\n" + head + b"\r\n" + jpeg + b"\r\n" for _ in range(3)) for head in heads]


def camera_header_seeds() -> Sequence[bytes]:
    """Grey and colour, with a comment, fill bytes and a thumbnail before the frame header."""
    picture = np.arange(48 * 64, dtype=np.uint8).reshape(48, 64)
    grey, colour = (cv2.imencode(".jpg", image)[1].tobytes() for image in (picture, cv2.merge([picture] * 3)))
    thumbnail = b"\xff\xe1" + (2 + len(grey)).to_bytes(2, "big") + grey
    segments = (b"", b"\xff\xfe\0\5abc", b"\xff\xff", thumbnail)
    return [jpeg[:2] + segment + jpeg[2:] for jpeg in (grey, colour) for segment in segments]


def samv_seeds() -> Sequence[bytes]:
    """Each command, and answers with cards of each kind."""
    cards = []
    for kind in " JIY":
        text = ("张三".ljust(124) + kind).encode("utf-16-le").ljust(256, b" ")[:256]
        body = (256).to_bytes(2, "big") + (4).to_bytes(2, "big") + text + b"WLf\0"
        cards.append(encode_answer(SamAnswer(0x90, body)))
    return [*map(encode, SamCommand), *cards, b"\xaa\0" + cards[0]]


def tlv_seeds() -> Sequence[bytes]:
    """A record of a bank card, a PDOL, a simple record."""
    found = ("70155A0862220200000000005F24033012315F280201565F3401", "9F66049F02069F03069F1A0295055F2A029A03",
             "0106313233343536", "6F128407A0000003330101A5079F38049F660400")  # fmt: skip
    return [bytes.fromhex(text) for text in found]


def template_seeds() -> Sequence[bytes]:
    """Every format, one view and two."""
    return [write([_template()] * count, kind) for kind in TemplateFormat for count in (1, 2)]


def _template() -> Template:
    return build((400, 300), [Minutia(100, 50, 90, True, 0.9), Minutia(200, 150, 180, False, 0.4)])


MULTIPART = Target(
    attack_multipart, multipart_seeds, words=[b"--frame\r\n", b"\r\n\r\n", b"Content-Length: "]
)
CAMERA_HEADER = Target(
    attack_camera_header,
    camera_header_seeds,
    words=[b"\xff\xc0\0\x0b\x08", b"\xff\xc2", b"\xff\xd8", b"\x5d\xc0\x5d\xc0"],
)
SAMV = Target(attack_samv, samv_seeds, words=[bytes.fromhex("AAAAAA9669"), bytes.fromhex("AA9669")])
TLV = Target(attack_tlv, tlv_seeds, 512)
TEMPLATE = Target(attack_template, template_seeds, words=[b"FMR\0 20\0", b"FMR\x00030\0"])
