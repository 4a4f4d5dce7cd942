"""Pages of other makers' services in a real browser: pictures, XHR, fetch and sockets, allowed and not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from tests.browser.site import site
from tests.service import SLOW_CAMERAS, Service, free_port, running

pytestmark = pytest.mark.browser
LIST = "[dialects.{name}]\nenabled = true\nport = {port}\n"
DIALECTS = ("eloam", "doccamera", "camsdk", "zkteco", "synjones")


@dataclass(frozen=True)
class Counter:
    """A service with dialects and demo devices, and two sites of which it knows one."""

    service: Service
    ports: dict[str, int]
    allowed: str
    foreign: str


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    ports = {name: free_port() for name in DIALECTS}
    folder = tmp_path_factory.mktemp("site")
    # Served for real: browsers ask which network a page came from before it may use the loopback.
    (folder / "counter.html").write_text("<!doctype html><title>counter</title><body></body>")
    (folder / "silent.html").write_text(
        "<!doctype html><meta name=referrer content=no-referrer><body></body>"
    )
    with site(folder) as allowed, site(folder) as foreign:
        tables = "".join(LIST.format(name=name, port=port) for name, port in ports.items())
        settings = f'[access]\norigins = ["{allowed}"]\n{tables}'
        with running(tmp_path_factory.mktemp("counter"), settings, through=SLOW_CAMERAS) as service:
            service.await_log("dialect synjones listens on ::1")
            yield Counter(service, ports, allowed, foreign)


SHOW = """
address => new Promise(done => {
  const image = document.createElement('img');
  document.body.append(image);
  image.onerror = () => done('error');
  const wait = () => image.naturalWidth ? done('shown') : setTimeout(wait, 50);
  image.src = address;
  wait();
})
"""
SHOW_AT_LAST = SHOW.replace("done('error')", "image.src = address + '&' + Date.now()")
"""Tries again, as pages do: the camera of a busy machine may be late."""
BACKGROUND = """
address => {
  document.body.style.background = `url("${address}")`;
}
"""
XHR = """
([address, body]) => new Promise(done => {
  const request = new XMLHttpRequest();
  request.open(body === null ? 'GET' : 'POST', address);
  request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded; charset=UTF-8');
  request.onload = () => done(JSON.parse(request.responseText));
  request.onerror = () => done('error');
  request.send(body);
})
"""
FETCH = """
([address, options]) => fetch(address, options).then(answer => answer.json()).catch(() => 'error')
"""


def visit(page: Page, origin: str, name: str = "counter") -> None:
    """Open an empty page of a site."""
    page.goto(f"{origin}/{name}.html")


def closes(counter: Counter, times: int) -> None:
    """Wait until the document camera was closed so often."""
    counter.service.await_count("closed Demo Document Camera", times)


def test_an_eloam_page(page: Page, counter: Counter) -> None:
    before = counter.service.log.count("closed Demo Document Camera")
    for host in ("127.0.0.1", "localhost"):
        address = f"http://{host}:{counter.ports['eloam']}"
        visit(page, counter.allowed)
        assert page.evaluate(SHOW_AT_LAST, f"{address}/video=stream&camidx=0?1") == "shown"
        status = page.evaluate(XHR, [f"{address}/video=status", None])
        assert status["video0"] == "run"
        grabbed = page.evaluate(XHR, [f"{address}/video=grabimage", '{"filepath":"base64"}:""'])
        assert grabbed["code"] == "0"
        assert grabbed["photoBase64"].startswith("/9j/")
        plain = {"method": "POST", "body": "{}", "credentials": "include"}
        assert page.evaluate(FETCH, [f"{address}/device=isconnect", plain])["data"] != "0"
        preflighted = {"headers": {"X-Requested-With": "x"}, "credentials": "include"}
        assert page.evaluate(FETCH, [f"{address}/GetDeviceCount", preflighted])["data"] >= 1
    page.goto("about:blank")
    closes(counter, before + 1)


def test_a_background_picture(page: Page, counter: Counter) -> None:
    before = counter.service.log.count("closed Demo Document Camera")
    visit(page, counter.allowed)
    page.evaluate(BACKGROUND, f"http://127.0.0.1:{counter.ports['eloam']}/video=stream&camidx=0")
    counter.service.await_count("opened Demo Document Camera", before + 1)
    page.evaluate("document.body.style.background = 'none'")
    page.goto("about:blank")
    closes(counter, before + 1)


@pytest.mark.parametrize("name", ["counter", "silent"])
def test_a_foreign_eloam_page_gets_nothing(page: Page, counter: Counter, name: str) -> None:
    before = counter.service.log.count("opened Demo Document Camera")
    address = f"http://127.0.0.1:{counter.ports['eloam']}"
    visit(page, counter.foreign, name)
    assert page.evaluate(SHOW, f"{address}/video=stream&camidx=0") == "error"
    assert page.evaluate(XHR, [f"{address}/video=grabimage", '{"filepath":"base64"}']) == "error"
    assert page.evaluate(FETCH, [f"{address}/StartPreview?dev_idx=0&res_id=0", {}]) == "error"
    sent = {"mode": "no-cors", "method": "POST", "body": "{}"}
    assert page.evaluate(FETCH, [f"{address}/card=idcard", sent]) == "error"
    assert counter.service.log.count("opened Demo Document Camera") == before


WAYS = """
async ([eloam, cards, socket]) => {
  const got = [], tries = [];
  window.read = () => got.push('a callback');
  const element = (tag, attributes) => tries.push(new Promise(done => {
    const made = Object.assign(document.createElement(tag), attributes);
    made.onload = made.onerror = () => done(tag);
    document.body.append(made);
    setTimeout(done, 3000);
  }));
  element('script', {src: `${cards}/api/ReadMsg?callback=read`});
  element('iframe', {src: `${eloam}/getPic?savepath=x`});
  element('iframe', {src: `${eloam}/card=idcard`, sandbox: ''});
  element('link', {rel: 'stylesheet', href: `${eloam}/StartPreview?dev_idx=0&res_id=0`});
  element('link', {rel: 'prefetch', href: `${eloam}/video=grabimage`});
  element('video', {src: `${eloam}/video=stream&camidx=0`});
  element('object', {data: `${eloam}/video=stream&camidx=0`});
  element('embed', {src: `${cards}/api/ReadMsg`});
  document.body.style.background = `url("${eloam}/video=stream&camidx=0")`;
  for (const enctype of ['text/plain', 'multipart/form-data']) {
    const frame = Object.assign(document.createElement('iframe'), {name: enctype});
    const form = Object.assign(document.createElement('form'), {
      action: `${eloam}/video=grabimage`, method: 'post', enctype, target: enctype});
    const name = '{"filepath":"a.jpg","x":"';
    form.append(Object.assign(document.createElement('input'), {name, value: '"}'}));
    document.body.append(frame, form);
    form.submit();
  }
  navigator.sendBeacon(`${eloam}/card=idcard`, '{}');
  new EventSource(`${eloam}/video=stream&camidx=0`).onmessage = () => got.push('an event');
  const work = `
    self.read = () => postMessage('a script in a worker');
    const line = new WebSocket('${socket}');
    line.onmessage = line.onopen = () => postMessage('a socket of a worker');
    fetch('${eloam}/getPic', {method: 'POST', mode: 'cors'}).then(() => postMessage('fetched'), () => {});
    try { importScripts('${cards}/api/ReadMsg?callback=read') } catch {}`;
  new Worker(URL.createObjectURL(new Blob([work]))).onmessage = event => got.push(event.data);
  await Promise.all(tries);
  await new Promise(done => setTimeout(done, 1000));
  return got;
}
"""


def test_a_foreign_page_does_nothing_in_any_way_it_has(page: Page, counter: Counter) -> None:
    """Scripts, frames, forms, styles, media, beacons, events and workers: none acts, and none reads."""
    begun = len(counter.service.log)
    web = {name: f"http://127.0.0.1:{port}" for name, port in counter.ports.items()}
    visit(page, counter.foreign)
    socket = f"ws://127.0.0.1:{counter.ports['camsdk']}/"
    assert page.evaluate(WAYS, [web["eloam"], web["synjones"], socket]) == []
    page.goto("about:blank")
    log = counter.service.log[begun:]
    assert not re.search(r"opened|closed|captured|read a card| (eloam|synjones|camsdk) ", log), log


def test_a_page_without_a_referrer_has_no_picture_but_all_else(page: Page, counter: Counter) -> None:
    address = f"http://127.0.0.1:{counter.ports['eloam']}"
    visit(page, counter.allowed, "silent")
    assert page.evaluate(SHOW, f"{address}/video=stream&camidx=0") == "error"
    assert page.evaluate(XHR, [f"{address}/device=isconnect", "{}"])["code"] == "0"


DOCCAMERA = """
address => new Promise(done => {
  const socket = new WebSocket(address);
  const seen = [];
  const burst = ['vSetResolution(2)', 'bStartPlay()', 'bSaveJPGEx'];
  socket.onopen = () => burst.forEach(text => socket.send(text));
  socket.onerror = () => done(['error']);
  socket.onmessage = ({ data }) => {
    seen.push(data.slice(0, 16));
    if (data.startsWith('BeginbSaveJPGEx')) done(seen);
  };
})
"""
DECODED = """
address => new Promise(done => {
  const socket = new WebSocket(address);
  const image = new Image();
  image.onload = () => done([image.naturalWidth, image.naturalHeight]);
  image.onerror = () => done('error');
  socket.onopen = () => socket.send('bStartPlayRotate(90)');
  socket.onmessage = ({ data }) => { image.src = 'data:image/png;base64,' + data; };
})
"""


def test_a_page_of_plain_text(page: Page, counter: Counter) -> None:
    before = counter.service.log.count("closed Demo Document Camera")
    visit(page, counter.allowed)
    for host in ("127.0.0.1", "localhost"):
        seen = page.evaluate(DOCCAMERA, f"ws://{host}:{counter.ports['doccamera']}")
        assert seen[-1] == "BeginbSaveJPGEx/"
        assert all(text.startswith("/9j/") for text in seen[:-1])
    page.reload()
    closes(counter, before + 1)
    assert page.evaluate(DECODED, f"ws://localhost:{counter.ports['doccamera']}/") == [1200, 1600]
    visit(page, counter.foreign)
    assert page.evaluate(DOCCAMERA, f"ws://localhost:{counter.ports['doccamera']}/") == ["error"]


CAMSDK = """
address => new Promise(done => {
  const socket = new WebSocket(address);
  const say = (FuncName, argument) => socket.send(JSON.stringify({ FuncName, argument }));
  const image = new Image();
  let captured = '';
  image.onload = () => captured && done([image.naturalWidth > 0, captured.slice(0, 4)]);
  socket.onerror = () => done('error');
  socket.onopen = () => {
    ['camUnInitCameraLib', 'camInitCameraLib'].forEach(name => say(name));
    say('GetSpecialFolderPath', { nFolder: 5 });
  };
  socket.onmessage = ({ data }) => {
    if (data.indexOf('FileEncodeBase64') >= 0) return;
    if (data.indexOf('$*$') >= 0) {
      image.src = 'data:image/jpeg;base64,' + data.split('$*$')[1];
      return;
    }
    const answer = JSON.parse(data);
    if (answer.FuncName === 'camInitCameraLib' && answer.result == 0) {
      say('camOpenDev', { devIndex: 0, subtype: 0, width: 0, height: 0 });
      say('camStartPreview');
    }
    if (answer.FuncName === 'camOpenDev' && answer.result == 0) say('CaptureEncodeBase64');
    if (answer.FuncName === 'CaptureEncodeBase64') captured = answer.result;
  };
})
"""


def test_a_camsdk_page(page: Page, counter: Counter) -> None:
    address = f"ws://localhost:{counter.ports['camsdk']}/"
    visit(page, counter.allowed)
    assert page.evaluate(CAMSDK, address) == [True, "/9j/"]
    visit(page, counter.foreign)
    assert page.evaluate(CAMSDK, address) == "error"


TEXT = """
address => fetch(address).then(answer => answer.text()).catch(() => 'error')
"""
EVALUATED = """
address => fetch(address)
  .then(answer => answer.text())
  .then(text => (0, eval)('(' + text + ')').Certificate.Name)
"""
JSONP = """
address => new Promise(done => {
  const script = document.createElement('script');
  window.taken = card => done(card.retcode);
  script.onerror = () => done('error');
  script.src = address + '/api/ReadMsg?callback=taken&_=' + Date.now();
  document.body.append(script);
})
"""


def test_pages_of_card_readers(page: Page, counter: Counter) -> None:
    zkteco = f"http://127.0.0.1:{counter.ports['zkteco']}/ZKIDROnline"
    synjones = f"http://localhost:{counter.ports['synjones']}"
    reading = f"{zkteco}/ScanReadIdCardInfo?OP-DEV=1&CMD-URL=4&REPEAT=1?0.5"
    visit(page, counter.allowed)
    assert page.evaluate(FETCH, [f"{zkteco}/info", {}])["ret"] == 0
    assert '"ret":0' in page.evaluate(TEXT, reading)
    assert page.evaluate(EVALUATED, reading)
    assert page.evaluate(JSONP, synjones) == "0x90 0x1"
    assert page.evaluate(FETCH, [f"{synjones}/api/ReadMsg", {}])["retcode"] == "0x90 0x1"
    visit(page, counter.allowed, "silent")
    assert page.evaluate(JSONP, synjones) == "error"
    for name in ("counter", "silent"):
        visit(page, counter.foreign, name)
        assert page.evaluate(TEXT, reading) == "error"
        assert page.evaluate(JSONP, synjones) == "error"
