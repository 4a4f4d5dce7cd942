"""What one preview's client is told of codes, and when."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from imgcore.barcode import Code, Symbology
from server.devices.ports.camera import Size
from server.errors import GaopaiError
from server.streaming.barcodes import (
    BarcodeSubscriber,
    BarcodeSubscription,
    BarcodeWatcher,
    VisibleBarcodes,
)
from server.streaming.painter import PreviewPicture

PICTURE = PreviewPicture(b"", b"", Size(640, 480), 0)
CORNERS = np.array([(10, 20), (19, 20), (19, 29), (10, 29)], np.float32)


def sight(*texts: str) -> VisibleBarcodes:
    return VisibleBarcodes(tuple(Code(text, Symbology.QR, CORNERS) for text in texts), Size(640, 480))


class Sink:
    """A client that has had its first picture and keeps up, until the test says otherwise."""

    started = True
    idle = True

    def ready(self) -> bool:
        return self.idle

    def show(self, picture: PreviewPicture) -> None:
        pass

    def discard(self) -> None:
        pass

    def end(self, error: GaopaiError) -> None:
        pass


class FakeWatcher:
    """Has subscribers and no search."""

    def __init__(self) -> None:
        self.subscribers: set[BarcodeSubscriber] = set()

    def subscribe(self, subscriber: BarcodeSubscriber) -> None:
        self.subscribers.add(subscriber)

    def unsubscribe(self, subscriber: BarcodeSubscriber) -> None:
        self.subscribers.discard(subscriber)


class Client:
    """A preview's client and what it hears."""

    def __init__(self, clockwise: int = 0) -> None:
        self.sink = Sink()
        self.heard: list[VisibleBarcodes] = []
        self.watcher = FakeWatcher()
        self.codes = BarcodeSubscription(cast("BarcodeWatcher", self.watcher), self.sink, self.heard.append)
        self.codes.begin(clockwise)

    @property
    def texts(self) -> list[list[str]]:
        return [[code.text for code in seen.barcodes] for seen in self.heard]


def test_it_hears_of_what_comes_and_goes() -> None:
    client = Client()
    for seen in (sight("A"), sight("A", "B"), sight()):
        client.codes.update(seen)
    assert client.texts == [["A"], ["A", "B"], []]


def test_nothing_comes_before_the_first_frame() -> None:
    client = Client()
    client.sink.started = False
    client.codes.update(sight("A"))
    assert client.texts == []
    client.sink.started = True
    client.codes.show(PICTURE)
    client.codes.show(PICTURE)
    assert client.texts == [["A"]]


def test_a_slow_client_hears_the_newest_only() -> None:
    client = Client()
    client.sink.idle = False
    for text in "ABC":
        client.codes.update(sight(text))
    client.sink.idle = True
    client.codes.show(PICTURE)
    assert client.texts == [["C"]]


def test_what_came_and_went_unheard_is_no_news() -> None:
    client = Client()
    client.sink.idle = False
    client.codes.update(sight("A"))
    client.codes.update(sight())
    client.sink.idle = True
    client.codes.show(PICTURE)
    assert client.texts == []


@pytest.mark.parametrize(
    ("clockwise", "corner", "size"),
    [(90, (459, 10), (480, 640)), (180, (629, 459), (640, 480)), (270, (20, 629), (480, 640))],
)
def test_codes_are_told_as_the_client_sees_them(
    clockwise: int, corner: tuple[int, int], size: tuple[int, int]
) -> None:
    client = Client(clockwise)
    client.codes.update(sight("A"))
    (heard,) = client.heard
    assert tuple(heard.barcodes[0].corners[0]) == corner
    assert heard.size == size


def test_a_picture_that_is_turned_tells_again_if_there_is_something() -> None:
    client = Client()
    client.codes.turn(90)
    client.codes.update(sight("A"))
    client.codes.turn(90)
    client.codes.turn(180)
    assert client.texts == [["A"], ["A"]]
    assert [heard.size for heard in client.heard] == [(480, 640), (640, 480)]


def test_the_end_is_the_end() -> None:
    client = Client()
    assert client.codes in client.watcher.subscribers
    client.codes.discard()
    assert client.watcher.subscribers == set()
