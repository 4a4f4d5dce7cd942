"""Language and title of a page, and the holder of the camera that it wants."""

from __future__ import annotations

import pytest

from server import config as configuration
from server.config import Config
from server.errors import DeviceBusy
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import Message, Page, connect


def is_chinese(message: Message) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in message["errorMsg"])


async def test_errors_follow_the_language_of_the_page(service: Running) -> None:
    for accepted, chinese in (("zh-CN", True), ("en", False)):
        async with connect(service.url, ALLOWED, **{"Accept-Language": accepted}) as page:
            assert is_chinese(await page.ask("GetFile", path="no.pdf")) is chinese
            for language in ("en", "zh", "en"):
                assert (await page.must("SetPageInfo", language=language))["language"] == language
                assert is_chinese(await page.ask("GetFile", path="no.pdf")) is (language == "zh")
                assert is_chinese(await page.ask("NoSuchThing")) is (language == "zh")
            assert (await page.must("SetPageInfo"))["language"] == "en"


async def test_another_connection_keeps_its_own(service: Running) -> None:
    async with connect(service.url, ALLOWED) as one, connect(service.url, ALLOWED) as other:
        await one.must("SetPageInfo", language="en")
        assert is_chinese(await other.ask("NoSuchThing"))


@pytest.fixture
def fixed(config: Config) -> Config:
    """A configuration that has fixed the language."""
    return configuration.replace(config, server=configuration.replace(config.server, language="zh"))


class TestFixed:
    """The administrator's word is the last."""

    @pytest.fixture
    def config(self, fixed: Config) -> Config:
        return fixed

    async def test_the_configuration_decides(self, service: Running) -> None:
        async with connect(service.url, ALLOWED) as page:
            assert (await page.must("SetPageInfo", language="en"))["language"] == "zh"
            assert is_chinese(await page.ask("NoSuchThing"))


async def opened(page: Page) -> None:
    await page.must("GetCameraInfo")
    await page.must("OpenCamera", devNum=0)


async def test_busy_says_who_has_the_camera(service: Running) -> None:
    async with connect(service.url, ALLOWED) as owner, connect(service.url, OTHER) as other:
        await opened(owner)
        await other.must("GetCameraInfo")
        refused = await other.ask("OpenCamera", devNum=0)
        assert refused["result"] == DeviceBusy.code and refused["holder"] == {"origin": ALLOWED}
        assert ALLOWED in refused["errorMsg"] and "asked" not in refused
        await owner.must("SetPageInfo", title=" 三号\n柜台 {device} ")
        titled = await other.ask("OpenCamera", devNum=0)
        assert titled["holder"] == {"origin": ALLOWED, "title": "三号\\n柜台 {device}"}
        assert "三号\\n柜台 {device}" in titled["errorMsg"]
        captured = await other.ask("CameraCapture", devNum=0)
        assert captured["result"] == DeviceBusy.code and ALLOWED in captured["errorMsg"]
        assert await owner.silence("Notify") == []


async def test_a_program_that_has_it_is_called_a_program(service: Running) -> None:
    async with (
        connect(service.url) as owner,
        connect(service.url, OTHER, **{"Accept-Language": "en"}) as other,
    ):
        await opened(owner)
        await other.must("GetCameraInfo")
        refused = await other.ask("OpenCamera", devNum=0)
        assert refused["holder"] == {"origin": ""} and "a program of this computer" in refused["errorMsg"]


async def test_a_camera_is_asked_for_given_up_and_opened(service: Running) -> None:
    async with connect(service.url, ALLOWED) as owner, connect(service.url, OTHER) as other:
        await opened(owner)
        await other.must("GetCameraInfo")
        await other.must("SetPageInfo", title="Bank")
        refused = await other.ask("OpenCamera", devNum=0, takeOver=True)
        assert refused["result"] == DeviceBusy.code and refused["asked"] is True
        wanted = await owner.receive()
        assert (wanted["func"], wanted["event"], wanted["kind"]) == ("Notify", "OnCameraWanted", "camera")
        assert wanted["devNum"] == 0 and wanted["by"] == {"origin": OTHER, "title": "Bank"}
        await owner.must("CameraCaptureBase64")
        again = await other.ask("OpenCamera", devNum=0, takeOver=True)
        assert again["result"] == DeviceBusy.code and again["asked"] is True
        assert await owner.silence("Notify") == [], "one that asks again and again is told of once"
        await owner.must("CloseCamera", devNum=0)
        free = await other.receive()
        assert (free["event"], free["devNum"]) == ("OnCameraFree", 0)
        await other.must("OpenCamera", devNum=0, takeOver=True)
        assert (await owner.ask("CameraCaptureBase64", devNum=0))["result"] == DeviceBusy.code


async def test_who_does_not_answer_keeps_it_and_who_did_not_ask_hears_nothing(service: Running) -> None:
    async with connect(service.url, OTHER) as other:
        async with connect(service.url, ALLOWED) as owner:
            await opened(owner)
            await other.must("GetCameraInfo")
            await other.ask("OpenCamera", devNum=0)
            await other.ask("OpenCamera", devNum=0, takeOver=True)
            await owner.must("CameraCaptureBase64")
        # Closed by the end of the page, too.
        assert (await other.receive())["event"] == "OnCameraFree"
        assert await other.silence("Notify") == []


async def test_the_same_site_takes_it_over_without_a_question(service: Running) -> None:
    async with connect(service.url, ALLOWED) as owner, connect(service.url, ALLOWED) as other:
        await opened(owner)
        await other.must("GetCameraInfo")
        await other.must("OpenCamera", devNum=0)
        assert await owner.silence("Notify") == []
