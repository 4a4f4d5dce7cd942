"""The page for signing in a browser: read, write by finger, pen and mouse, and what becomes of it."""

from __future__ import annotations

import contextlib
import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pikepdf
import pypdfium2
import pytest
from playwright.sync_api import Error

pytest.importorskip("pyhanko", reason="the extra archive is not installed")

from server.archive.ink import InkPoint, ink_lines
from server.errors import Cancelled
from server.errors.signatures import SignerLeft
from tests.browser.axe import axe, violations
from tests.browser.chromium import Complaints
from tests.patience import PATIENCE_MS
from tests.service import REPOSITORY, Service, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

pytestmark = pytest.mark.browser

SIZES = ((1024, 600), (1920, 1080))
FINGERTIP = 44
"""Least side in pixels of what a finger is to hit."""
SMALL = """(least) => [...document.querySelectorAll('button')]
    .filter((one) => one.checkVisibility())
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([, { width, height }]) => Math.min(width, height) < least - 0.5)
    .map(([one]) => one.id || one.textContent)"""
SCROLLED = "document.getElementById('document').scrollTop"
DARK = """() => {
    const small = document.createElement('canvas');
    [small.width, small.height] = [300, 120];
    const context = small.getContext('2d', { willReadFrequently: true });
    context.drawImage(document.getElementById('ink'), 0, 0, 300, 120);
    const { data } = context.getImageData(0, 0, 300, 120);
    let dark = 0;
    for (let at = 3; at < data.length; at += 4) dark += data[at];
    return dark / 255 / 300 / 120;
}"""
COUNTER = """([url]) => new Promise((done) => {
    window.heard = [];
    window.socket = new WebSocket(url);
    socket.onmessage = ({ data }) => heard.push(JSON.parse(data));
    socket.onopen = done;
})"""
HEARD = """() => new Promise((done) => {
    const look = () => {
        const found = heard.find((m) => %s);
        if (found) done(found); else setTimeout(look, 20);
    };
    look();
})"""
STYLE = "body { font: 15px/2 'Noto Sans CJK SC', sans-serif } h1 { font-size: 24px; text-align: center }"
PARAGRAPH = (
    "<p>甲方同意按本合同约定向乙方提供借款人民币壹拾万元整，借款期限为十二个月，自签字之日起计算。</p>"
)
CONTRACT = f"""<!doctype html><meta charset="utf-8"><style>{STYLE} .page {{ break-after: page }}</style>
<div class="page"><h1>借款合同</h1>{PARAGRAPH * 12}</div>
<h1>附则</h1>{PARAGRAPH * 6}<p style="margin-top: 60px">借款人（签字）：</p>"""


@dataclass
class Counter:
    """A page of the counter that has documents signed."""

    page: Page
    service: Service

    def ask(self, function: str, **fields: object) -> None:
        message = json.dumps({"func": function, "reqId": 1, **fields})
        self.page.evaluate("(message) => socket.send(message)", message)

    def heard(self, condition: str) -> dict[str, Any]:
        """The first message that meets a condition on ``m``."""
        message: dict[str, Any] = self.page.evaluate(HEARD % condition)
        return message

    def request(self, **wishes: object) -> str:
        """Ask for a signature; the address of the page."""
        self.page.evaluate("heard.length = 0")
        place = {"page": 2, "left": 60, "top": 120, "width": 60, "height": 24}
        defaults = {"imagePath": "contract.pdf", "signer": "张三", "reason": "贷款 17", **place}
        self.ask("RequestSignature", **{**defaults, **wishes})
        url: str = self.heard("m.state === 'waiting'")["url"]
        return url

    def answer(self) -> dict[str, Any]:
        return self.heard("m.func === 'RequestSignature'")

    def signed(self) -> Path:
        return self.service.folder / "pictures" / "contract-signed.pdf"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture
def counter(browser: Browser, service: Service) -> Iterator[Counter]:
    """A counter with a contract of two pages."""
    with browser.new_context() as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.set_content(CONTRACT)
        (service.folder / "pictures").mkdir(exist_ok=True)
        (service.folder / "pictures" / "contract.pdf").write_bytes(page.pdf(format="A4", margin=MARGIN))
        page.goto(f"{service.http}/gaopai.js")
        page.evaluate(COUNTER, [service.url])
        counter = Counter(page, service)
        counter.signed().unlink(missing_ok=True)
        yield counter


MARGIN = {"top": "20mm", "right": "22mm", "bottom": "20mm", "left": "22mm"}


@pytest.fixture(params=SIZES, ids=[f"{width}x{height}" for width, height in SIZES])
def screen(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """The second screen, which is touched."""
    width, height = request.param
    with browser.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", has_touch=True
    ) as context:
        context.set_default_timeout(PATIENCE_MS)
        yield context


def opened(context: BrowserContext, url: str, complaints: Complaints | None = None) -> Page:
    """The page, with a document on it."""
    page = context.new_page()
    if complaints:
        complaints.listen(page)
    page.goto(url)
    page.wait_for_selector(".sheet img")
    return page


def press(page: Page, button: str, then: str) -> None:
    """Tap until something comes of it: of a touch that a busy machine makes long, Chromium makes no click."""
    for _ in range(5):
        page.tap(button)
        with contextlib.suppress(Error):
            page.wait_for_selector(then, timeout=PATIENCE_MS / 10)
            return
    raise AssertionError(f"nothing comes of {button}")


def read(page: Page) -> None:
    """Turn the first page by the button, go on with a finger, then to the end."""
    scrolled_by(page, lambda: page.tap("#further"))
    # The page may still be on its way.
    page.wait_for_timeout(500)
    scrolled_by(page, lambda: swipe(page))
    assert page.is_disabled("#write")
    page.evaluate("document.getElementById('document').scrollTop = 1e6")
    page.wait_for_selector("#write:enabled")


def scrolled_by(page: Page, gesture: Callable[[], None]) -> None:
    """Scroll by a gesture: of one that a busy machine makes long, Chromium may make nothing."""
    before = page.evaluate(SCROLLED)
    for _ in range(5):
        gesture()
        with contextlib.suppress(Error):
            page.wait_for_function(f"(before) => {SCROLLED} > before", arg=before, timeout=PATIENCE_MS / 10)
            return
    raise AssertionError("the document does not scroll")


def swipe(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    for down in (450, 400, 330, 240, 130):
        kind = "touchStart" if down == 450 else "touchMove"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": 400, "y": down}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def written(page: Page, pressed: bool = False) -> None:
    """Write by finger, or by a pen that feels how it is pressed, until it is ink; see `press`."""
    for _ in range(5):
        _write(page, pressed)
        with contextlib.suppress(Error):
            page.wait_for_selector("#done:enabled", timeout=PATIENCE_MS / 10)
            return
    raise AssertionError("no stroke becomes ink")


def _write(page: Page, pressed: bool) -> None:
    """Write two strokes."""
    session = page.context.new_cdp_session(page)
    box = page.locator("#ink").bounding_box()
    assert box is not None
    for stroke in range(2):
        for number in range(41):
            share = number / 40
            x = box["x"] + box["width"] * (0.1 + 0.4 * stroke + 0.35 * share)
            y = box["y"] + box["height"] * (0.5 + 0.3 * math.sin(7 * share + 2 * stroke))
            (_pen if pressed else _finger)(session, number, x, y, 0.1 + 0.8 * share)
    session.detach()


def _finger(session: CDPSession, number: int, x: float, y: float, _: float) -> None:
    kind = "touchStart" if number == 0 else "touchMove"
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    if number == 40:
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def _pen(session: CDPSession, number: int, x: float, y: float, force: float) -> None:
    pen = {"x": x, "y": y, "pointerType": "pen", "button": "left", "buttons": 1, "force": force}
    kind = "mousePressed" if number == 0 else "mouseMoved"
    session.send("Input.dispatchMouseEvent", {"type": kind, **pen, "clickCount": 1})
    if number == 40:
        session.send(
            "Input.dispatchMouseEvent", {"type": "mouseReleased", **pen, "buttons": 0, "clickCount": 1}
        )


def dark(page: Page) -> float:
    """Share of the field that is written on."""
    share: float = page.evaluate(DARK)
    return share


def verified(path: Path) -> str:
    """Return the answer of ``gaopai verify`` to a file."""
    done = subprocess.run(
        [sys.executable, "-m", "server", "verify", str(path), "--json"],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout


def test_a_person_reads_and_signs_by_finger(counter: Counter, screen: BrowserContext) -> None:
    complaints = Complaints()
    url = counter.request()
    page = opened(screen, url, complaints)
    assert "ticket" not in page.url
    assert page.inner_text("#task") == "张三 · 贷款 17"
    assert page.is_disabled("#write")
    read(page)
    counter.heard("m.state === 'read'")
    assert page.evaluate(SMALL, FINGERTIP) == []
    press(page, "#write", "#pad[open]")
    assert page.is_disabled("#done") and page.is_disabled("#again")
    written(page)
    assert dark(page) > 0.002
    press(page, "#again", "#again:disabled")
    assert dark(page) == 0 and page.is_disabled("#done")
    written(page)
    assert page.evaluate(SMALL, FINGERTIP) == []
    press(page, "#done", "#ended[data-how=signed]")
    answer = counter.answer()
    assert (answer["result"], answer["pointer"]) == (0, "touch")
    told = json.loads(verified(counter.signed()))
    assert told["holds"] and told["signatures"][0]["hand"]["signer"] == "张三"
    assert complaints.heard == []


def test_a_pen_makes_lines_as_broad_as_it_is_pressed(counter: Counter, screen: BrowserContext) -> None:
    page = opened(screen, counter.request(readToEnd=False))
    press(page, "#write", "#pad[open]")
    written(page, pressed=True)
    page.click("#done")
    answer = counter.answer()
    assert answer["pointer"] == "pen"
    widths = [float(one.split('"')[0]) for one in answer["svg"].split('path stroke-width="')[1:]]
    assert max(widths) > 2 * min(widths)


def test_lines_on_the_screen_are_those_in_the_document(counter: Counter) -> None:
    strokes = [
        [[0.1, 0.5, 0, 0.2], [0.3, 0.1, 8, 0.5], [0.6, 0.9, 31, 0.9], [0.7, 0.9, 60, 0.4]],
        [[0.2, 0.2, 90, 0.3]],
    ]
    for felt in (True, False):
        given = strokes if felt else [[[*point[:3], 0] for point in stroke] for stroke in strokes]
        drawn = counter.page.evaluate(
            """async ([strokes, size]) => {
                const { inkLines, isFelt } = await import('/sign/ink.js');
                return strokes.flatMap((stroke) => inkLines(stroke, size, isFelt(strokes)));
            }""",
            [given, [170, 68]],
        )
        expected = ink_lines([tuple(InkPoint(*point) for point in stroke) for stroke in given], 170, 68)
        assert [pytest.approx(list(line), abs=1e-9) for line in expected] == drawn


def test_who_leaves_signs_nothing(counter: Counter, screen: BrowserContext) -> None:
    page = opened(screen, counter.request())
    press(page, "#leave", "#leaving[open]")
    press(page, "#stay", "body:not(:has(#leaving[open]))")
    press(page, "#leave", "#leaving[open]")
    press(page, "#go", "#ended[data-how=left]")
    assert counter.answer()["result"] == SignerLeft.code
    page = opened(screen, counter.request())
    page.close()
    assert counter.answer()["result"] == SignerLeft.code
    page = opened(screen, counter.request())
    page.reload()
    page.wait_for_selector("#ended[data-how=closed]")
    assert counter.answer()["result"] == SignerLeft.code
    assert not counter.signed().exists()


def test_a_ticket_opens_one_page(counter: Counter, screen: BrowserContext) -> None:
    url = counter.request()
    page = opened(screen, url)
    second = screen.new_page()
    second.goto(url)
    second.wait_for_selector("#ended[data-how=gone]")
    read(page)
    counter.ask("CancelSignature")
    assert counter.answer()["result"] == Cancelled.code
    page.wait_for_selector("#ended[data-how=gone]")


def test_both_languages_and_nothing_keeps_people_out(counter: Counter, screen: BrowserContext) -> None:
    page = opened(screen, counter.request())
    page.evaluate(axe())
    for language, word in (("en", "Sign"), ("zh", "签字")):
        press(page, f"[data-language={language}]", f"html[lang|={language}]")
        assert page.inner_text("#write") == word
        assert violations(page) == []
    assert page.evaluate("localStorage.length") == 0
    page.emulate_media(color_scheme="dark")
    assert violations(page, "dark") == []
    read(page)
    press(page, "#write", "#pad[open]")
    assert violations(page) == []
    press(page, "#back", "body:not(:has(#pad[open]))")
    press(page, "#leave", "#leaving[open]")
    assert violations(page) == []


def test_it_is_read_and_signed_by_keys_and_mouse(counter: Counter, browser: Browser) -> None:
    with browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-US") as context:
        context.set_default_timeout(PATIENCE_MS)
        page = opened(context, counter.request())
        page.keyboard.press("End")
        page.wait_for_selector("#write:enabled")
        assert page.locator(".sheet img").count() == 2
        page.focus("#write")
        page.keyboard.press("Enter")
        box = page.locator("#ink").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 50, box["y"] + 50)
        page.mouse.down()
        page.mouse.move(box["x"] + 300, box["y"] + 120, steps=10)
        page.mouse.up()
        page.focus("#done")
        page.keyboard.press("Enter")
        page.wait_for_selector("#ended[data-how=signed]")
    assert counter.answer()["pointer"] == "mouse"


def test_the_place_is_where_the_document_says_sign(counter: Counter, browser: Browser) -> None:
    """Read by the reader of the service; beside the text and level with it."""
    wishes = {"signer": "张三", "find": "签字", "width": 40, "height": 16}
    counter.ask("RequestSignature", imagePath="contract.pdf", readToEnd=False, **wishes)
    with browser.new_context(has_touch=True) as context:
        page = opened(context, counter.heard("m.state === 'waiting'")["url"])
        page.click("#write")
        written(page)
        page.click("#done")
        assert counter.answer()["result"] == 0
    with pikepdf.open(counter.signed()) as signed:
        left, bottom, right, top = (float(one) for one in signed.pages[1].Annots[0].Rect)
    text = pypdfium2.PdfDocument(counter.signed())[1].get_textpage()
    found = text.search("签字", match_case=True)
    start, _ = list(iter(found.get_next, None))[-1]
    marks = [text.get_charbox(start + number) for number in (0, 1)]
    mm = 72 / 25.4
    assert marks[1][2] < left < marks[1][2] + 4 * mm
    assert (bottom + top) / 2 == pytest.approx((marks[0][1] + marks[0][3]) / 2, abs=1.5 * mm)
    assert (right - left, top - bottom) == pytest.approx((40 * mm, 16 * mm), abs=0.1)
