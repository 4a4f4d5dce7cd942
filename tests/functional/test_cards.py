"""Cards as a page reads them: what each kind says, how long one is waited for, and what goes wrong."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from dataclasses import replace

import pytest

from server import config as configuration
from server.config import Config
from server.devices.ports.card_reader import CardKind
from server.errors import (
    CardSilent,
    CardTakenAway,
    CardUnreadable,
    DeviceFailed,
    DeviceGone,
    DevicePermission,
    DeviceTimeout,
    DriverMissing,
    GaopaiError,
    LocalizedText,
    PaperJam,
)
from server.services import leases
from server.services.cards import reading as card_readers
from tests.fakes.card_reader import BANK, RESIDENT, SOCIAL, FakeCardReader
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import Page, connect
from tests.functional.test_scan import bar, scan
from tests.patience import PATIENCE, PATIENCE_MS

CODES = {"NoReader": 6001, "NoCard": 6002, "WrongCard": 6004, "SeveralCards": 6006}


@pytest.fixture(autouse=True)
def every_list_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "FRESH_SECONDS", 0.0)


async def code_of(page: Page, **parameters: object) -> int:
    """The result of a reading."""
    return int((await page.ask("ReadIDCardInfo", **parameters))["result"])


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.005)


class TestKinds:
    async def test_a_resident_card_is_told_under_both_names(self, service: Running) -> None:
        async with connect(service.url) as page:
            answer = await page.must("ReadIDCardInfo", idType=0)
        assert answer["cardInfo"] == answer["calrdInfo"]
        card = answer["cardInfo"]
        assert base64.b64decode(card.pop("imageWlt")) == RESIDENT.portrait_wlt
        assert base64.b64decode(card.pop("fingerFeature")) == RESIDENT.finger_features
        assert "wlt_library" in card.pop("imageReason")
        assert card == {
            "name": "王小明",
            "gender": "男",
            "folk": "",
            "birth": "1988-02-29",
            "address": "上海市某路 7 号",
            "id": "911124198802291234",
            "issue": "国家移民管理局",
            "startDate": "2024-01-01",
            "endDate": "2034-01-01",
            "imageBase64": "",
            "form": "foreigner-2023",
            "englishName": "WANG, XIAOMING",
            "nationality": "SGP",
            "passNumber": "",
            "latestAddress": "上海市另一路 8 号",
        }
        assert "IDCardInfo" not in answer and "idNum" not in answer

    async def test_a_social_card(self, service: Running) -> None:
        async with connect(service.url) as page:
            answer = await page.must("ReadIDCardInfo", idType=1)
        assert answer["IDCardInfo"] == {
            "name": "欧阳小明",
            "id": "110101198802291234",
            "gender": "男",
            "folk": "汉",
            "birth": "1988-02-29",
            "address": "",
            "cardNumber": "A12345678",
            "birthPlace": "310101",
            "region": "310100",
            "startDate": "2019-05-06",
            "endDate": "2029-05-06",
        }
        assert "cardInfo" not in answer

    async def test_what_a_social_card_protects_is_empty(self, service: Running) -> None:
        service.reader.cards[CardKind.SOCIAL] = replace(SOCIAL, gender="", nation="", birth="")
        async with connect(service.url) as page:
            answer = await page.must("ReadIDCardInfo", idType=1)
        assert [answer["IDCardInfo"][key] for key in ("gender", "folk", "birth")] == ["", "", ""]

    async def test_a_bank_cards_number_is_text(self, service: Running) -> None:
        async with connect(service.url) as page:
            answer = await page.must("ReadIDCardInfo", idType=2)
        assert (answer["idNum"], answer["expiry"]) == ("6228480402564890018", "2031-12")

    @pytest.mark.parametrize("page_asks", [{}, {"idType": "0"}])
    async def test_a_resident_card_is_meant_where_nothing_else_is(
        self, service: Running, page_asks: dict[str, str]
    ) -> None:
        async with connect(service.url) as page:
            assert "cardInfo" in await page.must("ReadIDCardInfo", **page_asks)

    async def test_a_pin_goes_to_a_social_card_and_to_no_other(self, service: Running) -> None:
        async with connect(service.url) as page:
            for number in range(3):
                await page.must("ReadIDCardInfo", idType=number, pin="123456")
            await page.must("ReadIDCardInfo", idType=1)
        assert service.reader.pins == [None, "123456", None, None]


class TestCompat:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        return configuration.replace(config, compat=configuration.CompatConfig(id_num_as_number=True))

    async def test_a_number_on_request(self, service: Running) -> None:
        async with connect(service.url) as page:
            assert (await page.must("ReadIDCardInfo", idType=2))["idNum"] == int(BANK.number)
            assert (await page.must("GetServiceInfo"))["compat"]["idNumAsNumber"] is True


class TestProseNames:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        return configuration.replace(config, compat=configuration.CompatConfig(prose_names=True))

    async def test_the_portrait_has_the_name_of_the_prose_too(self, service: Running) -> None:
        service.reader.cards[CardKind.RESIDENT] = replace(RESIDENT, portrait=b"BM picture")
        async with connect(service.url) as page:
            answer = await page.must("ReadIDCardInfo")
            assert answer["cardInfo"]["imageBase"] == answer["cardInfo"]["imageBase64"] != ""
            assert answer["calrdInfo"] == answer["cardInfo"]
            assert "idNum" in await page.must("ReadIDCardInfo", idType=2)
            cameras = await page.must("GetFaceCameraInfo")
            assert cameras["faceInfo"] == cameras["faceCameraInfo"]

    async def test_the_last_picture_tells_how_many_there_are(self, service: Running) -> None:
        async with connect(service.url) as page:
            await page.must("OpenCamera", devNum=0)
            capture = await page.must("CameraCaptureBase64", devNum=0)
            assert capture["imgCount"] == capture["imageCount"] == 1
            pages = await scan(page)
            assert [bar(message) for message in pages] == [1, 2, 3]
            assert [message.get("imgCount") for message in pages] == [None, None, 3]
            # Where a fault ends them, nobody knows how many there would be.
            service.scanner.fault = PaperJam(device="Fake")
            *pages, error = await scan(page)
            assert [bar(message) for message in pages] == [1, 2, 3] and error["result"] == PaperJam.code
            assert all("imgCount" not in message for message in pages)


class TestPortraits:
    async def test_a_card_without_one_says_so(self, service: Running) -> None:
        service.reader.cards[CardKind.RESIDENT] = replace(RESIDENT, portrait_wlt=b"")
        async with connect(service.url, **{"Accept-Language": "en"}) as page:
            card = (await page.must("ReadIDCardInfo"))["cardInfo"]
        assert (card["imageBase64"], card["imageWlt"]) == ("", "")
        assert card["imageReason"] == "the card holds no portrait"

    async def test_a_reader_may_decode_it_itself(self, service: Running) -> None:
        service.reader.cards[CardKind.RESIDENT] = replace(RESIDENT, portrait=b"BM picture")
        async with connect(service.url) as page:
            card = (await page.must("ReadIDCardInfo"))["cardInfo"]
        assert base64.b64decode(card["imageBase64"]) == b"BM picture"
        assert card["imageReason"] == ""


class TestWaiting:
    async def test_a_card_that_comes_is_read(self, service: Running) -> None:
        service.reader.put.clear()
        async with connect(service.url) as page:
            number = await page.send("ReadIDCardInfo", timeout=PATIENCE_MS)
            await until(lambda: service.reader.history == ["wait"])
            service.reader.put.set()
            assert (await page.answer(number))["result"] == 0

    async def test_none_in_time(self, service: Running) -> None:
        service.reader.put.clear()
        async with connect(service.url, **{"Accept-Language": "en"}) as page:
            answer = await page.ask("ReadIDCardInfo", timeout=50)
        assert answer["result"] == CODES["NoCard"]
        assert answer["errorMsg"].startswith("No card was presented within 0.05 seconds.")
        assert "Reader" in answer["errorMsg"]

    async def test_no_time_at_all_reads_what_is_there(self, service: Running) -> None:
        async with connect(service.url) as page:
            assert await code_of(page, timeout=0) == 0
            service.reader.put.clear()
            assert await code_of(page, timeout=0) == CODES["NoCard"]

    async def test_a_cancel_ends_the_wait(self, service: Running) -> None:
        service.reader.put.clear()
        async with connect(service.url) as page:
            number = await page.send("ReadIDCardInfo", timeout=PATIENCE_MS)
            await until(lambda: service.reader.history == ["wait"])
            stopping = await page.send("CancelScan")
            assert (await page.answer(number))["result"] == 1009
            assert (await page.answer(stopping))["result"] == 0
            service.reader.put.set()
            assert await code_of(page) == 0
        assert service.reader.history == ["wait", "given up", "wait", "read"]

    async def test_closing_a_camera_leaves_the_wait_alone(self, service: Running) -> None:
        service.reader.put.clear()
        async with connect(service.url) as page:
            number = await page.send("ReadIDCardInfo", timeout=PATIENCE_MS)
            await until(lambda: service.reader.history == ["wait"])
            closing = await page.send("CloseCamera")
            assert (await page.answer(closing))["result"] == 0
            service.reader.put.set()
            assert (await page.answer(number))["result"] == 0
        assert service.reader.history == ["wait", "read"]

    @pytest.mark.parametrize("at", ["wait", "read"])
    async def test_a_page_that_leaves_ends_the_wait_and_the_reading(self, service: Running, at: str) -> None:
        (service.reader.put if at == "wait" else service.reader.going_on).clear()
        async with connect(service.url) as page:
            await page.send("ReadIDCardInfo", timeout=PATIENCE_MS)
            await until(lambda: service.reader.history[-1:] == [at])
        await until(lambda: service.reader.history[-1] == "given up")
        service.reader.put.set()
        service.reader.going_on.set()
        async with connect(service.url) as page:
            assert await code_of(page) == 0

    async def test_one_reading_at_a_time(self, service: Running) -> None:
        service.reader.put.clear()
        async with connect(service.url, ALLOWED) as first, connect(service.url, OTHER) as second:
            number = await first.send("ReadIDCardInfo", timeout=PATIENCE_MS)
            await until(lambda: service.reader.history == ["wait"])
            assert await code_of(second) == 2002
            assert await code_of(second, devNum=0) == 2002
            service.reader.put.set()
            assert (await first.answer(number))["result"] == 0
            assert await code_of(second) == 0

    async def test_other_requests_of_other_pages_do_not_wait(self, service: Running) -> None:
        service.reader.put.clear()
        async with connect(service.url) as first, connect(service.url) as second:
            await first.send("ReadIDCardInfo", timeout=PATIENCE_MS)
            await until(lambda: service.reader.history == ["wait"])
            await second.must("GetCameraInfo")


class TestConfiguredWait:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        return configuration.replace(config, cards=configuration.CardsConfig(wait_seconds=1))

    async def test_counts_where_the_page_says_nothing(self, service: Running) -> None:
        service.reader.put.clear()
        async with connect(service.url, **{"Accept-Language": "en"}) as page:
            answer = await page.ask("ReadIDCardInfo")
        assert answer["result"] == CODES["NoCard"]
        assert "within 1 seconds" in answer["errorMsg"]


class TestSeveralReaders:
    @pytest.fixture(autouse=True)
    def quick(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(card_readers, "SETTLE_SECONDS", 0.05)

    @pytest.fixture
    def left(self, service: Running) -> FakeCardReader:
        return service.reader

    @pytest.fixture
    def right(self, service: Running) -> FakeCardReader:
        right = FakeCardReader("Second")
        service.cards.devices.append(right)
        return right

    @pytest.fixture
    async def page(self, service: Running, left: FakeCardReader, right: FakeCardReader) -> Page:
        left.put.clear()
        right.put.clear()
        async with connect(service.url) as page:
            await page.must("GetCardReaderInfo")
            yield page  # type: ignore[misc]

    async def test_they_are_listed(self, service: Running) -> None:
        service.cards.devices.append(FakeCardReader("Second", {CardKind.BANK, CardKind.SOCIAL}))
        async with connect(service.url) as page:
            listed = (await page.must("GetCardReaderInfo"))["cardReaders"]
        assert listed == [
            {"devName": "Reader", "idTypes": [0, 1, 2]},
            {"devName": "Second", "idTypes": [1, 2]},
        ]

    async def test_the_one_with_a_card_is_read(
        self, page: Page, left: FakeCardReader, right: FakeCardReader
    ) -> None:
        right.put.set()
        assert await code_of(page) == 0
        assert (left.history, right.history) == ([], ["read"])

    async def test_the_one_that_gets_a_card_is_read(
        self, page: Page, left: FakeCardReader, right: FakeCardReader
    ) -> None:
        number = await page.send("ReadIDCardInfo", timeout=PATIENCE_MS)
        await until(lambda: left.history == right.history == ["wait"])
        right.put.set()
        assert (await page.answer(number))["result"] == 0
        assert left.history == ["wait", "given up"]

    async def test_cards_at_both_are_told(
        self, page: Page, left: FakeCardReader, right: FakeCardReader
    ) -> None:
        left.put.set()
        right.put.set()
        answer = await page.ask("ReadIDCardInfo")
        assert answer["result"] == CODES["SeveralCards"]
        assert "Reader / Second" in answer["errorMsg"]
        assert await code_of(page, devNum=1) == 0

    async def test_cards_that_come_at_both_are_told(
        self, page: Page, left: FakeCardReader, right: FakeCardReader
    ) -> None:
        number = await page.send("ReadIDCardInfo", timeout=PATIENCE_MS)
        await until(lambda: left.history == right.history == ["wait"])
        left.put.set()
        right.put.set()
        assert (await page.answer(number))["result"] == CODES["SeveralCards"]

    async def test_a_second_card_that_comes_right_after_the_first_is_told_too(
        self, page: Page, left: FakeCardReader, right: FakeCardReader, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(card_readers, "SETTLE_SECONDS", 10.0)
        number = await page.send("ReadIDCardInfo", timeout=PATIENCE_MS)
        await until(lambda: left.history == right.history == ["wait"])
        left.put.set()
        await asyncio.sleep(0.02)
        right.put.set()
        assert (await page.answer(number))["result"] == CODES["SeveralCards"]

    async def test_a_wrong_card_counts_more_than_a_reader_that_fails(
        self, page: Page, left: FakeCardReader, right: FakeCardReader
    ) -> None:
        left.refusal = DevicePermission(device="Reader")
        right.put.set()
        right.cards.clear()
        assert await code_of(page, timeout=PATIENCE_MS) == CODES["WrongCard"]

    async def test_of_two_cards_the_right_kind_counts(
        self, page: Page, left: FakeCardReader, right: FakeCardReader
    ) -> None:
        left.put.set()
        right.put.set()
        del left.cards[CardKind.SOCIAL]
        assert await code_of(page, idType=1) == 0

    async def test_a_card_that_lies_elsewhere_does_not_end_the_wait(
        self, page: Page, left: FakeCardReader, right: FakeCardReader
    ) -> None:
        left.put.set()
        left.cards.clear()
        number = await page.send("ReadIDCardInfo", timeout=PATIENCE_MS)
        await until(lambda: right.history == ["wait"])
        right.put.set()
        assert (await page.answer(number))["result"] == 0
        assert left.history == ["read"]

    async def test_that_it_was_the_wrong_one_is_told_when_no_other_comes(
        self, page: Page, left: FakeCardReader
    ) -> None:
        left.put.set()
        left.cards.clear()
        assert await code_of(page, timeout=50) == CODES["WrongCard"]

    async def test_a_wrong_card_that_is_presented_is_told_at_once(
        self, page: Page, left: FakeCardReader, right: FakeCardReader
    ) -> None:
        left.cards.clear()
        number = await page.send("ReadIDCardInfo", timeout=PATIENCE_MS)
        await until(lambda: left.history == right.history == ["wait"])
        left.put.set()
        assert (await page.answer(number))["result"] == CODES["WrongCard"]

    async def test_wrong_cards_everywhere_are_told_at_once(
        self, page: Page, left: FakeCardReader, right: FakeCardReader
    ) -> None:
        for reader in (left, right):
            reader.put.set()
            reader.cards.clear()
        assert await code_of(page, timeout=PATIENCE_MS) == CODES["WrongCard"]

    async def test_a_reader_that_fails_does_not_hinder_the_other(
        self, page: Page, left: FakeCardReader, right: FakeCardReader
    ) -> None:
        left.refusal = DevicePermission(device="Reader")
        number = await page.send("ReadIDCardInfo", timeout=PATIENCE_MS)
        await until(lambda: right.history == ["wait"])
        right.put.set()
        assert (await page.answer(number))["result"] == 0

    async def test_what_all_suffer_is_told(
        self, page: Page, left: FakeCardReader, right: FakeCardReader
    ) -> None:
        left.refusal = right.refusal = DevicePermission(device="Reader")
        assert await code_of(page, timeout=PATIENCE_MS) == DevicePermission.code

    async def test_none_in_time_names_both(self, page: Page) -> None:
        answer = await page.ask("ReadIDCardInfo", timeout=20)
        assert answer["result"] == CODES["NoCard"]
        assert "Reader / Second" in answer["errorMsg"]

    async def test_one_that_is_in_use_is_passed_over(
        self, service: Running, page: Page, left: FakeCardReader, right: FakeCardReader
    ) -> None:
        number = await page.send("ReadIDCardInfo", timeout=PATIENCE_MS, devNum=0)
        await until(lambda: left.history == ["wait"])
        right.put.set()
        async with connect(service.url) as other:
            assert await code_of(other) == 0
        left.put.set()
        assert (await page.answer(number))["result"] == 0

    async def test_numbers_stay_those_that_were_listed(
        self, service: Running, page: Page, left: FakeCardReader, right: FakeCardReader
    ) -> None:
        right.put.set()
        service.cards.devices = [right]
        async with connect(service.url) as other:
            await other.must("GetCardReaderInfo")
        assert await code_of(page, devNum=1) == 0
        assert right.history == ["wait", "read"]


class TestRefusals:
    @pytest.mark.parametrize(
        "fault",
        [
            CardTakenAway(device="Reader"),
            CardSilent(device="Reader"),
            CardUnreadable(device="Reader", reason=LocalizedText("步骤", "a step")),
            DeviceGone(device="Reader"),
            DeviceTimeout(device="Reader", seconds=3),
            DeviceFailed(device="Reader", reason="it is upset"),
        ],
        ids=lambda fault: type(fault).__name__,
    )
    async def test_a_reading_that_fails_is_told(self, service: Running, fault: GaopaiError) -> None:
        service.reader.fault = fault
        async with connect(service.url) as page:
            answer = await page.ask("ReadIDCardInfo")
            assert (answer["result"], answer["errorMsg"]) == (fault.code, fault.message("zh"))
            service.reader.fault = None
            assert await code_of(page) == 0, "the reader is free again"

    async def test_a_wrong_card(self, service: Running) -> None:
        service.reader.cards.clear()
        async with connect(service.url, **{"Accept-Language": "en"}) as page:
            answer = await page.ask("ReadIDCardInfo", idType=1)
        assert answer["result"] == CODES["WrongCard"]
        assert answer["errorMsg"].startswith("The card at Reader is not a social security card.")

    async def test_no_reader(self, service: Running) -> None:
        service.cards.devices.clear()
        async with connect(service.url) as page:
            assert (await page.must("GetCardReaderInfo"))["cardReaders"] == []
            answer = await page.ask("ReadIDCardInfo", idType=2)
        assert answer["result"] == CODES["NoReader"]
        assert "银行卡" in answer["errorMsg"]

    async def test_no_reader_for_that_kind(self, service: Running) -> None:
        service.cards.devices = [FakeCardReader("Bank", {CardKind.BANK})]
        async with connect(service.url) as page:
            await page.must("GetCardReaderInfo")
            assert await code_of(page, idType=0) == CODES["NoReader"]
            assert await code_of(page, idType=0, devNum=0) == CODES["NoReader"]
            assert await code_of(page, idType=2) == 0

    async def test_no_driver(self, service: Running) -> None:
        service.cards.devices.clear()
        service.cards.lacks = DriverMissing(
            kind=LocalizedText("读卡器", "card readers"), reason=LocalizedText("无", "none")
        )
        async with connect(service.url) as page:
            assert (await page.ask("GetCardReaderInfo"))["result"] == 2014
            assert await code_of(page) == 2014

    async def test_no_such_number(self, service: Running) -> None:
        async with connect(service.url) as page:
            assert await code_of(page, devNum=7) == 2001

    async def test_a_mistake_of_ours_says_nothing_of_the_card(self, service: Running) -> None:
        spoiled = replace(RESIDENT, finger_features="王小明")  # type: ignore[arg-type]
        service.reader.cards[CardKind.RESIDENT] = spoiled
        async with connect(service.url) as page:
            answer = await page.ask("ReadIDCardInfo")
        assert answer["result"] == 1099
        assert "王小明" not in answer["errorMsg"]


async def test_readers_that_come_and_go_are_told(service: Running) -> None:
    async with connect(service.url) as page:
        service.cards.devices.append(FakeCardReader("Second"))
        service.cards.changed = True
        message = await page.receive()
        assert (message["func"], message["event"], message["kind"]) == ("Notify", "OnDeviceChanged", "card")
        assert len((await page.must("GetCardReaderInfo"))["cardReaders"]) == 2


@pytest.mark.parametrize("others", [[], [FakeCardReader("Bank", {CardKind.BANK})]], ids=["none", "another"])
async def test_a_reader_that_was_plugged_in_a_moment_ago_is_used(
    service: Running, others: list[FakeCardReader], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list is young, and hot-plug has not told of the reader."""
    service.cards.devices = [*others]
    async with connect(service.url) as page:
        await page.must("GetCardReaderInfo")
        monkeypatch.setattr(leases, "FRESH_SECONDS", 3600.0)
        assert await code_of(page) == CODES["NoReader"]
        service.cards.devices.append(service.reader)
        assert await code_of(page) == 0
