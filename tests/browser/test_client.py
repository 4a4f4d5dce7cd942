"""gaopai.js from pages of other origins, and through a service that goes and comes back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.desk import Desk
from tests.service import free_port, running

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

CALL = """async ([client, url, func]) => {
    const { connect } = await import(client);
    const gaopai = connect(url, { reconnect: false, language: 'en' });
    try {
        return await gaopai.call(func);
    } catch ({ name, code, message }) {
        return { name, code, message };
    } finally {
        gaopai.close();
    }
}"""
DIAGNOSE = "async (url) => (await import('/gaopai.js')).diagnose(url, { language: 'en' })"


def call(page: Page, url: str, func: str, client: str = "/gaopai.js") -> dict[str, Any]:
    """The answer, or the error's name, code and message."""
    answer: dict[str, Any] = page.evaluate(CALL, [client, url, func])
    return answer


@pytest.mark.smoke
def test_an_allowed_origin_is_served(page: Page, served: Served) -> None:
    page.goto(f"{served.allowed}/gaopai.js")
    assert call(page, served.socket, "GetCameraInfo")["result"] == 0
    assert page.evaluate(DIAGNOSE, served.socket)["reason"] == "reachable"


def test_a_foreign_origin_is_refused_and_told_why(page: Page, served: Served) -> None:
    page.goto(f"{served.foreign}/gaopai.js")
    refused = call(page, served.socket, "GetCameraInfo")
    assert refused["code"] == "origin-not-allowed"
    assert f"gaopai allow {served.foreign}" in refused["message"]
    diagnosis = page.evaluate(DIAGNOSE, served.socket)
    assert diagnosis["reason"] == "origin-not-allowed"
    assert f"gaopai allow {served.foreign}" in diagnosis["remedy"]


def test_a_service_that_does_not_run_is_told(page: Page, served: Served) -> None:
    page.goto(f"{served.allowed}/gaopai.js")
    port = free_port()
    diagnosis = page.evaluate(DIAGNOSE, f"ws://127.0.0.1:{port}")
    assert diagnosis["reason"] == "not-running"
    assert f"127.0.0.1:{port}" in diagnosis["message"]


REJECTED = """async (url) => {
    const { connect } = await import('/gaopai.js');
    const gaopai = connect(url, { language: 'en', retryFrom: 50, retryUpTo: 100 });
    const codes = [];
    // One that was made before the first attempt, one while the next is waited for.
    for (const turn of [1, 2]) codes.push(await gaopai.call('GetCameraInfo').catch(({ code }) => code));
    window.late = gaopai.call('GetCameraInfo', {}, { wait: Infinity });
    return codes;
}"""


def test_calls_reject_at_once_where_nothing_runs_unless_they_wait(
    page: Page, served: Served, tmp_path: Path
) -> None:
    page.goto(f"{served.allowed}/gaopai.js")
    port = free_port()
    assert page.evaluate(REJECTED, f"ws://127.0.0.1:{port}") == ["not-running", "not-running"]
    with running(tmp_path, f'[access]\norigins = ["{served.allowed}"]\n', port=port):
        assert page.evaluate("late.then(({ result }) => result)") == 0


WAIT_FOR_THE_OTHER_VERSION = """async (url) => {
    const { connect } = await import('/gaopai.js');
    const gaopai = connect(url, { language: 'en', wait: 60_000 });
    const ended = new Promise((end) => gaopai.addEventListener('close', ({ detail }) => {
        if (detail.retryIn === null) end(detail.reason);
    }));
    const code = await gaopai.call('GetCameraInfo').catch((error) => error.code);
    return { code, reason: await ended, state: gaopai.state };
}"""


def test_a_service_of_another_version_ends_the_waiting(page: Page, served: Served) -> None:
    url = f"ws://127.0.0.1:{free_port()}"
    page.route(
        "**/health", lambda route: route.fulfill(json={"service": "gaopai", "protocols": ["gaopai.v9"]})
    )
    page.goto(f"{served.allowed}/gaopai.js")
    told = page.evaluate(WAIT_FOR_THE_OTHER_VERSION, url)
    assert (told["code"], told["state"]) == ("version", "closed")
    assert "different versions of the protocol" in told["reason"]
    assert page.evaluate(DIAGNOSE, url)["reason"] == "other-version"


def test_the_client_can_be_imported_from_the_service(page: Page, served: Served) -> None:
    page.goto(f"{served.allowed}/gaopai.js")
    answer = call(page, served.socket, "GetCameraInfo", f"{served.address}gaopai.js")
    assert answer["result"] == 0


def test_a_refusal_carries_code_and_message(page: Page, served: Served) -> None:
    page.goto(f"{served.allowed}/gaopai.js")
    error = call(page, served.socket, "NoSuchThing")
    assert (error["name"], error["code"]) == ("GaopaiError", 1003)
    assert "NoSuchThing" in error["message"]


def test_a_preview_goes_on_when_the_service_is_back(page: Page, tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, port=port) as service:
        page.goto(service.http)
        Desk(page).open("640 × 480")
    page.wait_for_selector("#placeholder:has-text('Nothing answers at')")
    with running(tmp_path, port=port):
        page.wait_for_selector("#connection[data-state=open]")
        page.evaluate("document.getElementById('log-clear').click()")
        page.wait_for_selector("#log li[data-direction=in] .func:has-text('GetCameraVideoBuff ×')")


def test_a_key_that_resembles_one_is_warned_of(page: Page, served: Served) -> None:
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.goto(f"{served.allowed}/gaopai.js")
    page.evaluate(
        """async (url) => {
            const { connect } = await import('/gaopai.js');
            const gaopai = connect(url);
            await gaopai.call('SetScannerImageInfo', { croptype: 1, caseNumber: 7 });
            gaopai.close();
        }""",
        served.socket,
    )
    assert [text for text in heard if "croptype" in text]
    assert not [text for text in heard if "caseNumber" in text]


SHOW = """async ([url, style]) => {
    const { connect } = await import('/gaopai.js');
    const gaopai = connect(url, { language: 'en' });
    const canvas = document.body.appendChild(document.createElement('canvas'));
    // A size that no picture has.
    canvas.width = 16;
    canvas.style = style;
    const { devInfo: [camera] } = await gaopai.call('GetCameraInfo');
    const resolutionNum = camera.mediaTypes[0].resolutions.indexOf('1600x1200');
    await gaopai.call('OpenCamera', { devNum: 0, mediaNum: 0, resolutionNum });
    const sizes = [];
    await new Promise((enough) => {
        gaopai.preview(0, canvas, { onFrame: ({ width, height }) => {
            sizes.push([width, height, canvas.width, canvas.clientWidth]);
            if (sizes.length === 30) enough();
        } });
    });
    const [{ width }] = await gaopai.captureBase64(0);
    gaopai.close();
    return { sizes, captured: width };
}"""


@pytest.mark.parametrize(
    ("style", "drawn"),
    [
        ("width: 500px", 500),
        ("width: 300px", 300),
        ("max-width: 500px", 500),
        ("width: 900px", 900),
        ("", 1600),
    ],
)
def test_a_preview_is_no_larger_than_it_is_shown(page: Page, served: Served, style: str, drawn: int) -> None:
    page.goto(f"{served.allowed}/gaopai.js")
    shown = page.evaluate(SHOW, [served.socket, style])
    assert {tuple(size[:2]) for size in shown["sizes"]} == {(1600, 1200)}, "the camera's size is told"
    assert shown["sizes"][-1][2] == drawn
    # The page hears of a worker's first picture before it has it.
    widths = {size[3] for size in shown["sizes"] if size[2] != 16}
    assert len(widths) == 1, "the layout does not move"
    assert shown["captured"] == 1600


MOVED = """async ([url, pushes]) => {
    const { connect } = await import('/gaopai.js');
    const heard = [];
    // A service that says what it is told to.
    window.WebSocket = class extends EventTarget {
        static OPEN = 1;
        readyState = 1;
        constructor() { super(); setTimeout(() => this.onopen()); }
        send(text) {
            const { func, reqId } = JSON.parse(text);
            const say = (m) => this.onmessage({ data: JSON.stringify({ func, reqId, result: 0, ...m }) });
            if (func !== 'GetCameraVideoBuff') return say({});
            const push = { func: "Notify", event: "OnBarCode", width: 9, height: 9 };
            for (const codeInfos of pushes) say({ ...push, codeInfos });
        }
        close() {}
    };
    const gaopai = connect(url);
    const hear = (name) => (codes) => heard.push([name, codes.length]);
    gaopai.preview(0, document.createElement('canvas'), {
        barcode: true, worker: false, onCodes: hear('codes'), onCodesMove: hear('move'),
    });
    await gaopai.call('Heartbeat');
    return heard;
}"""


def test_codes_that_only_move_are_told_apart(page: Page, served: Served) -> None:
    page.goto(f"{served.allowed}/gaopai.js")
    code = {"codeType": "QR", "codeNum": "1", "corners": [[0, 0], [1, 0], [1, 1], [0, 1]]}
    moved = {**code, "corners": [[2, 0], [3, 0], [3, 1], [2, 1]]}
    other = {**code, "codeNum": "2"}
    pushes = [[code], [moved], [moved, other], [other, code], []]
    heard = page.evaluate(MOVED, [served.socket, pushes])
    assert heard == [["codes", 1], ["move", 1], ["codes", 2], ["move", 2], ["codes", 0]]
