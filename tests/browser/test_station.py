"""The capture station as a clerk uses it all day: keys, a service that stops, tabs in the background."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error

from tests.browser.chromium import Complaints
from tests.browser.desk import Desk
from tests.patience import PATIENCE, PATIENCE_MS
from tests.service import free_port, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, WebSocketRoute

    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

HIDE = """(hidden) => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
}"""

FRAMES = """() => {
    window.frames_ = 0;
    gaopai.addEventListener('message', ({ detail }) => {
        window.frames_ += detail.direction === 'in' && detail.message?.func === 'GetCameraVideoBuff';
    });
}"""


@pytest.fixture
def clerk(browser: Browser, served: Served) -> Iterator[Desk]:
    """The page as a clerk sees it, at 1366 x 768."""
    with browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-US") as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        complaints = Complaints()
        complaints.listen(page)
        page.goto(served.address)
        yield Desk(page)
        assert complaints.heard == []


def test_space_takes_pictures_wherever_nobody_types(clerk: Desk) -> None:
    page = clerk.page
    clerk.open("640 × 480")
    assert page.evaluate("document.activeElement.id") == "shutter"
    page.keyboard.press("Space")
    clerk.sheets.nth(0).wait_for()
    page.locator("#options label:has(input[name=cropType][value='1'])").click()
    page.keyboard.press("Space")
    clerk.sheets.nth(1).wait_for()
    page.select_option("#options .shortcut", "3")
    page.click("#merge-name")
    page.keyboard.press("Space")
    assert page.input_value("#merge-name").count(" ") == 1
    assert page.is_visible("#open:has-text('Close')"), "the camera is still open"
    page.click("#connection")
    page.keyboard.press("Enter")
    clerk.sheets.nth(2).wait_for()


def test_a_button_reached_with_the_tab_key_is_pressed(clerk: Desk) -> None:
    page = clerk.page
    clerk.open("640 × 480")
    page.focus("#options .more-button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#options-drawer")
    page.keyboard.press("Escape")
    page.wait_for_selector("#options-drawer", state="hidden")
    assert clerk.sheets.count() == 0


def test_half_a_screen_shows_what_is_taken_and_what_was(clerk: Desk) -> None:
    clerk.open()
    clerk.shoot()
    boxes = [clerk.page.locator(part).bounding_box() for part in ("#stage", ".shown-picture")]
    areas = [box["width"] * box["height"] / (1366 * 768) for box in boxes if box is not None]
    assert areas[0] > 0.37
    assert areas[1] > 0.1
    assert not clerk.page.is_visible("#log")
    scrolled = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    assert clerk.page.evaluate(scrolled) == [1366, 768]


def test_390_pixels_are_wide_enough(clerk: Desk) -> None:
    clerk.page.set_viewport_size({"width": 390, "height": 844})
    clerk.open()
    clerk.shoot()
    for tab in clerk.page.locator("[role=tab]").all():
        tab.click()
        clerk.page.wait_for_timeout(100)
        assert clerk.page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_service_that_is_stopped_is_seen_and_recovers(browser: Browser, tmp_path: Path) -> None:
    with running(tmp_path) as service, browser.new_context(locale="en-US") as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(service.http)
        desk = Desk(page)
        desk.open("640 × 480")
        service.process.send_signal(signal.SIGSTOP)
        try:
            page.wait_for_selector("#picture.is-stale")
            page.wait_for_selector("#stale:has-text('stands still')")
            page.wait_for_selector("#connection[data-state=stale]")
            assert page.is_disabled("#shutter")
        finally:
            service.process.send_signal(signal.SIGCONT)
        page.wait_for_selector("#picture:not(.is-stale)")
        page.wait_for_selector("#connection[data-state=open]")
        page.wait_for_selector("#shutter:not([disabled])")


def test_a_silent_service_is_seen_without_a_camera(browser: Browser, tmp_path: Path) -> None:
    with running(tmp_path) as service, browser.new_context(locale="en-US") as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(service.http)
        # The page has asked all it has to ask at its start: behind a call no sign of life is asked for.
        page.wait_for_selector("#open:not([disabled])")
        page.wait_for_load_state("networkidle")
        service.process.send_signal(signal.SIGSTOP)
        try:
            page.wait_for_selector("#connection-text:has-text('does not answer')")
        finally:
            service.process.send_signal(signal.SIGCONT)
        page.wait_for_selector("#connection-text:has-text('Connected')")


class Between:
    """Stands between page and service.

    Attributes
    ----------
    asked
        The functions that the page asked for, in order.
    refusals
        Answers in place of the service's, by function; each once.
    """

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        self.refusals: dict[str, list[dict[str, object]]] = {}
        self._page = page
        self._pages: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("^ws:"), self._stand)

    def wait_for(self, func: str, count: int) -> None:
        """Wait until the page has asked so often."""
        end = time.monotonic() + PATIENCE
        while self.asked.count(func) < count:
            assert time.monotonic() < end, self.asked
            self._page.wait_for_timeout(50)

    def push(self, message: dict[str, object]) -> None:
        """Tell the page something on its first connection."""
        self._pages[0].send(json.dumps(message))

    def _stand(self, page: WebSocketRoute) -> None:
        service = page.connect_to_server()
        self._pages.append(page)

        def forward(text: str | bytes) -> None:
            request = json.loads(text)
            self.asked.append(request["func"])
            if refused := self.refusals.get(request["func"]):
                envelope = {"func": request["func"], "reqId": request["reqId"], "success": 0}
                page.send(json.dumps({**envelope, **refused.pop(0)}))
            else:
                service.send(text)

        page.on_message(forward)


def test_a_camera_that_slept_is_opened_again(clerk: Desk) -> None:
    between = Between(clerk.page)
    clerk.page.reload()
    clerk.open("640 × 480")
    refused = {"result": 2004, "errorMsg": "It does not answer: replug the device."}
    between.refusals["OpenCamera"] = [dict(refused)]
    clerk.page.evaluate("() => gaopai.addEventListener('message', ({ detail }) => { window.last = detail; })")
    request = between.asked.index("GetCameraVideoBuff")
    assert request >= 0
    between.push({"func": "GetCameraVideoBuff", "reqId": video_request(clerk.page), "success": 0, **refused})
    clerk.page.wait_for_selector("#stale:has-text('connecting again')")
    assert not clerk.page.is_visible("#notice:has-text('replug')")
    clerk.page.wait_for_selector("#shutter:not([disabled])")
    assert between.asked.count("OpenCamera") == 3


def video_request(page: Page) -> str:
    """The reqId of the preview, as its frames carry it."""
    page.wait_for_function("() => window.last?.message?.func === 'GetCameraVideoBuff'")
    return str(page.evaluate("window.last.message.reqId"))


def test_a_hidden_page_stops_the_stream(clerk: Desk) -> None:
    between = Between(clerk.page)
    clerk.page.reload()
    clerk.open("640 × 480")
    clerk.page.evaluate(FRAMES)
    clerk.page.wait_for_function("() => window.frames_ > 2")
    before = between.asked.count("GetCameraVideoBuff")
    clerk.page.evaluate(HIDE, True)
    between.wait_for("GetCameraVideoBuff", before + 1)
    clerk.page.wait_for_timeout(500)
    clerk.page.evaluate("window.frames_ = 0")
    clerk.page.wait_for_timeout(500)
    assert clerk.page.evaluate("window.frames_") == 0
    clerk.page.evaluate(HIDE, False)
    clerk.page.wait_for_function("() => window.frames_ > 2")
    assert not clerk.page.is_visible("#stale")


def test_a_click_during_a_change_of_mode_closes_nothing(clerk: Desk) -> None:
    between = Between(clerk.page)
    clerk.page.reload()
    clerk.open("640 × 480")
    clerk.page.evaluate("""() => {
        const resolution = document.getElementById('resolution');
        resolution.selectedIndex = 0;
        resolution.dispatchEvent(new Event('change', { bubbles: true }));
        document.getElementById('camera').requestSubmit();
    }""")
    clerk.page.wait_for_timeout(100)
    clerk.page.evaluate("document.getElementById('camera').requestSubmit()")
    clerk.page.wait_for_selector("#shutter:not([disabled])")
    assert clerk.page.inner_text("#open") == "Close"
    assert between.asked.count("CloseCamera") == 1


HOLD = """async (url) => {
    const { connect } = await import('/gaopai.js');
    window.gaopai = connect(url, { title: 'Counter 3', language: 'en' });
    gaopai.addEventListener('camera-wanted', ({ detail }) => {
        window.wanted = detail.by.title;
        gaopai.call('CloseCamera', { devNum: 0 });
    });
    const order = { devNum: 0, mediaNum: 0, resolutionNum: 0, fps: 15 };
    window.ask = () => gaopai.call('OpenCamera', { ...order, takeOver: true }).catch(({ code }) => code);
    await gaopai.call('OpenCamera', order).catch(() => {});
}"""


def test_who_has_the_camera_is_said_and_asked_for_it(clerk: Desk, page: Page, served: Served) -> None:
    page.goto(f"{served.allowed}/gaopai.js")
    page.evaluate(HOLD, served.socket)
    clerk.page.click("#open:not([disabled])")
    clerk.page.wait_for_selector("#notice:has-text('Counter 3')")
    clerk.page.click("#hand-over")
    clerk.page.wait_for_selector("#shutter:not([disabled])")
    assert page.evaluate("window.wanted") == "gaopai · capture station"
    assert page.evaluate("ask()") == 2002
    clerk.page.wait_for_selector("#notice:has-text('“Counter 3” wants')")
    clerk.page.click("#hand-over")
    clerk.page.wait_for_selector("#open:has-text('Open'):not([disabled])")


def test_errors_follow_the_language_of_the_page(clerk: Desk) -> None:
    clerk.page.wait_for_selector("#connection[data-state=open]")
    clerk.page.click("[data-language=zh]")
    refused = "() => gaopai.call('OpenCamera', { devNum: 77 }).catch(({ message }) => message)"
    assert re.search("[\u4e00-\u9fff]", clerk.page.evaluate(refused))
    clerk.page.click("[data-language=en]")
    assert not re.search("[\u4e00-\u9fff]", clerk.page.evaluate(refused))


def test_seconds_until_the_next_try_are_read_to_nobody(clerk: Desk) -> None:
    clerk.page.wait_for_selector("#connection[data-state=open]")
    clerk.page.route_web_socket(re.compile("^ws:"), lambda page: page.close())
    clerk.page.reload()
    clerk.page.wait_for_selector("#connection-retry:not(:empty)")
    assert clerk.page.get_attribute("#connection-text", "role") == "status"
    assert not re.search(r"\d", clerk.page.inner_text("#connection-text"))
    assert clerk.page.locator("#connection-retry[role], #connection-retry[aria-live]").count() == 0


def test_a_notice_is_said_again_in_the_other_language(clerk: Desk) -> None:
    clerk.open("640 × 480")
    clerk.shoot()
    assert clerk.notice().startswith("Pages taken: 1.")
    clerk.page.click("[data-language=zh]")
    assert clerk.notice().startswith("已拍 1 页。")
    names = clerk.page.locator("#device option").all_inner_texts()
    assert names
    assert not any("Demo" in name for name in names)
    clerk.page.click("#tab-scanner")
    clerk.page.wait_for_selector("#scan-device option:has-text('演示扫描仪')", state="attached")


def test_a_picture_without_a_page_is_told(clerk: Desk) -> None:
    clerk.open("640 × 480")
    clerk.page.evaluate("""() => {
        const capture = gaopai.captureBase64;
        gaopai.captureBase64 = async (...order) => (await capture.apply(gaopai, order)).map((picture) => ({
            ...picture,
            corners: null,
            verdict: { ...picture.verdict, ok: false, blurred: 0.9, glare: 0.6, tooSmall: 0 },
        }));
    }""")
    clerk.page.locator("#options label:has(input[name=cropType][value='1'])").click()
    clerk.shoot()
    told = clerk.notice()
    assert "No page was found" in told
    assert "blurred, glare" in told
    assert clerk.page.inner_text(".sheet .badge") == "blurred, glare"


def test_the_sound_is_off_until_somebody_wants_it(clerk: Desk) -> None:
    clerk.page.click("#options .more-button")
    assert not clerk.page.is_checked("#sound")
    clerk.page.check("#sound")
    clerk.page.reload()
    clerk.page.click("#options .more-button")
    assert clerk.page.is_checked("#sound")


def test_a_page_that_starts_before_the_service_goes_on_when_it_is_there(
    page: Page, served: Served, tmp_path: Path
) -> None:
    port = free_port()
    page.goto(f"{served.allowed}/gaopai.js")
    page.evaluate(
        """async (url) => {
            const { connect } = await import('/gaopai.js');
            const gaopai = connect(url, { wait: Infinity, retryUpTo: 500 });
            window.answer = null;
            gaopai.call('GetCameraInfo').then((answer) => { window.answer = answer; });
        }""",
        f"ws://127.0.0.1:{port}",
    )
    page.wait_for_timeout(1500)
    assert page.evaluate("window.answer") is None
    with running(tmp_path, f'[access]\norigins = ["{served.allowed}"]\n', port=port):
        page.wait_for_function("() => window.answer?.result === 0")


def test_a_call_that_may_be_done_twice_is_sent_again(page: Page, served: Served) -> None:
    between: list[WebSocketRoute] = []
    asked: list[str] = []

    def stand(route: WebSocketRoute) -> None:
        between.append(route)
        service = route.connect_to_server()

        def forward(text: str | bytes) -> None:
            asked.append(json.loads(text)["func"])
            if len(between) > 1:
                service.send(text)

        route.on_message(forward)

    page.route_web_socket(re.compile("^ws:"), stand)
    page.goto(f"{served.allowed}/gaopai.js")
    page.evaluate(
        """async (url) => {
            const { connect } = await import('/gaopai.js');
            window.gaopai = connect(url);
            window.outcome = {};
            const again = gaopai.call('GetCameraInfo', {}, { resume: true });
            again.then(({ result }) => { window.outcome.again = result; });
            gaopai.call('CancelScan').catch(({ code }) => { window.outcome.once = code; });
        }""",
        served.socket,
    )
    page.wait_for_timeout(500)
    between[0].close()
    page.wait_for_function("() => window.outcome.again === 0 && window.outcome.once === 'closed'")
    assert asked.count("CancelScan") == 1


def test_a_page_over_plain_http_is_told_so(page: Page, served: Served) -> None:
    page.goto(f"{served.allowed}/gaopai.js")
    page.evaluate("""() => {
        Object.defineProperty(window, 'isSecureContext', { value: false });
        navigator.permissions.query = async () => ({ state: 'denied' });
    }""")
    source = page.evaluate("fetch('/gaopai-diagnose.js').then((answer) => answer.text())")
    assert "isLoopback(location.hostname)" in source
    reason = page.evaluate(
        """async ([source, port]) => {
            const elsewhere = source
                .replace('isLoopback(location.hostname)', 'false')
                .replaceAll("'./", `'${location.origin}/`);
            const blob = new Blob([elsewhere], { type: 'text/javascript' });
            const module = await import(URL.createObjectURL(blob));
            return (await module.diagnose(`ws://127.0.0.1:${port}`, { language: 'en', timeout: 500 })).reason;
        }""",
        [source, free_port()],
    )
    assert reason == "insecure-page"


def test_a_clerk_reads_no_word_of_the_protocol(clerk: Desk) -> None:
    between = Between(clerk.page)
    clerk.page.reload()
    said = "上传地址不在允许之列。请由管理员加入 [upload] allow，或运行 gaopai doctor。"
    closed: dict[str, object] = {
        "result": 2007,
        "errorMsg": "This connection has no open camera. Call OpenCamera first.",
    }
    refused(clerk, between, closed, "The camera is not open. Press Open first.")
    failed = "It did not work. Try again; if it still does not, tell the administrator."
    refused(clerk, between, {"result": 4321, "errorMsg": said}, failed)
    # Whoever develops a page wants to know all of it.
    clerk.page.check("#developer")
    refused(clerk, between, closed, f"Error 2007: {closed['errorMsg']}")


def refused(desk: Desk, between: Between, refusal: dict[str, object], shown: str) -> None:
    """Press Open until just this is said: on a busy machine a notice of something else may stand there."""
    for _ in range(5):
        between.refusals["OpenCamera"] = [refusal]
        desk.page.click("#open:not([disabled])")
        with contextlib.suppress(Error):
            desk.page.wait_for_selector(f'#notice p:text-is("{shown}")', timeout=PATIENCE_MS / 10)
            desk.page.click("#notice button")
            return
    raise AssertionError(f"{shown} is never shown")
