"""Pictures that are worked on again, and files, as the page of another origin has them from gaopai.js."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

SCRIPT = """async (url) => {
    const { connect } = await import('/gaopai.js');
    const gaopai = connect(url, { reconnect: false, language: 'en' });
    const told = [];
    try {
        await gaopai.call('GetCameraInfo');
        await gaopai.call('OpenCamera', { devNum: 0, mediaNum: 0, resolutionNum: 0, fps: 15 });
        await gaopai.call('SetCameraImageInfo', { devNum: 0, cropType: 1 });
        const [first] = await gaopai.captureBase64(0);
        const { handle, corners } = first;
        const [again] = await gaopai.processImage({ handle, corners, rotate: 90 });
        const picture = { picture: first.blob, imageType: 1, filePath: 'case/one.png' };
        const [written] = await gaopai.processImage(picture);
        const merged = await gaopai.merge({
            pictures: [again.blob], paths: [], filePath: 'case/all.pdf', onProgress: (...at) => told.push(at),
        });
        const pdf = await merged.blob();
        const twice = await merged.blob().catch((error) => error.message);
        const got = await gaopai.getFile(written.path);
        const { files, more } = await gaopai.listFiles({ prefix: 'case/' });
        const missing = await gaopai.getFile('case/none.pdf').catch((error) => error.code);
        const link = (await gaopai.call('GetFile', { path: merged.path })).downloadUrl;
        return {
            first: [first.width, first.height, first.corners.length], again: [again.width, again.height],
            written: [written.path, written.blob.type], told, pdf: [pdf.type, pdf.size], twice, got: got.type,
            files: files.map((file) => file.path), more, missing, pages: merged.pages, link,
        };
    } finally {
        gaopai.close();
    }
}"""


def test_a_page_works_on_its_pictures_and_fetches_its_files(page: Page, served: Served) -> None:
    page.goto(f"{served.allowed}/gaopai.js")
    seen = page.evaluate(SCRIPT, served.socket)
    width, height, corners = seen["first"]
    assert corners == 4
    assert abs(seen["again"][0] - height) <= 1 and abs(seen["again"][1] - width) <= 1
    assert seen["written"][0].endswith("/case/one.png") and seen["written"][1] == "image/png"
    assert seen["told"] == [[1, 1]] and seen["pages"] == 1
    assert seen["pdf"][0] == "application/pdf" and seen["pdf"][1] > 1000
    assert "404" in seen["twice"] and seen["got"] == "image/png"
    assert [path.rpartition("/")[2] for path in seen["files"]] == ["all.pdf", "one.png"]
    assert seen["more"] is False and seen["missing"] == 4006


def test_a_link_downloads_and_a_strangers_does_not(page: Page, served: Served) -> None:
    """A link sends no Origin: there the Referer names the page."""
    page.goto(f"{served.allowed}/gaopai.js")
    link = page.evaluate(SCRIPT, served.socket)["link"]
    stranger = page.context.new_page()
    stranger.goto(f"{served.foreign}/gaopai.js")
    click = """(url) => { const link = document.createElementNS('http://www.w3.org/1999/xhtml', 'a');
        link.href = url; document.documentElement.append(link); link.click(); }"""
    with stranger.expect_response(link) as refused:
        stranger.evaluate(click, link)
    assert refused.value.status == 403
    with page.expect_download() as download:
        page.evaluate(click, link)
    assert download.value.suggested_filename == "all.pdf"


LANGUAGE = """async (url) => {
    const { connect } = await import('/gaopai.js');
    const warned = [];
    console.warn = (text) => warned.push(text);
    const gaopai = connect(url, { reconnect: false, language: 'zh', title: 'Counter 3' });
    const ask = () => gaopai.call('NoSuchThing').catch((error) => error.message);
    try {
        const chinese = await ask();
        gaopai.language = 'en';
        const english = await ask();
        await gaopai.call('GetCameraInfo');
        for (let times = 0; times < 2; times += 1) {
            await gaopai.call('SetCameraImageInfo', { devNum: 0, croptype: 1, mine: 2 });
        }
        return { chinese, english, warned };
    } finally {
        gaopai.close();
    }
}"""


def test_the_services_errors_follow_the_page_and_mistakes_are_warned_of(page: Page, served: Served) -> None:
    page.goto(f"{served.allowed}/gaopai.js")
    seen = page.evaluate(LANGUAGE, served.socket)
    assert "没有" in seen["chinese"] and seen["english"].isascii()
    (warned,) = seen["warned"]
    assert "SetCameraImageInfo" in warned and "croptype" in warned and "mine" not in warned
