"""What one preview's client is told of codes, and when."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from imgcore.barcode import Code, Symbology
from server.devices.ports.camera import Size
from server.services.barcodes.tracker import VisibleBarcodes
from server.services.barcodes.watcher import BarcodeSubscriber, BarcodeSubscription, BarcodeWatcher

CORNERS = np.array([(10, 20), (19, 20), (19, 29), (10, 29)], np.float32)


def sight(*texts: str) -> VisibleBarcodes:
    return VisibleBarcodes(tuple(Code(text, Symbology.QR, CORNERS) for text in texts), Size(640, 480))


class Line:
    """A client that has had its first frame and keeps up, until the test says otherwise."""

    started = True
    idle = True

    def ready(self) -> bool:
        return self.idle


class FakeLookout:
    """Has onlookers and no search."""

    def __init__(self) -> None:
        self.onlookers: set[BarcodeSubscriber] = set()

    def add(self, onlooker: BarcodeSubscriber) -> None:
        self.onlookers.add(onlooker)

    def remove(self, onlooker: BarcodeSubscriber) -> None:
        self.onlookers.discard(onlooker)


class Client:
    """A preview's client and what it hears."""

    def __init__(self, clockwise: int = 0) -> None:
        self.line = Line()
        self.heard: list[VisibleBarcodes] = []
        self.lookout = FakeLookout()
        self.codes = BarcodeSubscription(cast("BarcodeWatcher", self.lookout), self.line, self.heard.append)
        self.codes.begin(clockwise)

    @property
    def texts(self) -> list[list[str]]:
        return [[code.text for code in seen.codes] for seen in self.heard]


def test_it_hears_of_what_comes_and_goes() -> None:
    client = Client()
    for seen in (sight("A"), sight("A", "B"), sight()):
        client.codes.see(seen)
    assert client.texts == [["A"], ["A", "B"], []]


def test_nothing_comes_before_the_first_frame() -> None:
    client = Client()
    client.line.started = False
    client.codes.see(sight("A"))
    assert client.texts == []
    client.line.started = True
    client.codes.catch_up()
    client.codes.catch_up()
    assert client.texts == [["A"]]


def test_a_slow_client_hears_the_newest_only() -> None:
    client = Client()
    client.line.idle = False
    for text in "ABC":
        client.codes.see(sight(text))
    client.line.idle = True
    client.codes.catch_up()
    assert client.texts == [["C"]]


def test_what_came_and_went_unheard_is_no_news() -> None:
    client = Client()
    client.line.idle = False
    client.codes.see(sight("A"))
    client.codes.see(sight())
    client.line.idle = True
    client.codes.catch_up()
    assert client.texts == []


@pytest.mark.parametrize(
    ("clockwise", "corner", "size"),
    [(90, (459, 10), (480, 640)), (180, (629, 459), (640, 480)), (270, (20, 629), (480, 640))],
)
def test_codes_are_told_as_the_client_sees_them(
    clockwise: int, corner: tuple[int, int], size: tuple[int, int]
) -> None:
    client = Client(clockwise)
    client.codes.see(sight("A"))
    (heard,) = client.heard
    assert tuple(heard.codes[0].corners[0]) == corner
    assert heard.size == size


def test_a_picture_that_is_turned_tells_again_if_there_is_something() -> None:
    client = Client()
    client.codes.turn(90)
    client.codes.see(sight("A"))
    client.codes.turn(90)
    client.codes.turn(180)
    assert client.texts == [["A"], ["A"]]
    assert [heard.size for heard in client.heard] == [(480, 640), (640, 480)]


def test_the_end_is_the_end() -> None:
    client = Client()
    assert client.codes in client.lookout.onlookers
    client.codes.end()
    assert client.lookout.onlookers == set()
