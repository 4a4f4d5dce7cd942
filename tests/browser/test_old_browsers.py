"""The client and the station in browsers of years ago, as counters have them, and in today's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.browser.old_chromium import PACKAGES, Tab, browsing
from tests.browser.site import CLIENT, WEB, site
from tests.extent import COUNTED, extent
from tests.service import SLOW_CAMERAS, free_port, running

pytestmark = pytest.mark.browser

MAJORS = (*PACKAGES, 0) if COUNTED else extent((79, 0), (79, 88, 0))
"""The oldest that must do, today's and one between; what those between all have, the oldest has."""
PAGE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<canvas id="preview"></canvas><script src="gaopai.legacy.js"></script>"""
CONNECT = "void (window.gaopai = Gaopai.connect('ws://127.0.0.1:%d', { retryFrom: 100, retryUpTo: 500 }))"
SHOW = """(async () => {
    const camera = { devNum: 0, mediaNum: 0, resolutionNum: 4, fps: 15 };
    // Another page may be about to give it back.
    while (await gaopai.call('OpenCamera', camera).then(() => false, ({ code }) => code === 2002));
    await gaopai.call('SetCameraImageInfo', { devNum: 0, cropType: 1 });
    window.frames = 0; window.outlined = 0;
    const onFrame = ({ outlines }) => { frames += 1; outlined += outlines > 0; };
    gaopai.preview(0, document.getElementById('preview'), { resume: true, onFrame, onError: () => {} });
})()"""
WORK = """(async () => {
    const [picture] = await gaopai.captureBase64(0);
    const pages = [];
    for await (const page of gaopai.scan({ devIndex: 0 })) pages.push(page.blob);
    const made = await gaopai.merge({ pictures: [picture.blob, ...pages] });
    const size = (await made.blob()).size;
    const ending = new AbortController();
    ending.abort();
    const reason = await gaopai.call('GetCameraInfo', {}, { signal: ending.signal }).catch((e) => e.name);
    return [picture.width > 100, pages.length > 0, made.pages === pages.length + 1, size > 1000, reason];
})()"""


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not (CLIENT / "gaopai.legacy.js").exists() or not (WEB / "station/station.legacy.js").exists():
        pytest.skip("script/prepare has not made what old browsers load: npm is not there")
    folder = tmp_path_factory.mktemp("page")
    (folder / "index.html").write_text(PAGE)
    (folder / "gaopai.legacy.js").write_bytes((CLIENT / "gaopai.legacy.js").read_bytes())
    with site(folder) as address:
        yield address


class Restarted:
    """A service that can be started again at its port."""

    def __init__(self, folder: Path, origin: str) -> None:
        self._folder = folder
        self._settings = f'[access]\norigins = ["{origin}"]\n'
        self._running = ExitStack()
        self.port = free_port()
        self.start()

    def start(self) -> None:
        self._running.enter_context(
            running(self._folder, self._settings, port=self.port, through=SLOW_CAMERAS)
        )

    def stop(self) -> None:
        self._running.close()


@pytest.fixture(scope="module")
def service(origin: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restarted]:
    service = Restarted(tmp_path_factory.mktemp("served"), origin)
    yield service
    service.stop()


@pytest.mark.parametrize("major", MAJORS)
def test_the_client_and_the_station_work(major: int, origin: str, service: Restarted, tmp_path: Path) -> None:
    with browsing(major, tmp_path) as (own, station):
        own.go(f"{origin}/index.html")
        own.run(CONNECT % service.port)
        own.run(SHOW)
        own.until("outlined > 2")
        assert own.run(WORK) == [True, True, True, True, "AbortError"]
        own.run("gaopai.call('CloseCamera', { devNum: 0 })")
        station.go(f"http://127.0.0.1:{service.port}/")
        works(station)
        # Closed: the other page has the camera again, and both lose the service.
        station.click("#open")
        own.run(SHOW)
        service.stop()
        service.start()
        own.run("frames = 0")
        own.until("frames > 2")
        station.until("document.querySelector('#connection').dataset.state === 'open'")
        heard = own.complaints + station.complaints
    # While the service was away.
    assert [told for told in heard if "WebSocket" not in told and "/health" not in told] == []


def works(station: Tab) -> None:
    """Preview with its outline, capture, scan and merge."""
    station.until("document.documentElement.hasAttribute('data-started')")
    station.click("#options input[name=cropType][value='1']")
    station.click("#open")
    station.until("document.getElementById('in-sight').dataset.found === 'true'")
    station.click("#shutter")
    station.until("document.querySelectorAll('#sheets .sheet:not(.coming)').length === 1")
    station.click("#tab-scanner")
    station.click("#scan-button")
    station.until("document.querySelectorAll('#sheets .sheet:not(.coming)').length > 1")
    station.click("#merge-button")
    station.until("document.querySelector('#case-notice').dataset.kind === 'info'")
    station.click("#tab-camera")
