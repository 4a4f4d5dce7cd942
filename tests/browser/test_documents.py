"""The web pages of README and the guides, as they stand there, in a browser against the demo."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pikepdf
import pytest

from server.config import AccessConfig
from tests.browser.chromium import Complaints
from tests.browser.site import CLIENT, site
from tests.fakes.forms import teach_claim
from tests.patience import PATIENCE_MS
from tests.service import REPOSITORY, SLOW_CAMERAS, Service, running

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
HTML = re.compile(r"^```html\n(<!doctype html>.*?)^```$", re.MULTILINE | re.DOTALL)
SERVICE = "127.0.0.1:8082"


def pages(name: str) -> list[str]:
    """Whole pages of a document."""
    return HTML.findall((REPOSITORY / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the author's with the client beside the page, as the tutorial has it."""
    own = tmp_path_factory.mktemp("my-page")
    for path in CLIENT.glob("gaopai*.js"):
        shutil.copy(path, own)
    # Browsers ask every site for it.
    (own / "favicon.ico").touch()
    return own


@pytest.fixture(scope="module")
def allowed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Service]]:
    with site(folder) as origin:
        decisions = str(tmp_path_factory.mktemp("decisions"))
        teach_claim(AccessConfig(folder=decisions))
        settings = f'[access]\norigins = ["{origin}"]\nfolder = "{decisions}"\n'
        with running(tmp_path_factory.mktemp("service"), settings, through=SLOW_CAMERAS) as service:
            yield origin, service


def opened(page: Page, folder: Path, allowed: tuple[str, Service], text: str) -> Complaints:
    """Save a page of a document as ``index.html``, for the port that the test has, and open it."""
    origin, service = allowed
    (folder / "index.html").write_text(text.replace(SERVICE, f"127.0.0.1:{service.port}"), encoding="utf-8")
    complaints = Complaints()
    complaints.listen(page)
    page.goto(f"{origin}/index.html")
    return complaints


def shows_a_picture(page: Page, selector: str) -> None:
    page.wait_for_function(
        "(selector) => document.querySelector(selector)?.naturalWidth > 100",
        arg=selector,
        timeout=PATIENCE_MS,
    )


def test_the_tutorials_page_saves_a_cropped_pdf(
    page: Page, folder: Path, allowed: tuple[str, Service], tmp_path: Path
) -> None:
    complaints = opened(page, folder, allowed, pages("docs/tutorial.md")[0])
    page.click("#take:enabled")
    shows_a_picture(page, "#tray img")
    width, height = page.eval_on_selector("#tray img", "(image) => [image.naturalWidth, image.naturalHeight]")
    # The demo's desk is as wide as a camera's picture; the sheet on it is upright.
    assert height > width
    with page.expect_download() as download:
        page.click("#save:enabled")
    download.value.save_as(tmp_path / "saved.pdf")
    with pikepdf.open(tmp_path / "saved.pdf") as document:
        assert len(document.pages) == 1
    assert "1 pages" in page.inner_text("#status")
    assert complaints.heard == []


def test_the_tutorials_page_without_the_client_shows_all_documents(
    page: Page, folder: Path, allowed: tuple[str, Service]
) -> None:
    complaints = opened(page, folder, allowed, pages("docs/tutorial.md")[1])
    shows_a_picture(page, "#preview")
    page.click("button:enabled")
    shows_a_picture(page, "#tray img")
    assert page.inner_text("output") == "1 of 1"
    assert complaints.heard == []


@pytest.mark.smoke
def test_the_readmes_page_ends_with_the_picture(
    page: Page, folder: Path, allowed: tuple[str, Service]
) -> None:
    (text,) = pages("README.md")
    # Its client finds the service on the port that it has everywhere but here.
    text = text.replace("connect()", f"connect('ws://{SERVICE}')")
    complaints = opened(page, folder, allowed, text)
    page.wait_for_function("document.querySelector('canvas').width > 300", timeout=PATIENCE_MS)
    page.click("button")
    shows_a_picture(page, "img")
    assert complaints.heard == []


def test_the_guides_whole_page_shows_its_pictures(
    page: Page, folder: Path, allowed: tuple[str, Service]
) -> None:
    whole = pages("docs/pages.md")
    assert whole
    for text in whole:
        complaints = opened(page, folder, allowed, text)
        shows_a_picture(page, "img")
        assert complaints.heard == []


JS = re.compile(r"^```js\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GUIDES = ("docs/pages.md", "docs/documents.md", "docs/scanners.md", "docs/administration.md")
EXCUSED = {
    "import { connect } from 'gaopai'": "needs a bundler: tests/packaging/test_npm.py has it",
    "connect('ws://127.0.0.1:8082', { token })": "a token of the reader's",
    "readCard": "waits for a person with a card: tests/browser/test_card_tab.py",
    "readFinger": "waits for a person's finger: tests/browser/test_finger_tab.py",
    "UploadHttpFile": "needs a server of the page's that takes files: tests/browser/test_client_files.py",
    "RecogText": "takes the text models their time: tests/functional/test_text.py",
    "RecogDocument": "needs a card below the camera: tests/functional/test_documents.py",
    "SetCameraDocumentReading": "needs a card below the camera: tests/browser/test_sight.py",
    "PrivateCopy": "needs a card with numbers: tests/functional/test_privacy.py",
    "capture === 5": "waits for five pages to be laid down: tests/browser/test_client_files.py",
    "profile: 'contract'": "needs a profile of the configuration: tests/functional/test_profiles.py",
    "matchFace": "waits for a person before the camera: tests/browser/test_face_tab.py",
}
"""Parts of blocks that cannot run here, with the reason."""
PRELUDE = """
import { connect } from './gaopai.js';
Object.assign(window, { connect, files: [], show() {}, turned: async () => {} });
Object.assign(window, { open() {}, confirm: () => true });
window.gaopai = connect('ws://127.0.0.1:8082', { language: 'en' });
await gaopai.call('GetCameraInfo');
// Small pictures: what the blocks do does not depend on the size.
await gaopai.call('OpenCamera', { devNum: 0, mediaNum: 0, resolutionNum: 6 });
await gaopai.call('SetCameraImageInfo', { devNum: 0, cropType: 1 });
await gaopai.call('GetScannerName');
window.order = { devIndex: 0, scanSource: 0, scanMode: 0, scanResolution: 0, scanPaperSize: 0 };
"""
PICTURES = """
const pictures = await gaopai.captureBase64(0);
window.blobs = pictures.map(({ blob }) => blob);
for (const name of ['one.jpg', 'card.jpg']) {
  files.push((await gaopai.call('CameraCapture', { devNum: 0, imagePath: name })).imagePath[0]);
}
window.pile = files;
"""
OF_PICTURES = re.compile("blobs|files|pile")
READY = "window.ready = true;"
BODY = """<!doctype html><meta charset="utf-8">
<canvas></canvas><img><p id="status"></p><div id="pictures"></div>
<button id="english"></button><canvas id="colour"></canvas><canvas id="infrared"></canvas>
<form><input name="name"><input name="address"></form><script type="module">%s</script>"""
RUN = """async ([code, limit]) => {
  const AsyncFunction = (async () => {}).constructor;
  const failed = new Promise((_, reject) => setTimeout(() => reject(new Error('not done in time')), limit));
  await Promise.race([failed, new AsyncFunction(code)()]);
}"""


BLOCKS = [
    pytest.param(code, id=f"{name}: {code.splitlines()[0]}")
    for name in GUIDES
    for code in JS.findall((REPOSITORY / name).read_text(encoding="utf-8"))
]
"""Blocks of JavaScript of the guides, called by their first lines."""


def excuses(code: str) -> list[str]:
    """Parts of a block that cannot run here."""
    return [part for part in EXCUSED if part in code]


# Each on a page of its own: a preview or a recording of one ends before the next.
@pytest.mark.parametrize("code", [block for block in BLOCKS if not excuses(str(block.values[0]))])
def test_every_piece_of_javascript_does_what_it_shows(
    code: str, page: Page, folder: Path, allowed: tuple[str, Service]
) -> None:
    opened(page, folder, allowed, BODY % (PRELUDE + PICTURES * bool(OF_PICTURES.search(code)) + READY))
    page.wait_for_function("window.ready === true", timeout=PATIENCE_MS)
    page.evaluate(RUN, [code.replace(SERVICE, f"127.0.0.1:{allowed[1].port}"), PATIENCE_MS])


def test_every_excuse_is_still_needed() -> None:
    used = {part for block in BLOCKS for part in excuses(str(block.values[0]))}
    assert used == set(EXCUSED)
