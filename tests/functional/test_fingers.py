"""Fingers as a page takes and compares them."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from server import config as configuration
from server.config import Config
from server.errors import (
    DeviceGone,
    DriverCrashed,
    DriverMissing,
    FingerUnclear,
    GaopaiError,
    LocalizedText,
)
from server.services import leases
from server.services.fingerprints import reading as fingers
from tests.fakes.finger_sensor import FakeFingerSensor, press, print_of
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import Message, Page, connect
from tests.patience import PATIENCE, PATIENCE_MS

NO_FINGER = 7001
UNCLEAR = 7002
DIFFER = 7003
UNREADABLE = 7004
NOT_COMPARABLE = 7005
GIVEN_UNCLEAR = 7006
FAINT = press(1, 0.1)
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture(autouse=True)
def every_list_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "FRESH_SECONDS", 0.0)


def feature(*numbers: int) -> str:
    """What `FakeMatcher` reads as views of those fingers, as a page sends it."""
    return ";".join(base64.b64encode(b"FMR" + bytes([number])).decode() for number in numbers)


def shown(message: Message) -> int:
    """The number of the finger on a message's picture."""
    data = np.frombuffer(base64.b64decode(message["fingerImageBase64"]), np.uint8)
    assert data[:4].tobytes() == b"\x89PNG"
    return int(cv2.imdecode(data, cv2.IMREAD_UNCHANGED)[0, 0])


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.005)


class TestTaking:
    async def test_a_press_gives_picture_and_feature(self, service: Running) -> None:
        service.sensor.presses = [press(7)]
        async with connect(service.url) as page:
            answer = await page.must("ReadFingerInfo")
        assert shown(answer) == 7
        assert base64.b64decode(answer["fingerFeature"]) == b"FMR\x07"

    async def test_the_picture_says_how_large_it_is(self, service: Running) -> None:
        service.sensor.presses = [press(7)]
        async with connect(service.url) as page:
            answer = await page.must("ReadFingerInfo")
        data = base64.b64decode(answer["fingerImageBase64"])
        at = data.index(b"pHYs") + 4
        assert int.from_bytes(data[at : at + 4], "big") == round(500 / 0.0254)

    async def test_an_unclear_press_is_refused(self, service: Running) -> None:
        service.sensor.presses = [FAINT]
        async with connect(service.url, **ENGLISH) as page:
            answer = await page.ask("ReadFingerInfo")
        assert answer["result"] == UNCLEAR
        assert answer["errorMsg"].startswith("The fingerprint is not clear: it is faint.")

    async def test_what_the_sensor_refuses_is_told(self, service: Running) -> None:
        service.sensor.presses = [FingerUnclear(reason=LocalizedText("太短", "it was short"))]
        async with connect(service.url, **ENGLISH) as page:
            answer = await page.ask("ReadFingerInfo")
        assert answer["result"] == UNCLEAR
        assert "it was short" in answer["errorMsg"]

    async def test_no_finger_in_time(self, service: Running) -> None:
        async with connect(service.url) as page:
            assert (await page.ask("ReadFingerInfo", timeout=30))["result"] == NO_FINGER

    @pytest.mark.parametrize("error", [DeviceGone(device="Sensor"), DriverCrashed(device="Sensor")])
    async def test_a_sensor_that_fails_is_told_and_free_again(
        self, service: Running, error: GaopaiError
    ) -> None:
        service.sensor.presses = [error, press(1)]
        async with connect(service.url) as page:
            assert (await page.ask("ReadFingerInfo"))["result"] == error.code
            await page.must("ReadFingerInfo")


class TestEnrolling:
    async def collect(self, page: Page, **parameters: object) -> tuple[list[Message], Message]:
        """The notices of a ReadFingerInfo, and its answer."""
        number = await page.send("ReadFingerInfo", **parameters)
        notices = []
        while (message := await page.answer(number))["func"] == "Notify":
            notices.append(message)
        return notices, message

    async def test_each_press_gives_a_feature_and_the_clearest_the_picture(self, service: Running) -> None:
        service.sensor.presses = [press(10, 0.5), press(11, 0.9), press(10, 0.6)]
        async with connect(service.url) as page:
            notices, answer = await self.collect(page, presses=3)
        assert answer["result"] == 0
        assert answer["fingerFeature"] == feature(10, 11, 10)
        assert shown(answer) == 11
        assert [(one["event"], one["pressed"], one["presses"]) for one in notices] == [
            ("OnFingerPress", 1, 3),
            ("OnFingerPress", 2, 3),
            ("OnFingerPress", 3, 3),
        ]
        assert all("reason" not in one for one in notices)
        assert service.sensor.history == ["press", "lifted", "press", "lifted", "press"]

    async def test_an_unclear_press_is_asked_for_again(self, service: Running) -> None:
        service.sensor.presses = [press(10), FAINT, FingerUnclear(reason="short"), press(10)]
        async with connect(service.url, **ENGLISH) as page:
            notices, answer = await self.collect(page, presses=2)
        assert answer["fingerFeature"] == feature(10, 10)
        assert [(one["pressed"], one.get("reason")) for one in notices] == [
            (1, None),
            (1, "it is faint"),
            (1, "short"),
            (2, None),
        ]

    async def test_another_finger_is_not_enrolled_with_the_first(self, service: Running) -> None:
        service.sensor.presses = [press(10), press(20), press(11)]
        async with connect(service.url, **ENGLISH) as page:
            notices, answer = await self.collect(page, presses=2)
        assert answer["fingerFeature"] == feature(10, 11)
        assert notices[1]["reason"] == fingers.OTHER_FINGER.en

    async def test_too_many_unclear_presses_end_it(self, service: Running) -> None:
        service.sensor.presses = [press(10), *[FAINT] * 20]
        async with connect(service.url) as page:
            notices, answer = await self.collect(page, presses=2)
        assert answer["result"] == UNCLEAR
        assert len(notices) == 1 + fingers.MOST_REFUSED

    async def test_a_finger_that_does_not_come_back(self, service: Running) -> None:
        service.sensor.presses = [press(10)]
        async with connect(service.url) as page:
            _, answer = await self.collect(page, presses=2, timeout=30)
        assert answer["result"] == NO_FINGER

    async def test_what_is_enrolled_matches(self, service: Running) -> None:
        service.sensor.presses = [press(10), press(11), press(12)]
        async with connect(service.url) as page:
            _, answer = await self.collect(page, presses=2)
            matched = await page.must("FingerMatch", fingerFeature=answer["fingerFeature"])
        assert matched["similarity"] == 0.9


class TestMatching:
    async def test_a_feature(self, service: Running) -> None:
        service.sensor.presses = [press(10)]
        async with connect(service.url) as page:
            answer = await page.must("FingerMatch", fingerFeature=feature(10))
        assert answer["similarity"] == 1.0
        assert shown(answer) == 10

    async def test_a_picture(self, service: Running) -> None:
        service.sensor.presses = [press(11)]
        coded = base64.b64encode(cv2.imencode(".png", print_of(10))[1]).decode()
        async with connect(service.url) as page:
            answer = await page.must("FingerMatch", fingerImageBase64=coded, fingerFeature="ignored")
        assert (answer["similarity"], shown(answer)) == (0.9, 11)

    async def test_a_coloured_picture_as_a_data_address(self, service: Running) -> None:
        service.sensor.presses = [press(10)]
        coloured = cv2.cvtColor(print_of(10), cv2.COLOR_GRAY2BGR)
        coded = base64.b64encode(cv2.imencode(".bmp", coloured)[1]).decode()
        async with connect(service.url) as page:
            answer = await page.must("FingerMatch", fingerImageBase64=f"data:image/bmp;base64,{coded}")
        assert answer["similarity"] == 1.0

    async def test_an_unclear_picture_is_refused_before_anybody_presses(self, service: Running) -> None:
        coded = base64.b64encode(cv2.imencode(".png", print_of(10, 0.1))[1]).decode()
        async with connect(service.url, **ENGLISH) as page:
            answer = await page.ask("FingerMatch", fingerImageBase64=coded, timeout=PATIENCE_MS)
        assert answer["result"] == GIVEN_UNCLEAR
        assert answer["errorMsg"].startswith("The fingerprint given is not clear: it is faint.")
        assert service.sensor.history == []

    async def test_several_features_are_views_of_one_finger(self, service: Running) -> None:
        service.sensor.presses = [press(30)]
        async with connect(service.url) as page:
            answer = await page.must("FingerMatch", fingerFeature=feature(10, 29, 20) + ";")
        assert answer["similarity"] == 0.9

    async def test_other_presses_may_follow_one_that_differs(self, service: Running) -> None:
        service.sensor.presses = [press(13), FAINT, FingerUnclear(reason="short"), press(10)]
        async with connect(service.url) as page:
            answer = await page.must("FingerMatch", fingerFeature=feature(10))
        assert shown(answer) == 10
        assert service.sensor.history == ["press", "lifted"] * 3 + ["press"]

    async def test_without_a_match_the_best_similarity_is_told(self, service: Running) -> None:
        service.sensor.presses = [press(15), press(12), press(14), FAINT]
        async with connect(service.url, **ENGLISH) as page:
            answer = await page.ask("FingerMatch", fingerFeature=feature(10), timeout=50)
        assert (answer["result"], answer["similarity"]) == (DIFFER, 0.8)
        assert answer["errorMsg"].startswith("The fingerprints do not match: similarity 0.8, threshold 0.9.")
        assert "fingerImageBase64" not in answer

    @pytest.mark.parametrize(("threshold", "result"), [(0.7, 0), ("0.8", 0), (0.85, DIFFER), (1, DIFFER)])
    async def test_the_threshold_counts(self, service: Running, threshold: object, result: int) -> None:
        service.sensor.presses = [press(12)]
        async with connect(service.url) as page:
            answer = await page.ask("FingerMatch", fingerFeature=feature(10), threshold=threshold, timeout=30)
        assert answer["result"] == result
        assert service.sensor.history == (["press"] if result == 0 else ["press", "lifted", "press"])

    async def test_a_press_that_is_unclear_but_matches_is_a_match(self, service: Running) -> None:
        service.sensor.presses = [press(10, 0.1)]
        async with connect(service.url) as page:
            await page.must("FingerMatch", fingerFeature=feature(10))

    async def test_unclear_presses_alone_say_nothing_of_the_finger(self, service: Running) -> None:
        service.sensor.presses = [press(99, 0.1), FingerUnclear(reason="short")]
        async with connect(service.url) as page:
            answer = await page.ask("FingerMatch", fingerFeature=feature(10), timeout=30)
        assert answer["result"] == UNCLEAR
        assert "similarity" not in answer

    async def test_no_finger_in_time(self, service: Running) -> None:
        async with connect(service.url, **ENGLISH) as page:
            answer = await page.ask("FingerMatch", fingerFeature=feature(10), timeout=30)
        assert answer["result"] == NO_FINGER
        assert "within 0.03 seconds" in answer["errorMsg"]

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({"fingerFeature": "no base64!"}, UNREADABLE),
            ({"fingerFeature": "AAAA"}, UNREADABLE),
            ({"fingerFeature": f"{feature(1)};AAAA"}, UNREADABLE),
            ({"fingerFeature": ";;"}, UNREADABLE),
            ({"fingerFeature": base64.b64encode(b"GA").decode()}, NOT_COMPARABLE),
            ({"fingerFeature": feature(*[1] * 65)}, 1004),
            ({"fingerImageBase64": "no base64!"}, 3001),
            ({"fingerImageBase64": "AAAA"}, 3001),
            ({"fingerImageBase64": base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(30)).decode()}, 3001),
        ],
    )
    async def test_what_cannot_be_compared_is_told_before_a_finger_is_asked_for(
        self, service: Running, given: dict[str, str], code: int
    ) -> None:
        async with connect(service.url) as page:
            assert (await page.ask("FingerMatch", **given))["result"] == code
        assert service.sensor.history == []


class TestSensors:
    async def test_they_are_listed_and_chosen(self, service: Running) -> None:
        second = FakeFingerSensor("Second")
        second.presses = [press(2)]
        service.fingers.devices.append(second)
        async with connect(service.url) as page:
            listed = (await page.must("GetFingerReaderInfo"))["fingerReaders"]
            answer = await page.must("ReadFingerInfo", devNum=1)
            assert (await page.ask("ReadFingerInfo", devNum=2))["result"] == 2001
        assert listed == [{"devName": "Sensor", "presses": 4}, {"devName": "Second", "presses": 4}]
        assert shown(answer) == 2

    async def test_none_at_all(self, service: Running) -> None:
        service.fingers.devices.clear()
        async with connect(service.url) as page:
            assert (await page.must("GetFingerReaderInfo"))["fingerReaders"] == []
            assert (await page.ask("ReadFingerInfo"))["result"] == 2001
            service.fingers.lacks = DriverMissing(kind="sensors", reason="none")
            assert (await page.ask("FingerMatch", fingerFeature=feature(1)))["result"] == 2014

    async def test_one_press_at_a_time(self, service: Running) -> None:
        async with connect(service.url, ALLOWED) as first, connect(service.url, OTHER) as second:
            number = await first.send("FingerMatch", fingerFeature=feature(1), timeout=PATIENCE_MS)
            await until(lambda: service.sensor.history == ["press"])
            assert (await second.ask("ReadFingerInfo"))["result"] == 2002
            await first.must("CancelScan")
            service.sensor.presses = [press(1)]
            await second.must("ReadFingerInfo")
        assert number is not None

    @pytest.mark.parametrize("func", ["ReadFingerInfo", "FingerMatch"])
    async def test_a_request_that_stops_ends_it(self, service: Running, func: str) -> None:
        async with connect(service.url) as page:
            number = await page.send(func, fingerFeature=feature(1), timeout=PATIENCE_MS)
            await until(lambda: service.sensor.history == ["press"])
            await page.send("CancelScan")
            assert (await page.answer(number))["result"] == 1009
        assert service.sensor.history == ["press", "given up"]

    @pytest.mark.parametrize("func", ["ReadFingerInfo", "FingerMatch"])
    async def test_a_camera_that_is_closed_meanwhile_leaves_it_alone(
        self, service: Running, func: str
    ) -> None:
        async with connect(service.url) as page:
            await page.must("GetCameraInfo")
            await page.must("OpenCamera", devNum=0)
            number = await page.send(func, fingerFeature=feature(1), timeout=PATIENCE_MS)
            await until(lambda: service.sensor.history == ["press"])
            closing = await page.send("CloseCamera", devNum=0)
            assert (await page.receive())["reqId"] == closing
            assert service.camera.history[-1] == "close"
            assert service.sensor.history == ["press"]
            await page.send("CancelScan")
            assert (await page.answer(number))["result"] == 1009

    @pytest.mark.parametrize("func", ["ReadFingerInfo", "FingerMatch"])
    async def test_a_page_that_leaves_ends_it(self, service: Running, func: str) -> None:
        async with connect(service.url) as page:
            await page.send(func, fingerFeature=feature(1), timeout=PATIENCE_MS)
            await until(lambda: service.sensor.history == ["press"])
        await until(lambda: service.sensor.history == ["press", "given up"])
        service.sensor.presses = [press(1)]
        async with connect(service.url) as page:
            await page.must("ReadFingerInfo")

    async def test_those_that_come_and_go_are_told(self, service: Running) -> None:
        async with connect(service.url) as page:
            service.fingers.devices.append(FakeFingerSensor("Second"))
            service.fingers.changed = True
            message = await page.answer("")
        assert (message["event"], message["kind"]) == ("OnDeviceChanged", "finger")


class TestConfiguredWait:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        return configuration.replace(config, fingers=configuration.FingerprintsConfig(wait_seconds=1))

    async def test_counts_where_the_page_says_nothing(self, service: Running) -> None:
        async with connect(service.url) as page:
            assert (await page.ask("ReadFingerInfo"))["result"] == NO_FINGER
