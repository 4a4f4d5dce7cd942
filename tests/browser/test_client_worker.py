"""Previews of gaopai.js drawn by a worker, and by the page where there can be none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.chromium import Complaints
from tests.patience import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

OPEN = """async (url) => {
    const { connect } = await import(window.client ?? '/gaopai.js');
    window.gaopai = connect(url, { language: 'en' });
    window.canvas = document.body.appendChild(document.createElement('canvas'));
    canvas.style = 'width: 400px';
    const { devInfo: [camera] } = await gaopai.call('GetCameraInfo');
    const resolutionNum = camera.mediaTypes[0].resolutions.indexOf('1600x1200');
    await gaopai.call('OpenCamera', { devNum: 0, mediaNum: 0, resolutionNum });
    window.frames_ = 0;
    window.errors = [];
    window.show = (options) => {
        window.preview = gaopai.preview(0, canvas, {
            onFrame: () => { frames_ += 1; }, onError: (error) => errors.push(String(error)), ...options,
        });
    };
}"""
GREY = """() => {
    const look = new OffscreenCanvas(40, 30).getContext('2d');
    look.drawImage(canvas, 0, 0, 40, 30);
    const { data } = look.getImageData(0, 0, 40, 30);
    const greens = data.filter((_, at) => at % 4 === 1);
    return [Math.min(...greens), Math.max(...greens)];
}"""


@pytest.fixture
def shop(page: Page, served: Served) -> Page:
    """A page of another origin that has the client's files itself."""
    page.goto(f"{served.allowed}/gaopai.js")
    return page


def start(page: Page, served: Served, options: str = "{}") -> None:
    """Open the camera, show it, and wait for a picture."""
    page.evaluate(OPEN, served.socket)
    page.evaluate(f"show({options})")
    wait_for(page, "frames_ > 2")


def wait_for(page: Page, expression: str) -> None:
    """Wait until an expression is true in the page."""
    page.wait_for_function(f"() => {expression}", timeout=PATIENCE_MS)


def assert_shows(page: Page) -> None:
    """The canvas shows a page with print on it."""
    darkest, brightest = page.evaluate(GREY)
    assert brightest - darkest > 60


def end(page: Page) -> None:
    """Give the camera back."""
    page.evaluate("gaopai.close()")


def test_a_worker_draws_what_the_canvas_can_show(shop: Page, served: Served) -> None:
    start(shop, served)
    wait_for(shop, "canvas.width === 400 && canvas.height === 300")
    assert len(shop.workers) == 1
    assert_shows(shop)
    assert shop.evaluate("canvas.toDataURL('image/jpeg').length") > 2000
    assert shop.evaluate("errors") == []
    end(shop)


def test_a_canvas_that_is_resized_gets_pictures_of_its_size(shop: Page, served: Served) -> None:
    start(shop, served)
    wait_for(shop, "canvas.width === 400")
    shop.evaluate("canvas.style.width = '900px'")
    wait_for(shop, "canvas.width === 900 && canvas.height === 675")
    shop.evaluate("canvas.style.width = '200px'")
    wait_for(shop, "canvas.width === 200")
    assert_shows(shop)
    end(shop)


def test_a_canvas_as_wide_as_its_window_allows_grows_with_it(shop: Page, served: Served) -> None:
    shop.set_viewport_size({"width": 516, "height": 700})
    shop.evaluate(OPEN, served.socket)
    shop.evaluate("document.body.style.margin = '8px'; canvas.style = 'max-width: 100%'; show({})")
    wait_for(shop, "canvas.width === 500")
    shop.set_viewport_size({"width": 1016, "height": 900})
    wait_for(shop, "canvas.width === 1000")
    end(shop)


@pytest.mark.parametrize("missing", ["OffscreenCanvas.prototype", "Worker"])
def test_without_it_the_page_draws(page: Page, served: Served, missing: str) -> None:
    script = {
        "OffscreenCanvas.prototype": "delete HTMLCanvasElement.prototype.transferControlToOffscreen",
        "Worker": "delete window.Worker",
    }[missing]
    page.add_init_script(script)
    page.goto(f"{served.allowed}/gaopai.js")
    start(page, served)
    wait_for(page, "canvas.width === 400")
    assert page.workers == []
    assert_shows(page)
    assert page.evaluate("canvas.getContext('2d') !== null")
    end(page)


def test_a_page_that_draws_on_the_canvas_itself_keeps_it(shop: Page, served: Served) -> None:
    shop.evaluate(OPEN, served.socket)
    shop.evaluate("window.context = canvas.getContext('2d')")
    shop.evaluate("show({})")
    wait_for(shop, "frames_ > 2")
    assert_shows(shop)
    assert shop.workers == []
    end(shop)


def test_a_page_may_ask_for_it(shop: Page, served: Served) -> None:
    start(shop, served, "{ worker: false }")
    assert shop.workers == []
    assert_shows(shop)
    end(shop)


def test_a_client_of_another_origin_has_no_worker(page: Page, served: Served) -> None:
    complaints = Complaints()
    complaints.listen(page)
    page.goto(f"{served.allowed}/gaopai.js")
    page.evaluate(f"window.client = '{served.address}gaopai.js'")
    start(page, served)
    assert page.workers == []
    assert_shows(page)
    assert complaints.heard == []
    end(page)


def test_a_worker_that_cannot_be_loaded_is_told_and_done_without(page: Page, served: Served) -> None:
    complaints = Complaints()
    complaints.listen(page)
    page.route("**/gaopai-worker.js", lambda route: route.fulfill(status=404))
    page.goto(f"{served.allowed}/gaopai.js")
    start(page, served)
    assert_shows(page)
    assert [text for text in complaints.heard if "the page draws previews itself" in text]
    end(page)


def test_what_goes_wrong_in_the_worker_ends_the_preview_with_it(page: Page, served: Served) -> None:
    broken = """
        postMessage({ ready: true });
        onmessage = ({ data: { picture } }) => { if (picture) throw new Error('odd'); };
    """
    page.route(
        "**/gaopai-worker.js",
        lambda route: route.fulfill(body=broken, headers={"Content-Type": "text/javascript"}),
    )
    page.goto(f"{served.allowed}/gaopai.js")
    page.evaluate(OPEN, served.socket)
    page.evaluate("show({})")
    wait_for(page, "errors.length > 0")
    assert "odd" in page.evaluate("errors[0]")
    end(page)


def test_a_stopped_preview_draws_no_more_and_starts_again_on_its_canvas(shop: Page, served: Served) -> None:
    start(shop, served)
    shop.evaluate("preview.stop()")
    before: Any = shop.evaluate("frames_")
    shop.wait_for_timeout(300)
    assert shop.evaluate("frames_") == before
    shop.evaluate("show({})")
    wait_for(shop, f"frames_ > {before} + 2")
    assert len(shop.workers) == 1
    end(shop)


def test_a_worker_ends_with_its_canvas(shop: Page, served: Served) -> None:
    start(shop, served)
    shop.evaluate(
        "preview.stop().then(() => { canvas.remove(); window.canvas = window.preview = window.show = null; })"
    )
    session = shop.context.new_cdp_session(shop)
    for _ in range(PATIENCE_MS // 100):
        session.send("HeapProfiler.collectGarbage")
        shop.wait_for_timeout(100)
        if not shop.workers:
            break
    assert shop.workers == []
    end(shop)
