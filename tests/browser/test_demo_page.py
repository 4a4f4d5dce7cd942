"""The demo page against the real service with its demo camera."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from imgcore.deskew import find_skew
from synthetic.codes import EAN_DIGITS, check_digit
from tests.browser.site import WEB

if TYPE_CHECKING:
    from playwright.sync_api import WebSocketRoute

    from imgcore.types import Image
    from tests.browser.conftest import Served
    from tests.browser.desk import Desk

pytestmark = pytest.mark.browser
EAN = EAN_DIGITS + check_digit(EAN_DIGITS)
SMALL = "640 × 480"
"""Size for tests that do not look at the picture."""


def test_preview_moves(desk: Desk) -> None:
    desk.open()
    # As large as it is shown, once the service has heard how large that is.
    width, height = desk.page.evaluate("[preview.clientWidth, preview.clientHeight]")
    first = desk.frame_where(lambda frame: frame.shape == (height, width, 3))
    desk.frame_where(lambda frame: not np.array_equal(frame, first))
    assert re.search(r"1600 × 1200 · \d+ fps", desk.page.inner_text("#figures"))


def test_a_single_crop_is_outlined_in_green(desk: Desk) -> None:
    desk.open()
    assert green(desk.frame()).sum() == 0
    desk.choose("cropType", 1)
    marked = green(desk.frame_where(lambda frame: bool(green(frame).sum() > 1000)))
    rows, columns = np.nonzero(marked)
    inside = marked[shrunk(rows), shrunk(columns)]
    assert inside.sum() == 0, "the outline is a ring around the page"


@pytest.mark.smoke
def test_a_cropped_capture_is_smaller_and_upright(desk: Desk) -> None:
    desk.open()
    whole = desk.shoot()
    desk.choose("cropType", 1)
    page = desk.shoot()
    assert whole.shape == (1200, 1600, 3)
    assert page.shape[0] * page.shape[1] < 0.8 * 1200 * 1600
    assert page.shape[0] > page.shape[1], "the demo's sheet is portrait"
    assert sharpness_of_lines(page, 0) > max(sharpness_of_lines(page, 3), sharpness_of_lines(page, -3))


def test_a_flattened_capture_is_not_said_to_show_no_page(desk: Desk) -> None:
    desk.open(SMALL)
    desk.choose("cropType", 3)
    assert desk.shoot().shape[:2] != (480, 640)
    said = desk.page.inner_text("#notice")
    assert "No page was found" not in said and "未找到文件" not in said


def test_a_turned_preview_swaps_its_sides(desk: Desk) -> None:
    desk.open(SMALL)
    desk.choose("rotate", 90)
    desk.frame_where(lambda frame: frame.shape == (640, 480, 3))


def test_a_manual_crop_is_what_the_rectangle_shows(desk: Desk) -> None:
    desk.open()
    desk.choose("cropType", 4)
    corner = desk.page.locator("#crop [data-corner='right bottom']").bounding_box()
    canvas = desk.page.locator("#preview").bounding_box()
    assert corner is not None
    assert canvas is not None
    mouse = desk.page.mouse
    mouse.move(corner["x"] + 9, corner["y"] + 9)
    mouse.down()
    mouse.move(canvas["x"] + canvas["width"] / 2, canvas["y"] + canvas["height"] / 2, steps=3)
    mouse.up()
    height, width, _ = desk.shoot().shape
    assert (width, height) == pytest.approx((640, 480), abs=6)


def test_the_cameras_button_takes_a_picture(desk: Desk, served: Served) -> None:
    desk.open()
    served.press_button()
    desk.sheets.nth(0).wait_for()


def test_a_second_camera_is_laid_into_the_corner(desk: Desk) -> None:
    desk.open()
    alone = desk.shoot().astype(int)
    desk.page.click("#options .more-button")
    desk.page.select_option("#overlay", index=1)
    desk.page.click("#options .more-button")
    both = desk.shoot().astype(int)
    assert both.shape == alone.shape
    changed = np.abs(both - alone)
    # The demo camera's page moves a little between two pictures.
    assert changed[900:1150, 1250:1550].mean() > max(10, 1.4 * changed[:600, :800].mean())


def test_a_picture_is_saved_below_the_root(desk: Desk, served: Served) -> None:
    desk.open()
    shown = desk.shoot()
    for name in ("counter.png", "counter2.png"):
        desk.page.fill("#merge-name", name)
        desk.page.click("#save-button")
        desk.page.wait_for_selector(f"#case-notice:has-text('{name}')")
        saved = cv2.imread(str(served.root / name)).astype(int)
        assert np.abs(saved - shown).mean() < 4, "the picture that is shown"
    assert desk.sheets.count() == 1


def test_an_error_is_said_with_its_code(desk: Desk) -> None:
    desk.open()
    desk.shoot()
    desk.page.fill("#merge-name", "counter.exe")
    desk.page.click("#save-button")
    desk.page.wait_for_selector("#case-notice:has-text('Error 4001: ')")


def test_text_is_levelled_whatever_the_crop(desk: Desk) -> None:
    desk.open()
    desk.switch("deskew")
    skew = find_skew(desk.shoot())
    assert skew is not None
    assert abs(skew.degrees) < 0.2


def test_a_page_is_turned_upright(desk: Desk) -> None:
    desk.open()
    desk.choose("cropType", 1)
    desk.choose("rotate", 180)
    assert not heading_is_above(desk.shoot())
    desk.switch("upright")
    assert heading_is_above(desk.shoot())


def test_an_option_that_is_refused_goes_back(desk: Desk) -> None:
    desk.page.route_web_socket(re.compile("^ws:"), refuse_receipts)
    desk.page.reload()
    desk.page.wait_for_selector("#open:not([disabled])")
    desk.switch("deskew")
    desk.choose("imageType", 7)
    assert desk.notice() == "Error 1006: Not offered yet."
    assert desk.chosen("imageType") == 8
    desk.switch("upright")
    assert not desk.switched("upright")
    assert desk.switched("deskew"), "it was accepted before"


def test_messages_are_shown_without_their_pictures(desk: Desk) -> None:
    desk.open(SMALL)
    desk.shoot()
    log = desk.page.inner_text("#log")
    for func in ("GetCameraInfo", "OpenCamera", "GetCameraVideoBuff ×", "CameraCaptureBase64"):
        assert func in log
    desk.page.fill("#hand-text", '{"func":"NoSuchThing","reqId":"by hand"}')
    desk.page.press("#hand-text", "Control+Enter")
    desk.page.wait_for_selector("#log summary[data-failed=true]")
    desk.page.locator("#log summary", has_text="CameraCaptureBase64").last.click()
    assert max(map(len, desk.page.inner_text("#log").splitlines())) < 400


def test_pictures_are_enlarged_and_downloaded(desk: Desk) -> None:
    desk.open(SMALL)
    desk.shoot()
    desk.page.click("#shown-open")
    desk.page.wait_for_selector("#viewer[open]")
    with desk.page.expect_download() as download:
        desk.page.click("#viewer-download")
    assert download.value.suggested_filename == "gaopai-1.jpg"
    desk.page.keyboard.press("Escape")
    assert desk.page.locator("#viewer[open]").count() == 0


def test_the_keyboard_alone_takes_a_picture(desk: Desk) -> None:
    keyboard = desk.page.keyboard
    desk.page.wait_for_selector("#open:not([disabled])")
    desk.resolve(SMALL)
    tab_to(desk, "open")
    keyboard.press("Enter")
    desk.page.wait_for_selector("#shutter:focus")
    keyboard.press("Space")
    desk.sheets.nth(0).wait_for()
    desk.page.evaluate("document.activeElement.blur()")
    keyboard.press("Space")
    desk.sheets.nth(1).wait_for()


def test_both_languages_are_whole(desk: Desk) -> None:
    for language, tag in (("zh", "zh-CN"), ("en", "en")):
        desk.page.click(f"[data-language={language}]")
        desk.page.reload()
        assert desk.page.evaluate("document.documentElement.lang") == tag
        desk.page.wait_for_selector("#open:not([disabled])")
        empty = "[...document.querySelectorAll('[data-i18n]')].filter((e) => !e.textContent.trim()).length"
        assert desk.page.evaluate(empty) == 0
    keys = "import('/texts/texts.js').then(({DICTIONARIES: d}) => [Object.keys(d.zh), Object.keys(d.en)])"
    zh, en = desk.page.evaluate(keys)
    assert zh == en
    assert used_keys() <= set(zh)


def test_barcodes_in_sight_are_drawn_and_copied(desk: Desk) -> None:
    desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.page.click("#options .more-button")
    desk.page.check("#barcode")
    desk.page.click("#options .more-button")
    desk.open()
    label = desk.page.get_by_role("button", name=f"Copy EAN13: {EAN}")
    label.wait_for()
    shapes = desk.page.locator("#codes polygon")
    counts = "['polygon', 'button'].map((name) => document.querySelectorAll(`#codes ${name}`).length)"
    polygons, buttons = desk.page.evaluate(counts)
    assert polygons == buttons
    canvas = desk.page.locator("#preview").bounding_box()
    assert canvas is not None
    # All at once: they are drawn anew for each reading.
    boxes = shapes.evaluate_all("(all) => all.map((shape) => shape.getBoundingClientRect().toJSON())")
    assert boxes
    for shape in boxes:
        assert canvas["x"] < shape["x"] < shape["x"] + shape["width"] < canvas["x"] + canvas["width"]
        assert canvas["y"] < shape["y"] < shape["y"] + shape["height"] < canvas["y"] + canvas["height"]
    label.focus()
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector("#codes button:has-text('Copied')")
    assert desk.page.evaluate("navigator.clipboard.readText()") == EAN
    desk.page.click("#options .more-button")
    desk.page.uncheck("#barcode")
    desk.page.wait_for_selector("#codes", state="hidden")


def test_barcodes_turn_with_the_picture(desk: Desk) -> None:
    desk.page.click("#options .more-button")
    desk.page.check("#barcode")
    desk.page.click("#options .more-button")
    desk.open()
    desk.page.wait_for_selector("#codes polygon")
    desk.page.wait_for_selector("#codes svg[viewBox='0 0 1600 1200']")
    desk.choose("rotate", 90)
    desk.page.wait_for_selector("#codes svg[viewBox='0 0 1200 1600']")


def test_barcodes_of_a_picture_are_drawn_over_it(desk: Desk) -> None:
    desk.open()
    desk.shoot()
    assert desk.page.locator("#sheets polygon").count() == 0
    desk.page.click("#shown-open")
    desk.page.click("#viewer-read")
    desk.page.wait_for_selector("#viewer-codes polygon")
    assert re.fullmatch(r"Barcodes read: \d", desk.page.inner_text("#viewer-status"))
    assert desk.page.locator(f"#viewer-codes button:has-text('{EAN}')").count() == 1
    desk.page.click("#viewer-close")
    assert desk.page.locator("#sheets polygon").count() > 0


def refuse_receipts(page: WebSocketRoute) -> None:
    """Stand between page and service, and refuse two options as a service without them does."""
    service = page.connect_to_server()

    def answer(text: str | bytes) -> None:
        request = json.loads(text)
        set_image = request["func"] == "SetCameraImageInfo"
        if set_image and (request["imageType"] == 7 or request["upright"]):
            refusal = {"result": 1006, "success": 0, "errorMsg": "Not offered yet."}
            page.send(json.dumps({"func": request["func"], "reqId": request["reqId"], **refusal}))
        else:
            service.send(text)

    page.on_message(answer)


def green(frame: Image) -> np.ndarray:
    """Where the picture is as green as an outline and nothing on the demo's desk is."""
    blue, green, red = (frame[..., channel].astype(int) for channel in range(3))
    found: np.ndarray = (green > 180) & (red < 110) & (blue < 110)
    return found


def heading_is_above(page: Image) -> bool:
    """Whether most of the red of the demo's sheet, its heading, is in the upper half."""
    blue, green, red = (page[..., channel].astype(int) for channel in range(3))
    rows = np.nonzero((red > 130) & (red - green > 60) & (red - blue > 60))[0]
    return float(np.median(rows)) < page.shape[0] / 2


def shrunk(positions: np.ndarray) -> slice:
    """The middle three fifths of a range."""
    low = int(positions.min())
    high = int(positions.max())
    return slice(low + (high - low) // 5, high - (high - low) // 5)


def sharpness_of_lines(page: Image, degrees: float) -> float:
    """How clearly rows of text stand apart once `page` is turned: most at the right angle."""
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    turned = cv2.warpAffine(grey, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    middle = turned[height // 8 : -height // 8, width // 8 : -width // 8]
    return float(np.diff(middle.mean(axis=1)).std())


def tab_to(desk: Desk, name: str) -> None:
    """Press Tab until the control has the focus."""
    for _ in range(60):
        desk.page.keyboard.press("Tab")
        if desk.page.evaluate("document.activeElement.id") == name:
            return
    pytest.fail(f"Tab never reaches {name}")


def used_keys() -> set[str]:
    """Every key that the page and its modules name literally."""
    sources = "\n".join(path.read_text() for path in (WEB / "index.html", *(WEB / "station").rglob("*.js")))
    return set(re.findall(r"\btext\('(\w+)'", sources)) | set(
        re.findall(r'data-i18n(?:-\w+)?="(\w+)"', sources)
    )


def test_the_focus_is_set_and_found_again(desk: Desk) -> None:
    desk.open()
    desk.page.click("#options .more-button")
    panel = desk.page.locator("#camera-controls")
    panel.wait_for()
    sharp = detail(desk.frame())
    desk.page.locator("#control-focus").fill("255")
    desk.frame_where(lambda frame: detail(frame) < 0.6 * sharp)
    assert not panel.locator("[data-control=focus] [type=checkbox]").is_checked()
    panel.locator("[data-control=focus] button").click()
    desk.frame_where(lambda frame: detail(frame) > 0.8 * sharp)


def test_a_closed_camera_shows_no_controls(desk: Desk) -> None:
    desk.page.click("#options .more-button")
    assert not desk.page.locator("#camera-controls").is_visible()


def detail(frame: Image) -> float:
    return float(cv2.Laplacian(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), cv2.CV_64F).var())
