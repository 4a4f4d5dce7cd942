"""The scanner's tab of the demo page against the real service with its demo scanners."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pikepdf
import pytest

from imgcore.paper.blank_page import is_blank
from tests.browser.chromium import Complaints
from tests.browser.inbox import CLOSED, bytes_of, name_of
from tests.browser.scan_desk import FAULTY, ScanDesk

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocketRoute

    from tests.browser.conftest import Served
    from tests.browser.inbox import Inbox

pytestmark = pytest.mark.browser

MOVES = "getComputedStyle(document.getElementById('scan-stage'), '::before').animationName"
INKED = """() => {
    const canvas = document.getElementById('scan-page');
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    return width > 200 && data.some((level, at) => at % 4 === 0 && level < 128);
}"""
TEXTS = "(options) => options.map((option) => option.text)"


@pytest.fixture
def tab(page: Page, served: Served) -> Iterator[ScanDesk]:
    """The scanner's tab; a console error or a violation of its policy at any time fails the test."""
    complaints = Complaints()
    complaints.listen(page)
    page.goto(f"{served.address}#scanner")
    yield ScanDesk(page)
    assert complaints.heard == []


def test_pages_appear_one_by_one_and_lie_on_the_disk(tab: ScanDesk, served: Served) -> None:
    tab.choose(FAULTY)
    tab.name("pile/scan.jpg")
    tab.start()
    assert tab.page.evaluate(MOVES) == "scanning"
    for count in (1, 2):
        tab.sheets.nth(count - 1).wait_for()
        # Large, where the eyes are.
        tab.page.wait_for_selector("#scan-page:visible")
        assert tab.page.evaluate(INKED)
        assert tab.page.is_enabled("#scan-cancel"), f"page {count} is shown while the scan goes on"
    tab.wait_until_done()
    assert tab.numbers() == ["1", "2", "3", "4", "5"]
    assert tab.notice() == "Pictures scanned: 5"
    assert tab.page.inner_text("#scan-arrived") == "Pictures scanned: 5"
    assert tab.page.evaluate(MOVES) == "none"
    names = ("scan.jpg", "scan1.jpg", "scan2.jpg", "scan3.jpg", "scan4.jpg")
    assert tab.files() == [served.root / "pile" / name for name in names]
    assert all(path.stat().st_size > 0 for path in tab.files())
    assert not tab.page.is_visible("#coming")


FILLED = """() => {
    const canvas = document.getElementById('scan-coming');
    if (canvas.hidden) return null;
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(1, height).getContext('2d', { willReadFrequently: true });
    copy.drawImage(canvas, -(width >> 1), 0);
    const { data } = copy.getImageData(0, 0, 1, height);
    return [height, data.filter((level, at) => at % 4 === 3 && level > 0).length];
}"""


def rows(top: int, **fields: object) -> dict[str, object]:
    """The notice of a hundred rows of a coming page."""
    jpeg = cv2.imencode(".jpg", np.full((100, 300), 200, np.uint8))[1].tobytes()
    coded = base64.b64encode(jpeg).decode()
    head = {"func": "Notify", "reqId": "", "result": 0, "event": "OnScanRows", "kind": "scanner"}
    return {**head, "imageBase64Str": coded, "top": top, "width": 300, "height": 100, **fields}


def test_a_page_is_seen_row_by_row_while_it_comes(tab: ScanDesk) -> None:
    stand_in = StandIn({})
    stand_in.take_over(tab)
    tab.choose(FAULTY, mode="Driver hang")
    tab.start()
    tab.page.wait_for_selector("#scan-page:visible")
    for top, fields, seen in (
        (0, {"pageHeight": 400}, [400, 100]),
        (100, {"pageHeight": 400}, [400, 200]),
        (0, {}, [424, 100]),
        (400, {}, [500, 200]),
    ):
        stand_in.push(rows(top, **fields))
        tab.page.wait_for_function(f"() => String(({FILLED})()) === '{','.join(map(str, seen))}'")
    assert tab.page.is_visible("#scan-page"), "the page before lies below"
    tab.page.click("#scan-cancel")
    tab.wait_until_done()
    assert tab.page.evaluate(FILLED) is None
    assert [asked["withRows"] for asked in stand_in.asked if asked["func"] == "Scan"] == [True]
    stand_in.push(rows(0))
    tab.page.wait_for_timeout(100)
    assert tab.page.evaluate(FILLED) is None, "what comes late is of no scan"


def test_blank_pages_wear_a_badge(tab: ScanDesk) -> None:
    tab.choose(FAULTY, "Feeder, both sides")
    tab.name("sides.png")
    tab.scan()
    badges = [sheet.locator(".badge[data-doubt=false]").is_visible() for sheet in tab.sheets.all()]
    blank = [is_blank(cv2.imread(str(path))) for path in tab.files()]
    assert badges == blank
    assert any(badges) and not all(badges)


def test_the_merged_document_has_the_order_that_the_keyboard_made(tab: ScanDesk, served: Served) -> None:
    tab.choose(FAULTY)
    tab.scan()
    scanned = tab.files()
    tab.sheets.first.locator(".thumb").focus()
    tab.page.keyboard.press("Alt+ArrowRight")
    tab.page.keyboard.press("Alt+ArrowRight")
    assert [scanned.index(path) for path in tab.files()] == [1, 2, 0, 3, 4]
    assert tab.told() == "It is page 3 now"
    tab.sheets.nth(4).hover()
    tab.sheets.nth(4).locator(".earlier").press("Enter")
    tab.sheets.nth(0).locator("input").uncheck()
    assert tab.page.inner_text("#tray-count") == "4 of 5 ticked"
    tab.merge("ordered.pdf")
    assert tab.told() == f"Pages merged: 4, into {served.root / 'ordered.pdf'}."
    assert pictures(served.root / "ordered.pdf") == [scanned[at].read_bytes() for at in (2, 0, 4, 3)]


def test_pages_with_a_barcode_begin_files_of_their_own(tab: ScanDesk, served: Served) -> None:
    tab.choose(FAULTY)
    tab.scan()
    tab.page.select_option("#merge-split", "1")
    tab.merge("pile.pdf")
    files = sorted(served.root.glob("pile*.pdf"))
    assert len(files) > 1
    assert tab.told().count("Pages merged: ") == len(files)
    assert sum(len(pictures(path)) for path in files) == len(tab.files())


def test_a_page_is_dragged_to_its_place_and_removed(tab: ScanDesk) -> None:
    tab.choose(FAULTY, mode="Jam at page 3")
    tab.scan()
    scanned = tab.files()
    tab.sheets.nth(1).locator(".file").drag_to(tab.sheets.nth(0), target_position={"x": 5, "y": 60})
    assert tab.files() == scanned[::-1]
    tab.sheets.nth(0).locator("input").press("Delete")
    assert tab.files() == scanned[:1]
    tab.page.click("#tray-clear")
    assert tab.sheets.count() == 0
    assert tab.page.is_visible("#tray-placeholder")
    assert tab.page.is_disabled("#merge-button")


def test_a_cancelled_scan_keeps_what_was_complete(tab: ScanDesk) -> None:
    tab.choose(FAULTY)
    tab.start()
    tab.sheets.first.wait_for()
    tab.page.click("#scan-cancel")
    tab.wait_until_done()
    assert tab.notice().startswith("Cancelled")
    assert 1 <= tab.sheets.count() < 5
    assert all(path.exists() for path in tab.files())
    before = tab.sheets.count()
    tab.scan()
    assert tab.sheets.count() == before + 5


def test_a_jam_keeps_the_pages_and_is_told(tab: ScanDesk) -> None:
    tab.choose(FAULTY, mode="Jam at page 3")
    tab.scan()
    assert tab.numbers() == ["1", "2"]
    assert tab.notice().startswith(f"Error 2009: Paper is jammed in {FAULTY}. ")


def test_a_scan_goes_on_after_a_jam_and_may_be_given_up(tab: ScanDesk) -> None:
    assert tab.page.is_hidden("#scan-anew")
    tab.choose(FAULTY, mode="Double feed at page 3")
    tab.scan()
    assert tab.page.inner_text("#scan-button") == "Go on"
    assert "part them" in tab.notice().lower()
    tab.scan()
    assert tab.numbers() == ["1", "2", "3", "4"]
    assert len(set(tab.files())) == 4, "names follow on"
    tab.page.click("#scan-anew")
    assert tab.page.inner_text("#scan-button") == "Scan"
    tab.choose(FAULTY)
    tab.scan()
    assert tab.sheets.count() == 4 + 5


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("mode", "code", "pages"),
    [
        ("Cover open", 2010, 0),
        ("Feeder empty", 2011, 0),
        ("Page cut short", 2012, 1),
        ("Driver crash", 2013, 1),
        ("Busy", 2002, 0),
        ("No permission", 2005, 0),
    ],
)
def test_what_goes_wrong_is_told_in_words(tab: ScanDesk, mode: str, code: int, pages: int) -> None:
    tab.choose(FAULTY, mode=mode)
    tab.scan()
    assert tab.notice().startswith(f"Error {code}: ")
    assert FAULTY in tab.notice()
    assert tab.sheets.count() == pages


def test_a_scanner_that_is_unplugged_leaves_the_list_and_comes_back(tab: ScanDesk) -> None:
    tab.choose(FAULTY, mode="Unplugged in mid-scan")
    tab.scan()
    assert tab.page.locator("#scan-notice:has-text('Error 2003: '), #scan-notice:has-text('changed')").count()
    tab.page.wait_for_selector(f"#scan-device:not(:has-text('{FAULTY}'))")
    tab.page.wait_for_selector(f"#scan-device:has-text('{FAULTY}')")


def test_a_choice_outlives_a_change_of_the_list(tab: ScanDesk) -> None:
    offer = {"scanModes": ["Color", "Gray"], "scanSources": ["Flatbed", "ADF"]}
    stand_in = StandIn({"GetScannerName": {"scannerName": ["Old"]}, "GetScannerInfo": offer})
    stand_in.take_over(tab)
    tab.choose("Old", mode="Grey")
    stand_in.answers["GetScannerName"] = {"scannerName": ["New", "Old"]}
    stand_in.push({"func": "Notify", "reqId": "", "result": 0, "event": "OnDeviceChanged", "kind": "scanner"})
    tab.page.wait_for_selector("#scan-notice:has-text('Devices changed')")
    assert tab.page.eval_on_selector_all("#scan-device option", TEXTS) == ["New", "Old"]
    assert tab.page.eval_on_selector_all("#scan label:not([hidden]) :checked", TEXTS) == [
        "Old",
        "Feeder",
        "Grey",
        "100",
        "A4",
    ]


def test_a_choice_that_is_the_drivers_is_shown_so(tab: ScanDesk) -> None:
    stand_in = StandIn({"GetScannerInfo": {"scanPapers": -1}})
    stand_in.take_over(tab)
    assert tab.page.is_disabled("#scan-paper")
    assert tab.page.inner_text("#scan-paper") == "decided by the driver"
    tab.choose(FAULTY, mode="Cover open")
    tab.scan()
    assert [message["scanPaperSize"] for message in stand_in.asked if message["func"] == "Scan"] == [-1]


OFFERED = """() => [...document.querySelectorAll('#scan-options-drawer input')]
    .filter((one) => one.checkVisibility() && one.closest('label').checkVisibility())
    .map(({ name, value }) => (value === 'on' ? name : `${name} ${value}`))
    .filter((name) => /^(dropBlank|dropout|streams|turnBacks|threshold|doubleFeed)/.test(name))"""
UNEXPLAINED = """() => [...document.querySelectorAll('#scan-options-drawer .choice')]
    .filter((one) => !one.querySelector('.drawing > *') || one.querySelector('small').textContent.length < 4)
    .map((one) => one.textContent.trim())"""


def pick(tab: ScanDesk, *names: str) -> None:
    """Choose in the sheet of options by what stands on each choice."""
    tab.page.click("#scan-options .more-button")
    for name in names:
        tab.page.click(f"#scan-options-drawer .choice:has(b:text-is('{name}'))")
    tab.page.click("#scan-options .more-button")


def test_what_a_scan_can_do_beyond_its_pages_is_chosen_in_the_sheet(tab: ScanDesk) -> None:
    stand_in = StandIn({})
    stand_in.take_over(tab)
    assert not json.loads(str(tab.page.get_attribute("#scan-options .more-button", "data-set")))
    tab.choose(source="Feeder, both sides")
    pick(tab, "No blank backs", "Red vanishes", "And black and white", "Turn backs", "Let double feeds pass")
    assert json.loads(str(tab.page.get_attribute("#scan-options .more-button", "data-set")))
    tab.page.click("#scan-options .more-button")
    assert tab.page.evaluate(UNEXPLAINED) == []
    tab.page.click("#scan-options .more-button")
    tab.scan()
    pick(
        tab,
        "Keep all",
        "All colours",
        "One picture",
        "Turn backs",
        "Let double feeds pass",
        "Better black and white",
    )
    tab.page.select_option("#scan-mode", label="Automatic")
    tab.page.select_option("#scan-source", label="Flatbed")
    tab.scan()
    every, few = ({k: v for k, v in one.items() if k in WISHES} for one in stand_in.scans)
    assert every == {
        "scanMode": 0, "dropBlank": "backs", "dropout": "red", "streams": ["asSet", "bw"], "turnBacks": True,
        "doubleFeed": "ignore",
    }  # fmt: skip
    assert few == {"scanMode": "auto", "threshold": "own"}
    names = tab.page.eval_on_selector_all("#sheets .sheet", "(sheets) => sheets.length")
    assert names > 5, "each page came in two kinds"


WISHES = {"scanMode", "dropBlank", "dropout", "streams", "turnBacks", "threshold", "doubleFeed"}


def test_the_source_may_be_left_to_the_paper(tab: ScanDesk) -> None:
    stand_in = StandIn({})
    stand_in.take_over(tab)
    tab.page.select_option("#scan-source", label="Feeder with paper, else glass")
    tab.scan()
    assert stand_in.scans[-1]["scanSource"] == "auto"
    glass = StandIn({"GetScannerInfo": {"scanSources": ["Flatbed"]}})
    glass.take_over(tab)
    tab.page.select_option("#scan-device", label=FAULTY)
    tab.wait_until_ready()
    assert tab.page.eval_on_selector_all("#scan-source option", TEXTS) == ["Flatbed"]


def test_only_what_the_scanner_can_do_is_offered(tab: ScanDesk) -> None:
    stand_in = StandIn({"GetScannerInfo": {"scanExtras": ["turnBacks", "dropout"]}})
    stand_in.take_over(tab)
    tab.page.click("#scan-options .more-button")
    colours = ["dropout none", "dropout red", "dropout green", "dropout blue"]
    assert tab.page.evaluate(OFFERED) == [*colours, "turnBacks"]
    assert "Automatic" not in tab.page.eval_on_selector_all("#scan-mode option", TEXTS)
    stand_in.answers = {"GetScannerInfo": {"scanExtras": []}}
    tab.page.click("#scan-options .more-button")
    tab.page.select_option("#scan-device", label=FAULTY)
    tab.wait_until_ready()
    tab.page.click("#scan-options .more-button")
    assert tab.page.evaluate(OFFERED) == []


def test_a_paper_of_ones_own_has_a_size(tab: ScanDesk) -> None:
    tab.choose(source="Flatbed")
    assert not tab.page.is_visible("#scan-width")
    tab.page.select_option("#scan-paper", label="Own size")
    tab.page.fill("#scan-width", "100")
    tab.page.fill("#scan-height", "50")
    tab.scan()
    height, width, _ = cv2.imread(str(tab.files()[0])).shape
    assert (width, height) == pytest.approx((394, 197), abs=2), "100 mm at 100 dpi"
    tab.page.fill("#scan-width", "500")
    tab.scan()
    assert tab.notice().startswith("Error 2015: ")


def test_options_are_the_scanners_own(tab: ScanDesk) -> None:
    tab.choose(source="Flatbed")
    assert tab.page.locator("#scan-options input[name=cropType][value='4']").count() == 0
    tab.page.select_option("#scan-options .shortcut", "2")
    tab.scan()
    grey = cv2.imread(str(tab.files()[0]), cv2.IMREAD_GRAYSCALE)
    assert ((grey < 40) | (grey > 215)).mean() > 0.99, "black and white, apart from JPEG's ringing"
    assert tab.page.is_checked("#options input[name=imageType][value='8']"), "the camera has its own"


def test_a_format_that_no_browser_shows_is_listed_all_the_same(tab: ScanDesk) -> None:
    tab.choose(source="Flatbed")
    tab.name("archive.tif")
    tab.scan()
    assert tab.page.inner_text(".sheet .suffix").lower() == "tif"
    assert tab.page.is_disabled(".sheet .thumb")


def test_a_page_is_enlarged_and_downloaded(tab: ScanDesk) -> None:
    tab.choose(source="Flatbed")
    tab.name("large.png")
    tab.scan()
    tab.page.click("#shown-open")
    tab.page.wait_for_selector("#viewer[open]")
    assert "large.png · 827 × 1169" in tab.page.inner_text("#viewer-title")
    with tab.page.expect_download() as download:
        tab.page.click("#viewer-download")
    assert download.value.path().read_bytes() == tab.files()[0].read_bytes()
    tab.page.keyboard.press("Escape")
    assert tab.page.locator("#viewer[open]").count() == 0


@pytest.mark.smoke
def test_the_language_of_everything_changes(tab: ScanDesk) -> None:
    tab.choose(FAULTY, mode="Jam at page 3")
    tab.scan()
    chinese = re.compile("[\u4e00-\u9fff]")
    tab.page.click("[data-language=zh]")
    assert (
        tab.page.eval_on_selector("#scan-mode", "(select) => select.selectedOptions[0].text") == "第 3 页卡纸"
    )
    for text in (
        tab.page.inner_text("#tray-count"),
        tab.page.inner_text("#upload-what"),
        str(tab.page.get_attribute(".sheet .thumb", "aria-label")),
    ):
        assert chinese.search(text), text
    empty = "[...document.querySelectorAll('[data-i18n]')].filter((e) => !e.textContent.trim()).length"
    assert tab.page.evaluate(empty) == 0
    assert tab.numbers() == ["1", "2"]


def test_tabs_follow_keys_and_address(tab: ScanDesk) -> None:
    page = tab.page
    page.focus("#tab-scanner")
    page.keyboard.press("ArrowLeft")
    assert page.is_visible("#panel-camera") and not page.is_visible("#panel-scanner")
    assert page.evaluate("[document.activeElement.id, location.hash]") == ["tab-camera", "#document-camera"]
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("location.hash") == "#face", "the last follows the first"
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("location.hash") == "#scanner"
    page.reload()
    assert page.get_attribute("#tab-scanner", "aria-selected") == "true"
    assert page.is_visible("#panel-scanner") and not page.is_visible("#panel-camera")
    page.goto(page.url.replace("#scanner", "#nothing"))
    assert page.is_visible("#panel-scanner")


class TestUpload:
    @pytest.fixture
    def arrivals(self, served: Served) -> Inbox:
        served.inbox.forms.clear()
        return served.inbox

    @pytest.fixture
    def tab(self, tab: ScanDesk, arrivals: Inbox) -> ScanDesk:
        tab.choose(FAULTY, mode="Jam at page 3")
        tab.scan()
        tab.page.click("#upload-toggle")
        tab.page.fill("#upload-url", f"{arrivals.origin}/up")
        return tab

    def test_ticked_pages_and_fields_arrive(self, tab: ScanDesk, arrivals: Inbox) -> None:
        tab.page.fill("#upload-params", "case=7=8\n\n name = value ")
        tab.page.click("#upload-button")
        tab.page.wait_for_selector("#upload-response:has-text('form 1')")
        assert tab.told() == "Uploaded, the server answered 200"
        (form,) = arrivals.forms
        fields = {name_of(part): bytes_of(part) for part in form if part.get_filename() is None}
        assert fields == {"case": b"7=8", "name": b"value"}
        sent = [bytes_of(part) for part in form if part.get_filename() is not None]
        assert sent == [path.read_bytes() for path in tab.files()]

    def test_the_merged_document_is_offered(self, tab: ScanDesk, arrivals: Inbox) -> None:
        tab.merge("")
        assert tab.page.input_value("#upload-what") == "merged"
        tab.page.click("#upload-button")
        tab.page.wait_for_selector("#upload-response:has-text('form 1')")
        (document,) = arrivals.forms[0]
        assert bytes_of(document).startswith(b"%PDF-")

    def test_a_refusal_is_shown_and_tried_again(self, tab: ScanDesk, arrivals: Inbox) -> None:
        tab.page.fill("#upload-url", arrivals.origin + CLOSED)
        tab.page.check("#upload-retry")
        tab.page.click("#upload-button")
        tab.page.wait_for_selector("#upload-response:has-text('closed')")
        assert tab.told().startswith("Error 5004: ")
        assert tab.page.inner_text("#upload-status") == "The server answered 503"
        assert tab.page.inner_text("#upload-queued").startswith("In the queue")

    def test_an_address_that_is_not_allowed_is_told_with_its_remedy(self, tab: ScanDesk) -> None:
        tab.page.fill("#upload-url", "https://files.example.cn/")
        tab.page.click("#upload-button")
        assert re.match(r"Error 5001: .*\[upload\] allow", tab.told())

    def test_a_field_without_a_value_is_not_sent(self, tab: ScanDesk, arrivals: Inbox) -> None:
        tab.page.fill("#upload-params", "nothing")
        tab.page.click("#upload-button")
        assert "“nothing”" in tab.told()
        assert arrivals.forms == []


class StandIn:
    """Stands between page and service, and answers some functions differently.

    Attributes
    ----------
    answers
        What is put into the answers of a function.
    asked
        All that the page asked.
    """

    def __init__(self, answers: dict[str, dict[str, object]]) -> None:
        self.answers = answers
        self.asked: list[dict[str, object]] = []
        self._pages: list[WebSocketRoute] = []

    def take_over(self, tab: ScanDesk) -> None:
        """Load the page again, with this in between."""
        tab.page.route_web_socket(re.compile("^ws:"), self._stand_between)
        tab.page.reload()
        tab.wait_until_ready()

    @property
    def scans(self) -> list[dict[str, object]]:
        """The scans among them."""
        return [message for message in self.asked if message["func"] == "Scan"]

    def push(self, message: dict[str, object]) -> None:
        """Tell the page something on all its connections."""
        for page in self._pages:
            page.send(json.dumps(message))

    def _stand_between(self, page: WebSocketRoute) -> None:
        service = page.connect_to_server()
        self._pages.append(page)

        def forward(text: str | bytes) -> None:
            self.asked.append(json.loads(text))
            service.send(text)

        def back(text: str | bytes) -> None:
            answer = json.loads(text)
            page.send(json.dumps({**answer, **self.answers.get(answer["func"], {})}))

        page.on_message(forward)
        service.on_message(back)


def pictures(document: Path) -> list[bytes]:
    """The JPEG of each page of a PDF, as it lies in the file."""
    with pikepdf.open(document) as pdf:
        return [next(iter(page.Resources.XObject.values())).read_raw_bytes() for page in pdf.pages]


NOTICES = """
  window.notices = [];
  window.Notification = class extends EventTarget {
    static permission = 'default';
    static async requestPermission() { return (this.permission = 'granted'); }
    constructor(title, { body }) { super(); window.notices.push(body); }
  };
  Object.defineProperty(Document.prototype, 'hidden', { get: () => true });
"""


def test_backs_come_behind_their_fronts_in_a_second_pass(tab: ScanDesk, served: Served) -> None:
    tab.page.evaluate(NOTICES)
    tab.choose()
    tab.name("both/p.jpg")
    tab.page.check("#scan-tell")
    tab.page.check("#scan-both")
    assert not tab.page.is_visible("#scan-order")
    tab.scan()
    fronts = tab.files()
    assert tab.page.inner_text("#scan-button") == "Scan the backs"
    assert tab.notice().startswith(f"Fronts scanned: {len(fronts)}. Turn the pile over")
    tab.scan()
    both = tab.files()
    assert both[::2] == fronts, "each front is where it was, before its back"
    backs = sorted(set(both) - set(fronts), key=lambda path: int(re.sub(r"\D", "", path.stem)))
    assert both[1::2] == backs[::-1], "the last sheet came first"
    assert tab.page.inner_text("#scan-button") == "Scan"
    assert [said.partition(":")[0] for said in tab.page.evaluate("notices")] == [
        "Fronts scanned",
        "Pictures scanned",
    ]


def test_a_proposal_is_agreed_to_before_it_splits(tab: ScanDesk, served: Served) -> None:
    before = set(served.root.glob("*.pdf"))
    tab.choose()
    tab.scan()
    tab.page.select_option("#merge-split", "ask")
    tab.page.click("#merge-button:not([disabled])")
    tab.page.wait_for_selector("#merge-proposal:not([hidden]) label")
    assert set(served.root.glob("*.pdf")) == before, "nothing is written unasked"
    proposed = tab.page.locator("#merge-proposal input")
    count = proposed.count()
    assert count > 1
    proposed.first.uncheck()
    tab.merge("agreed.pdf")
    assert len(list(served.root.glob("agreed*.pdf"))) == count


def test_a_profile_is_one_press(tab: ScanDesk) -> None:
    tab.choose()
    tab.name("mine/m.png")
    tab.page.once("dialog", lambda dialog: dialog.accept("Mine"))
    tab.page.click("#scan-options .more-button")
    tab.page.click("#profile-save")
    tab.page.click("#scan-options .more-button")
    tab.name("")
    tab.page.select_option("#scan-source", label="Flatbed")
    tab.page.click(".profile-list >> text=Mine")
    tab.page.wait_for_selector("#scan-notice:not([data-kind=''])")
    tab.wait_until_done()
    assert all(path.parent.name == "mine" and path.suffix == ".png" for path in tab.files())
    assert len(tab.files()) > 1, "the feeder, not the glass that is chosen now"
    tab.page.reload()
    tab.wait_until_ready()
    tab.page.get_by_label("Delete “Mine”").click()
    assert tab.page.locator(".profile-list button").count() == 0
