"""Troubles of a clerk at the counter: nothing jumps, nothing hides, and numbers agree."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from tests.browser.desk import Desk
from tests.browser.test_tray import add, clerk, pictures
from tests.patience import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, WebSocketRoute

    from tests.browser.conftest import Served

__all__ = ["clerk"]

pytestmark = pytest.mark.browser

SHAPES = """() => {
    const image = document.getElementById('viewer-image');
    const box = document.getElementById('enlarged').getBoundingClientRect();
    return [image.naturalWidth / image.naturalHeight, box.width / box.height];
}"""
GROWN = "document.documentElement.scrollHeight - innerHeight"
SEEN = """(selector) => {
    const box = document.querySelector(selector).getBoundingClientRect();
    const inside = box.top >= 0 && box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
    return { inside, width: box.width, height: box.height };
}"""


def lies_as_it_is(page: Page) -> None:
    """The picture in the viewer has its own shape."""
    page.wait_for_function("() => document.getElementById('viewer-image').complete")
    natural, shown = page.evaluate(SHAPES)
    assert shown == pytest.approx(natural, rel=0.02)


def test_a_corrected_page_has_its_own_shape(clerk: Desk) -> None:
    page = clerk.page
    clerk.open("640 × 480")
    page.locator("#options label:has(input[name=cropType][value='1'])").click()
    clerk.shoot()
    page.click("#shown-open")
    lies_as_it_is(page)
    page.click("#viewer-recrop")
    page.wait_for_selector("#viewer-corners")
    lies_as_it_is(page)
    page.click("#viewer-cut")
    page.wait_for_selector("#viewer-cutting", state="hidden")
    lies_as_it_is(page)
    page.click("#viewer-compare")
    page.wait_for_selector("#viewer-compare[aria-pressed=true]")
    lies_as_it_is(page)
    page.click("#viewer-read")
    page.wait_for_selector("#viewer[aria-busy=false]")
    lies_as_it_is(page)


def test_sending_pages_on_moves_nothing(clerk: Desk, tmp_path: Path) -> None:
    add(clerk, pictures(tmp_path, 7))
    before = clerk.page.locator("#sheets").bounding_box()
    clerk.page.click("#upload-toggle")
    clerk.page.wait_for_selector("#upload")
    assert clerk.page.evaluate(GROWN) == 0
    assert clerk.page.locator("#sheets").bounding_box() == before
    assert clerk.page.evaluate(SEEN, "#upload")["inside"]
    clerk.page.keyboard.press("Escape")
    clerk.page.wait_for_selector("#upload", state="hidden")


def test_a_page_is_called_by_its_place(clerk: Desk, tmp_path: Path) -> None:
    made = pictures(tmp_path, 6)
    for blank in (made[3], made[5]):
        cv2.imwrite(str(blank), np.full((1200, 900, 3), 250, np.uint8))
    add(clerk, made)
    clerk.do(1, "remove")
    numbers = clerk.sheets.locator(".number")
    assert numbers.all_inner_texts() == ["1", "2", "3", "4", "5"]
    clerk.sheets.nth(0).locator("input").uncheck()
    clerk.page.click("#merge-button")
    said = clerk.page.wait_for_selector("#case-notice[data-kind=info] p")
    assert said is not None
    # Of the ticked ones those are second and fourth.
    blank = [name for name in said.inner_text().split("lank")[1] if name.isdigit()]
    assert {"3", "5"} <= set(blank)
    clerk.do(0, "later")
    assert numbers.all_inner_texts() == ["1", "2", "3", "4", "5"]
    assert clerk.sheets.nth(0).locator(".file").inner_text().endswith("page-03.png")


def test_another_camera_opens_without_a_complaint(clerk: Desk) -> None:
    page = clerk.page
    clerk.open("640 × 480")
    page.evaluate(
        """() => {
            window.refused = [];
            window.gaopai.addEventListener('message', ({ detail: { direction, message } }) => {
                if (direction === 'in' && message?.result > 0) window.refused.push(message.func);
            });
        }"""
    )
    for index in (1, 0, 1):
        page.select_option("#device", index=index)
        page.wait_for_selector("#shutter:not([disabled])")
        page.wait_for_selector("#open:not([disabled])")
        assert page.get_attribute("#notice", "data-kind") != "error"
    # A stream that is stopped ends so.
    assert set(page.evaluate("window.refused")) <= {"GetCameraVideoBuff"}


def test_a_notice_moves_nothing(clerk: Desk) -> None:
    page = clerk.page
    clerk.open("640 × 480")
    boxes = ("#stage", "#shutter", "#sheets", "#merge-button")
    before = [page.locator(part).bounding_box() for part in boxes]
    page.evaluate(
        """() => {
            for (const id of ['notice', 'case-notice']) {
                const box = document.getElementById(id);
                box.dataset.kind = 'error';
                box.querySelector('p').textContent = 'It cannot be reached; check its address. '.repeat(8);
                box.querySelector('button').hidden = false;
            }
        }"""
    )
    assert [page.locator(part).bounding_box() for part in boxes] == before


PRIMARY = {"scanner": "#scan-button", "card": "#card-read", "finger": "#finger-take", "face": "#face-open"}


@pytest.mark.parametrize("size", [(960, 540), (1093, 614), (1366, 768), (1920, 1080)])
def test_shutter_preview_and_tray_are_in_sight_together(
    browser: Browser, served: Served, size: tuple[int, int]
) -> None:
    width, height = size
    with browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN") as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(served.address)
        desk = Desk(page)
        assert page.is_checked("#options input[name=cropType][value='1']"), "pages are cropped"
        desk.open("640 × 480")
        page.click("#shutter")
        desk.sheets.nth(0).wait_for()
        for part, least in {"#shutter": 40, "#stage": 200, "#sheets": 100, "#merge-button": 30}.items():
            seen = page.evaluate(SEEN, part)
            assert seen["inside"], (part, seen)
            assert seen["height"] >= least, (part, seen)
        assert page.evaluate(GROWN) == 0
        for tab, button in PRIMARY.items():
            page.click(f"#tab-{tab}")
            seen = page.evaluate(SEEN, button)
            assert seen["inside"], (tab, seen)
            assert page.evaluate(GROWN) == 0, tab


ROOM = """() => [...document.querySelectorAll('#scan-stage, #scan-button')].map((one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return [Math.round(bottom - top), bottom <= innerHeight && top >= 0];
})"""


@pytest.mark.parametrize(("touch", "size"), [(True, (1024, 600)), (False, (1093, 614))])
def test_a_page_that_is_scanned_has_room_on_small_screens(
    browser: Browser, served: Served, touch: bool, size: tuple[int, int]
) -> None:
    width, height = size
    with browser.new_context(
        viewport={"width": width, "height": height}, locale="en-US", has_touch=touch
    ) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"{served.address}#scanner")
        page.wait_for_selector("#scan-button:not([disabled])")
        (stage, whole), (_, reached) = page.evaluate(ROOM)
        assert stage >= 200, "it was 105 pixels on the first, 179 on the second"
        assert whole
        assert reached


COVERED = """(kind) => {
    const notice = document.getElementById('scan-notice');
    notice.dataset.kind = kind;
    notice.querySelector('p').textContent = 'Something was said. '.repeat(3);
    const { left, top, width, height } = notice.getBoundingClientRect();
    return document.elementFromPoint(left + width / 2, top + height / 2).closest('.drawer') === null;
}"""


def test_only_what_went_wrong_is_told_above_an_open_sheet(page: Page, served: Served) -> None:
    page.goto(f"{served.address}#scanner")
    page.wait_for_selector("#scan-button:not([disabled])")
    page.set_viewport_size({"width": 1366, "height": 768})
    page.click("#scan-options .more-button")
    assert not page.evaluate(COVERED, "info")
    assert page.evaluate(COVERED, "error")


LACKING = ("delete Array.prototype.toSorted; delete window.HTMLDialogElement", "")


@pytest.mark.parametrize("lacking", LACKING)
def test_a_browser_that_is_too_old_is_told_so(page: Page, served: Served, lacking: str) -> None:
    page.add_init_script(lacking)
    page.route(
        "**/station/station.js", lambda route: route.fulfill(body="let a = ;", content_type="text/javascript")
    )
    page.goto(served.address)
    said = page.wait_for_selector("#too-old", timeout=PATIENCE_MS)
    assert said is not None
    assert "Chromium" in said.inner_text()
    assert "浏览器" in said.inner_text()


def test_a_station_that_works_says_nothing_of_old_browsers(clerk: Desk) -> None:
    clerk.page.wait_for_selector("#open:not([disabled])")
    assert not clerk.page.is_visible("#too-old")


CARD = {
    "type": "id-card-back",
    "fields": {"issue": "某某市公安局", "startDate": "20050601", "endDate": "20150601"},
    "valid": True,
    "expired": True,
    "problems": [],
    "corners": [[0, 0], [9, 0], [9, 5], [0, 5]],
}


def test_a_card_that_has_expired_is_called_so_and_is_in_sight(clerk: Desk) -> None:
    page = clerk.page
    clerk.open("640 × 480")
    page.locator("#options label:has(input[name=cropType][value='1'])").click()
    page.check("#sight-switch")
    page.evaluate(
        """(card) => {
            const devNum = document.getElementById('device').selectedIndex;
            const push = { devNum, state: 'read', documents: [card] };
            setInterval(() => gaopai.dispatchEvent(new CustomEvent('documents', { detail: push })), 50);
        }""",
        CARD,
    )
    badge = page.wait_for_selector("#sight-documents .badge:has-text('Expired')")
    assert badge is not None
    assert badge.inner_text() == "Expired (2015-06-01)"
    page.wait_for_selector("#in-sight[data-found=true]")


def test_a_sharp_desk_is_not_called_readable(clerk: Desk) -> None:
    clerk.open("640 × 480")
    clerk.page.evaluate("""() => {
        const capture = gaopai.captureBase64;
        gaopai.captureBase64 = async (...order) => (await capture.apply(gaopai, order)).map((picture) => ({
            ...picture, corners: null, verdict: { ...picture.verdict, ok: true, blurred: 0, cutOff: 0 },
        }));
    }""")
    clerk.page.locator("#options label:has(input[name=cropType][value='1'])").click()
    clerk.shoot()
    assert "No page was found" in clerk.notice()
    for place in ("#notice", "#shown-told"):
        assert "can be read" not in clerk.page.inner_text(place)


def counted(page: Page) -> int:
    """Presses of the mouse or keys that a person made."""
    presses: int = page.evaluate("window.presses ?? 0")
    return presses


OTHER_SIDE = """() => {
    const capture = gaopai.captureBase64;
    let count = 0;
    gaopai.captureBase64 = async (...order) => {
        const pictures = await capture.apply(gaopai, order);
        if ((count += 1) % 2 === 1) return pictures;
        const picture = await createImageBitmap(pictures[0].blob);
        const { width, height } = picture;
        const side = Object.assign(document.createElement('canvas'), { width, height });
        const context = side.getContext('2d');
        const half = Math.round(height / 2);
        context.drawImage(picture, 0, half);
        context.drawImage(picture, 0, half - height);
        const blob = await new Promise((resolve) => side.toBlob(resolve, 'image/jpeg'));
        return [{ ...pictures[0], blob }];
    };
}"""
"""Each second picture of the camera is another side: its halves have changed places."""
COUNT = "addEventListener('click', (e) => { window.presses = (window.presses ?? 0) + e.isTrusted; }, true)"


def test_few_presses_lead_from_an_open_page_to_what_a_clerk_wants(clerk: Desk) -> None:
    page = clerk.page
    clerk.open("1280 × 960")
    page.locator("#options label:has(input[name=cropType][value='1'])").click()
    page.context.add_init_script(COUNT)
    # A choice is remembered once the service has taken it.
    page.wait_for_function("() => JSON.parse(localStorage['gaopai.options']).cropType === 1")
    page.reload()
    # The camera that was open is open again, as it was, and pages are cropped.
    page.wait_for_selector("#shutter:not([disabled])")
    assert page.input_value("#resolution") == "1280 × 960"
    page.wait_for_selector("#in-sight[data-found=true]")
    page.click("#shutter")
    clerk.sheets.nth(0).wait_for()
    assert counted(page) == 1
    page.evaluate(OTHER_SIDE)
    page.click("#card-tile")
    page.click("#shutter")
    page.wait_for_selector("#compose-front[src]")
    page.wait_for_selector("#shutter:not([aria-busy=true])")
    page.click("#shutter")
    clerk.sheets.nth(1).wait_for()
    assert counted(page) - 1 <= 4
    assert page.is_hidden("#compose")
    page.click("#merge-button")
    page.wait_for_selector("#document:not([hidden])")
    assert counted(page) - 1 - 3 == 1
    # The document is still there when the page is opened again.
    name = page.inner_text("#document-name")
    page.reload()
    page.wait_for_selector(f"#document-name:has-text('{name}')")
    page.wait_for_selector("#connection[data-state=open]")
    with page.expect_download() as download:
        page.click("#document-download")
    assert download.value.suggested_filename == name


def test_an_outline_that_is_not_certain_is_dashed_and_cut_in_one_press(clerk: Desk) -> None:
    page = clerk.page
    clerk.open("640 × 480")
    page.evaluate("""() => {
        const capture = gaopai.captureBase64;
        const corners = [[100, 100], [300, 100], [300, 400], [100, 400]];
        gaopai.captureBase64 = async (...order) => (await capture.apply(gaopai, order)).map((picture) => (
            { ...picture, corners: null, crop: { state: 'unsure', corners } }));
    }""")
    page.locator("#options label:has(input[name=cropType][value='0'])").click()
    clerk.shoot()
    assert page.locator("#shown-unsure polygon").get_attribute("points") is not None
    page.click("#shown-crop")
    page.wait_for_selector("#shown-told:has-text('× 3')")
    page.wait_for_selector("#shown-doubt", state="hidden")


def test_blank_pages_go_in_one_press_and_keys_walk_the_tray(clerk: Desk, tmp_path: Path) -> None:
    made = pictures(tmp_path, 4)
    cv2.imwrite(str(made[1]), np.full((1200, 900, 3), 250, np.uint8))
    add(clerk, made)
    assert clerk.page.is_hidden("#tray-blanks")
    # Merging finds them.
    clerk.page.click("#merge-button")
    clerk.page.wait_for_selector("#tray-blanks")
    count = clerk.sheets.count()
    clerk.page.click("#tray-blanks")
    clerk.page.wait_for_selector("#tray-blanks", state="hidden")
    assert clerk.sheets.count() < count
    clerk.page.click("#tray-undo")
    assert clerk.sheets.count() == count
    names = clerk.sheets.locator(".file")
    before = names.all_inner_texts()
    clerk.sheets.nth(1).locator(".thumb").focus()
    clerk.page.keyboard.press("ArrowRight")
    assert clerk.sheets.nth(2).locator(".thumb").get_attribute("aria-current") == "true"
    clerk.page.keyboard.press("Delete")
    clerk.page.keyboard.press("Control+z")
    assert names.all_inner_texts() == before


def test_a_private_copy_is_looked_at_before_it_is_kept(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    (made,) = pictures(tmp_path, 1)
    copy = base64.b64encode(cv2.imencode(".png", np.zeros((120, 90, 3), np.uint8))[1].tobytes()).decode()

    def answered(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            asked = json.loads(message)
            if asked["func"] != "PrivateCopy":
                return server.send(message)
            told = {
                "mime": "image/png",
                "fileBase64": copy,
                "pages": 1,
                "removed": False,
                "hidden": {"id": 2},
            }
            return route.send(
                json.dumps({"func": "PrivateCopy", "reqId": asked["reqId"], "result": 0, **told})
            )

        route.on_message(pass_on)

    page.route_web_socket("**", answered)
    page.reload()
    add(clerk, [made])
    light = clerk.shown().mean()
    page.click("#shown-open")
    page.click("#viewer-private")
    page.wait_for_selector("#viewer-status:has-text('Parts covered: 2')")
    page.click("#viewer-unkeep")
    page.click("#viewer-private")
    page.click("#viewer-keep")
    page.wait_for_selector("#viewer-keep", state="hidden")
    assert "no longer ticked" in page.inner_text("#viewer-status")
    # Nobody calls what is covered the original.
    assert page.is_disabled("#viewer-compare")
    page.click("#viewer-close")
    assert clerk.shown().mean() < 5 < light
    assert clerk.sheets.count() == 2
    assert [row.locator("input").is_checked() for row in clerk.sheets.all()] == [False, True]
    clerk.sheets.nth(0).locator(".thumb").click()
    assert clerk.shown().mean() == pytest.approx(light)
    page.click("#shown-open")
    assert page.is_enabled("#viewer-compare")
    page.click("#viewer-close")


def test_the_viewer_forgets_what_went_wrong_and_says_why_it_cannot_cut(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    add(clerk, pictures(tmp_path, 1))
    page.evaluate("""() => {
        const { send } = WebSocket.prototype;
        WebSocket.prototype.send = function (text) {
            const asked = JSON.parse(text);
            if (asked.func !== 'RecogBarCode') return send.call(this, text);
            const answer = { func: asked.func, reqId: asked.reqId, result: 3001, errorMsg: 'It went wrong.' };
            return this.onmessage({ data: JSON.stringify(answer) });
        };
    }""")
    page.click("#shown-open")
    page.click("#viewer-read")
    page.wait_for_function("() => document.getElementById('viewer-status').textContent !== ''")
    page.click("#viewer-close")
    page.click("#shown-open")
    assert page.inner_text("#viewer-status") == ""
    page.click("#viewer-recrop")
    page.wait_for_selector("#viewer-status:has-text('Drag the corners')")
    image = page.locator("#viewer-image").bounding_box()
    corner = page.locator("#viewer-corners .corner").nth(2).bounding_box()
    assert image is not None
    assert corner is not None
    page.mouse.move(corner["x"] + 13, corner["y"] + 13)
    page.mouse.down()
    page.mouse.move(image["x"] + image["width"] * 0.2, image["y"] + image["height"] * 0.2, steps=4)
    page.wait_for_selector("#viewer-status:has-text('four sides')")
    assert page.is_disabled("#viewer-cut")
    page.mouse.move(image["x"] + image["width"] * 0.8, image["y"] + image["height"] * 0.8, steps=4)
    page.wait_for_selector("#viewer-status:has-text('Drag the corners')")
    page.mouse.up()


def test_two_fronts_are_no_copy_of_a_card(clerk: Desk) -> None:
    page = clerk.page
    clerk.open("640 × 480")
    page.click("#card-tile")
    page.wait_for_selector("#in-sight[data-found=true]")
    for _ in range(2):
        page.click("#shutter")
        page.wait_for_selector("#compose-front[src]")
        page.wait_for_selector("#shutter[aria-busy=false]")
    page.wait_for_selector("#notice:has-text('looks like the first side')")
    assert clerk.sheets.count() == 0
    assert page.is_visible("#compose")
    # Whoever knows better presses once more.
    page.click("#shutter")
    clerk.sheets.nth(0).wait_for()


LONG_CODE = "HTTPS://WWW.EXAMPLE.CN/" + "0123456789" * 8
BEGINS_INSIDE = """(text) => {
    const buttons = [...document.querySelectorAll('#viewer-codes button')];
    const button = buttons.find((one) => one.textContent.includes(text));
    const inside = button.getBoundingClientRect();
    return button.querySelector('b').getBoundingClientRect().left >= inside.left
        && button.querySelector('span').getBoundingClientRect().right <= inside.right;
}"""


def test_the_label_of_a_long_code_begins_with_its_kind(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    code = {"codeType": "QR_CODE", "codeNum": LONG_CODE, "corners": [[30, 40], [60, 40], [60, 70], [30, 70]]}

    def answered(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            asked = json.loads(message)
            if asked["func"] != "RecogBarCode":
                return server.send(message)
            told = {"func": asked["func"], "reqId": asked["reqId"], "result": 0, "codeInfos": [code]}
            return route.send(json.dumps(told))

        route.on_message(pass_on)

    page.route_web_socket("**", answered)
    page.reload()
    made = tmp_path / "wide.png"
    cv2.imwrite(str(made), np.full((800, 1200, 3), 250, np.uint8))
    add(clerk, [made])
    page.click("#shown-open")
    page.click("#viewer-read")
    page.wait_for_selector("#viewer-codes button")
    assert page.evaluate(BEGINS_INSIDE, LONG_CODE)
