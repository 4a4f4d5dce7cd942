"""The tab of faces against the real service with its demo cameras."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import pytest

from server.services.faces.onnx_engine import OnnxFaceEngine
from synthetic.faces import Sitter, pose
from tests.browser.chromium import Complaints
from tests.patience import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocketRoute

    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

COLOUR = "#face-preview"
INFRARED = "#face-infrared-preview"
# How bright the middle of a canvas is, and whether it has colour.
MIDDLE = """(canvas) => {
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(20, 20).getContext('2d', { willReadFrequently: true });
    copy.drawImage(canvas, width / 2 - 10, height * 0.44, 20, 20, 0, 0, 20, 20);
    const { data } = copy.getImageData(0, 0, 20, 20);
    let light = 0, colour = 0;
    for (let i = 0; i < data.length; i += 4) {
        light += data[i + 1];
        colour += Math.abs(data[i] - data[i + 2]);
    }
    return [light * 4 / data.length, colour * 4 / data.length];
}"""


def has_models() -> bool:
    """Whether the service, which is another process of the same environment, can compare and judge."""
    return all(OnnxFaceEngine().missing_model(liveness) is None for liveness in (False, True))


class FaceDesk:
    """The tab as the hand of a person finds it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.page.wait_for_selector("#face-open:not([disabled])", timeout=PATIENCE_MS)

    def press(self, shown: str) -> None:
        """Press Open or Close, whichever it is, and wait until it offers the contrary."""
        self.page.click("#face-open")
        self.page.wait_for_selector(f"#face-open:has-text('{shown}')", timeout=PATIENCE_MS)

    def wait_for_width(self, canvas: str, width: int) -> None:
        """Until frames of that size are drawn."""
        self.page.wait_for_function(
            "([id, width]) => document.querySelector(id).width === width",
            arg=[canvas, width],
            timeout=PATIENCE_MS,
        )

    def middle(self, canvas: str) -> tuple[float, float]:
        """Light and colour of the middle of a face."""
        light, colour = self.page.eval_on_selector(canvas, MIDDLE)
        return light, colour


@pytest.fixture
def tab(page: Page, served: Served) -> Iterator[FaceDesk]:
    """The tab; a console error or a violation of its policy at any time fails the test."""
    complaints = Complaints()
    complaints.listen(page)
    page.goto(f"{served.address}#face")
    yield FaceDesk(page)
    assert complaints.heard == []


def test_a_face_camera_is_shown_in_colour_and_infrared_and_closed(tab: FaceDesk) -> None:
    names = tab.page.locator("#face-device option").all_inner_texts()
    assert names == ["Demo Face Camera", "Demo Face Camera (phone screen)", "Demo Face Camera (print)"]
    tab.press("Close")
    tab.wait_for_width(COLOUR, 1280)
    assert tab.middle(COLOUR)[1] > 20
    assert not tab.page.is_visible(INFRARED)
    tab.page.check("#face-infrared")
    tab.wait_for_width(INFRARED, 640)
    light, colour = tab.middle(INFRARED)
    assert light > 60 and colour < 10
    tab.page.select_option("#face-device", index=1)
    tab.page.wait_for_function(
        f"(id) => ({MIDDLE})(document.querySelector(id))[0] < 30", arg=INFRARED, timeout=PATIENCE_MS
    )
    assert tab.page.is_visible(INFRARED), "a screen shows nothing in infrared"
    tab.page.uncheck("#face-infrared")
    tab.page.wait_for_selector(INFRARED, state="hidden")
    tab.press("Open")
    assert tab.page.is_visible("#face-placeholder")
    assert not tab.page.is_visible(COLOUR)


def test_frames_of_two_streams_share_two_rows_of_the_log(tab: FaceDesk) -> None:
    tab.page.select_option("#face-resolution", index=1)
    tab.page.check("#face-infrared")
    tab.press("Close")
    rows = tab.page.locator("#log summary .func:text-matches('GetFaceCamraBuff ×[0-9]{2}')")
    rows.nth(1).wait_for(timeout=PATIENCE_MS)
    assert tab.page.locator("#log summary .func:text-matches('^GetFaceCamraBuff')").count() <= 6


def test_leaving_the_tab_closes_the_camera(tab: FaceDesk) -> None:
    tab.page.select_option("#face-resolution", index=1)
    tab.press("Close")
    tab.wait_for_width(COLOUR, 640)
    tab.page.click("#tab-camera")
    tab.page.locator("#log summary", has_text="CloseFaceCamera").first.wait_for()
    tab.page.click("#tab-face")
    tab.page.wait_for_selector("#face-open:has-text('Open')")


def drawn_person(path: Path) -> Path:
    """A picture of the one before the demo camera."""
    cv2.imwrite(str(path), Sitter(640, 480).colour(pose(10))[40:440, 160:480])
    return path


def test_without_models_the_tab_says_what_to_type(tab: FaceDesk) -> None:
    if has_models():
        pytest.skip("the face models are here")
    tab.press("Close")
    tab.page.check("#face-living", force=True)
    tab.page.wait_for_selector("#face-notice[data-kind=error]", timeout=PATIENCE_MS)
    assert "gaopai models fetch" in tab.page.inner_text("#face-notice")
    assert not tab.page.is_checked("#face-living")


def test_a_living_person_matches_their_picture_and_a_screen_does_not(tab: FaceDesk, tmp_path: Path) -> None:
    if not has_models():
        pytest.skip("the face models are not here; GAOPAI_MODELS names their folder")
    page = tab.page
    page.check("#face-living")
    tab.press("Close")
    page.wait_for_selector("#face-life[data-verdict='live']", timeout=PATIENCE_MS)
    assert page.is_disabled("#face-compare"), "nobody to compare with"
    page.set_input_files("#face-file", drawn_person(tmp_path / "person.jpg"))
    page.click("#face-compare")
    page.wait_for_selector("#face-result[data-matched=true]", timeout=PATIENCE_MS)
    assert page.inner_text("#face-verdict").startswith("A match, similarity 0.9")
    assert page.eval_on_selector("#face-live", "(image) => image.naturalWidth") > 0
    page.select_option("#face-device", index=1)
    page.wait_for_selector("#face-life[data-verdict='not live']", timeout=PATIENCE_MS)
    page.click("#face-compare")
    page.wait_for_selector("#face-notice[data-kind=error]:has-text('8007')", timeout=PATIENCE_MS)
    page.click("#tab-camera")
    page.click("#tab-face")
    assert page.is_hidden("#face-given"), "forgotten on leaving"
    assert "data:image" not in page.inner_text("#log") and "•••" in page.inner_text("#log")


def test_the_tab_speaks_chinese(tab: FaceDesk) -> None:
    tab.page.click("[data-language=zh]")
    assert tab.page.inner_text("#tab-face") == "人脸"
    assert tab.page.inner_text("#face-placeholder-text") == "人脸摄像头已关闭"
    assert tab.page.locator("#face-device option").first.inner_text() == "演示人脸摄像头"


def test_missing_models_are_said_when_the_tab_opens(page: Page, served: Served) -> None:
    def stand(route: WebSocketRoute) -> None:
        service = route.connect_to_server()

        def back(text: str | bytes) -> None:
            answer = json.loads(text)
            for function in answer.get("functions", ()):
                if function["name"] == "FaceMatch":
                    function.update(available=False, reason="Type gaopai models fetch.")
            route.send(json.dumps(answer))

        service.on_message(back)

    page.route_web_socket(re.compile("^ws:"), stand)
    page.goto(f"{served.address}#face")
    page.wait_for_selector("#face-notice:has-text('What compares faces is not installed here')")
