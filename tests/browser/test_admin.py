"""The settings view in a browser: by keyboard alone, in both languages and themes, and what it does holds."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from server.access.token import WRONG_UNTIL_WAIT
from tests.administrator import address_of, ticket_of
from tests.browser.axe import axe, violations
from tests.browser.chromium import Complaints
from tests.patience import PATIENCE, PATIENCE_MS
from tests.security.knocking import UPGRADE
from tests.service import REPOSITORY, Service, free_port, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

TABS = ("devices", "origins", "storage", "about", "log", "settings")
NEW = "https://new.example.cn"
CONFIG = """\
# Counter 3
[access] # who may connect
origins = [
  "https://oa.example.cn", # the office
]
"""
REFUSALS = re.compile(r"Failed to load resource: the server responded with a status of (401|422) .*")
"""Lines that a browser writes of a refusal, which the page then tells."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("service"), CONFIG) as service:
        yield service


@pytest.fixture
def page(browser: Browser, service: Service) -> Iterator[Page]:
    """The view, opened in English; a console error or a violation of its policy fails the test."""
    complaints = Complaints()
    with browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-US") as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        complaints.listen(page)
        page.goto(address_of(service))
        page.wait_for_selector("#tabs:not([hidden])")
        yield page
    assert [each for each in complaints.heard if not REFUSALS.fullmatch(each)] == []


def status_for(service: Service, origin: str) -> int:
    """Status of the answer to a page of an origin that wants to connect; 101 if it may."""
    line = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
    try:
        line.putrequest("GET", "/")
        for name, value in {"Origin": origin, **UPGRADE}.items():
            line.putheader(name, value)
        line.endheaders()
        return line.getresponse().status
    finally:
        line.close()


def choose(page: Page, tab: str) -> None:
    page.click(f"#tab-{tab}")
    settled(page, tab)


def settled(page: Page, tab: str) -> None:
    page.wait_for_selector(f"#panel-{tab}[aria-busy=false]")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(120):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {selector}")


# The way in --------------------------------------------------------------------------------


def test_it_is_locked_until_a_token_opens_it_once(browser: Browser, service: Service) -> None:
    with browser.new_context(locale="zh-CN") as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"{service.http}/admin")
        page.wait_for_selector("#locked:has-text('设置页已锁定')")
        assert page.locator("#tabs").is_hidden()
        address = address_of(service)
        # Into a page that is open already, whose address only changes behind the hash.
        page.goto(address)
        page.wait_for_selector("#tabs:not([hidden])")
        assert "token" not in page.url and not ticket_of(service).exists()
        assert (
            page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])").count("ession")
            == 0
        )
        other = context.new_page()
        other.goto(address)
        other.wait_for_selector("#locked-why:has-text('gaopai admin')")
        page.click("#end")
        page.wait_for_selector("#locked-why:has-text('已退出')")
        assert (
            page.locator("#panel-devices").is_hidden() and page.locator("#panel-devices table").count() == 0
        )
        page.reload()
        page.wait_for_selector("#locked:has-text('设置页已锁定')")


def test_an_answer_to_a_session_that_ended_is_not_shown(page: Page) -> None:
    page.wait_for_selector("#panel-devices[aria-busy=false] table")
    page.evaluate(
        """() => {
            const fetched = window.fetch;
            window.fetch = async (address, request) => {
                const answer = await fetched(address, request);
                if (address.endsWith('/checks')) await new Promise((resolve) => { window.letGo = resolve; });
                return answer;
            };
        }"""
    )
    page.click("#panel-devices .head button")
    page.wait_for_function("() => window.letGo")
    page.click("#end")
    page.wait_for_selector("#locked-why:has-text('left')")
    page.evaluate("async () => { window.letGo(); await new Promise((resolve) => setTimeout(resolve, 100)); }")
    assert page.locator("#panel-devices table").count() == 0


def test_a_session_that_ended_locks_the_page(page: Page) -> None:
    choose(page, "storage")
    # As after a quarter of an hour: the service knows the secret no more.
    page.evaluate(
        """() => {
            const fetched = window.fetch;
            window.fetch = (address, request) => fetched(address, {
                ...request, headers: { ...request.headers, Authorization: 'Bearer gone' },
            });
        }"""
    )
    page.click("#panel-storage .head button")
    page.wait_for_selector("#locked-why:has-text('idle')")
    assert page.locator("#panel-storage").is_hidden() and page.locator("#panel-storage table").count() == 0


# Reading -----------------------------------------------------------------------------------


@pytest.mark.smoke
def test_every_tab_shows_what_it_is_for(page: Page, service: Service) -> None:
    told = {
        "devices": ("Demo Document Camera", "Demo Scanner"),
        "origins": ("https://oa.example.cn", "No origin waits"),
        "storage": (str(service.folder / "pictures"), "kept_minutes"),
        "about": ("gaopai", "aiohttp", "eloam", ":8090/eSCL", "document-segmentation", "nothing has failed"),
        "log": ("the settings view was opened",),
        "settings": (str(service.folder / "config.toml"), "[server]", "tls_port"),
    }
    for tab, texts in told.items():
        choose(page, tab)
        text = page.locator(f"#panel-{tab}").inner_text()
        text += " ".join(page.locator(f"#panel-{tab} details").all_text_contents())
        assert [each for each in texts if each not in text] == [], tab
    choose(page, "devices")
    verdict = page.locator("#panel-devices").inner_text()
    # Optional things of this machine may be missing, and that is told as such.
    assert "nothing is missing" in verdict or "it works; not in use" in verdict


def test_a_camera_in_use_is_told_with_its_page(page: Page, service: Service) -> None:
    with page.context.new_page() as station:
        station.goto(service.http)
        station.click("#open:not([disabled])")
        station.wait_for_selector("#open:has-text('Close')")
        choose(page, "devices")
        page.wait_for_selector(f"#panel-devices td:has-text('in use by {service.http}')")


def test_the_log_is_filtered(page: Page) -> None:
    choose(page, "log")
    page.fill("#log-words", "settings view")
    page.keyboard.press("Tab")
    rows = page.locator("#panel-log tbody tr").all_inner_texts()
    assert rows and all("settings view" in row for row in rows)
    page.select_option("#log-level", "ERROR")
    page.wait_for_selector("#panel-log:has-text('There is no such line')")


# Changing ----------------------------------------------------------------------------------


def test_origins_are_allowed_denied_and_revoked_by_keyboard_alone(page: Page, service: Service) -> None:
    assert status_for(service, NEW) == 403
    tab_to(page, "#tab-devices")
    page.keyboard.press("ArrowRight")
    settled(page, "origins")
    page.wait_for_selector(f"#panel-origins td:has-text('{NEW}')")
    tab_to(page, f'[aria-label="Allow {NEW}"]')
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#panel-origins .said:has-text('{NEW} is allowed')")
    assert status_for(service, NEW) == 101
    tab_to(page, f'[aria-label="Deny {NEW}"]')
    page.keyboard.press("Space")
    page.wait_for_selector(f"#panel-origins .said:has-text('{NEW} is denied')")
    assert status_for(service, NEW) == 403
    tab_to(page, f'[aria-label="Revoke the decision about {NEW}"]')
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel-origins:has-text('Nothing is decided yet')")
    assert status_for(service, NEW) == 403
    tab_to(page, "#origin")
    page.keyboard.type(f"{NEW}/path")
    page.keyboard.press("Enter")
    page.wait_for_selector(
        "#panel-origins .said[data-kind=error]:has-text('more than scheme, host and port')"
    )
    assert status_for(service, NEW) == 403


def test_a_setting_is_drafted_written_and_in_force_by_keyboard_alone(page: Page, service: Service) -> None:
    path = service.folder / "config.toml"
    before = path.read_text(encoding="utf-8")
    tab_to(page, "#tab-devices")
    page.keyboard.press("End")
    settled(page, "settings")
    tab_to(page, '[id="table access"]')
    page.keyboard.press("Enter")
    tab_to(page, '[id="set access.origins"]')
    page.keyboard.press("Control+End")
    page.keyboard.type(f"\n{NEW}")
    tab_to(page, "#show-changes")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open] .diff")
    added = page.locator("dialog .added").all_inner_texts()
    assert [line.strip() for line in added] == [f'+  "{NEW}",']
    assert page.locator("dialog .removed").count() == 0
    assert "access.origins" in page.locator("dialog").inner_text()
    assert path.read_text(encoding="utf-8") == before and status_for(service, NEW) == 403
    tab_to(page, "#write")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel-settings .said:has-text('Written and in force')")
    assert path.read_text(encoding="utf-8") == before.replace(
        '"https://oa.example.cn", # the office\n', f'"https://oa.example.cn", # the office\n  "{NEW}",\n'
    )
    assert status_for(service, NEW) == 101
    # And back, by the whole file.
    page.click("#edit-whole")
    page.fill("#whole", before)
    page.click("#show-changes")
    page.click("#write")
    page.wait_for_selector("#panel-settings .said:has-text('Written and in force')")
    assert path.read_text(encoding="utf-8") == before and status_for(service, NEW) == 403


def test_what_holds_later_is_told_before_and_after(page: Page, service: Service) -> None:
    path = service.folder / "config.toml"
    before = path.read_text(encoding="utf-8")
    choose(page, "settings")
    page.click('[id="table upload"]')
    page.fill('[id="set upload.seconds"]', "61")
    page.keyboard.press("Tab")
    page.wait_for_selector("#panel-settings .foot:has-text('Keys changed: 1')")
    page.click("#show-changes")
    page.wait_for_selector("dialog:has-text('Holds after a restart: upload.seconds')")
    page.click("#write")
    page.wait_for_selector("#panel-settings .card:has-text('after a restart upload.seconds')")
    assert "[upload]\nseconds = 61\n" in path.read_text(encoding="utf-8")
    path.write_text(before, encoding="utf-8")


def test_a_setting_is_found_by_words_of_its_meaning(page: Page) -> None:
    choose(page, "settings")
    page.fill("#seek", "keep_days")
    page.wait_for_selector('[id="set storage.keep_days"]')
    assert "storage.keep_days" in page.inner_text("#panel-settings .setting label")
    page.fill("#seek", "no such words")
    page.wait_for_selector("#table-title:has-text('Found: 0')")
    page.click("#panel-settings nav button")
    page.wait_for_selector("#table-title:has-text('[server]')")
    assert page.input_value("#seek") == ""


def test_a_camera_in_use_is_nothing_bad_and_a_copy_is_a_command(page: Page, service: Service) -> None:
    page.evaluate(
        """() => {
            window.copied = [];
            navigator.clipboard.writeText = (words) => { window.copied.push(words); };
        }"""
    )
    answer = {
        "checks": [
            {
                "name": "pcscd", "ok": False, "optional": True, "reason": "It does not run.",
                "remedy": "run: sudo systemctl start pcscd, and look again",
                "command": "sudo systemctl start pcscd",
                "zh": {"name": "pcscd", "reason": "没有运行", "remedy": "请执行 sudo systemctl start pcscd"},
            }
        ]
    }  # fmt: skip
    used = {"devices": [{"kind": "camera", "name": "Desk", "inUse": True, "page": "Counter"}], "problems": []}
    page.route("**/admin/api/checks", lambda route: route.fulfill(json=answer))
    page.route("**/admin/api/devices", lambda route: route.fulfill(json=used))
    choose(page, "devices")
    page.click("#panel-devices .head button")
    settled(page, "devices")
    assert page.locator("#panel-devices .badge.bad").count() == 0
    assert page.inner_text("#panel-devices .urgent .badge.warn") == "it works; not in use: 1"
    page.click("#panel-devices .command button")
    assert page.evaluate("copied") == ["sudo systemctl start pcscd"]


def test_what_holds_is_shown_without_a_configuration_file(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()
    environment = {"XDG_STATE_HOME": str(tmp_path / "state"), "TMPDIR": str(tmp_path)}
    port = free_port()
    command = [sys.executable, "-m", "server", "serve", "--demo", "--port", str(port)]
    command += ["--root", str(tmp_path)]
    with (
        subprocess.Popen(
            command, cwd=REPOSITORY, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
        ) as process,
        browser.new_context(locale="en-US") as context,
    ):
        try:
            assert process.stdout is not None
            assert str(port) in process.stdout.readline()
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            page.goto(address_of(Service(process, port, tmp_path)))
            choose(page, "settings")
            page.wait_for_selector("#panel-settings .card:has-text('started without one')")
            assert page.is_disabled('[id="set server.port"]')
            assert page.get_attribute('[id="set server.port"]', "placeholder") == "8082"
        finally:
            process.terminate()


def test_a_wrong_value_is_told_beside_its_key(page: Page, service: Service) -> None:
    before = (service.folder / "config.toml").read_text(encoding="utf-8")
    choose(page, "settings")
    page.fill('[id="set server.port"]', "70000")
    page.keyboard.press("Tab")
    page.click("#show-changes")
    page.wait_for_selector("#panel-settings .said[data-kind=error]:has-text('at most 65535')")
    wrong = page.wait_for_selector("#wrong:has-text('server.port has to be at most 65535.')")
    assert wrong is not None
    page.wait_for_function("() => document.activeElement.id === 'set server.port'")
    assert page.get_attribute('[id="set server.port"]', "aria-invalid") == "true"
    page.click("[data-language=zh]")
    page.wait_for_selector("#wrong:has-text('server.port：不能大于 65535。')")
    page.click("[data-language=en]")
    assert page.locator("dialog").count() == 0
    page.click("#discard")
    page.wait_for_selector("#panel-settings .foot:has-text('Keys changed: 0')")
    assert (service.folder / "config.toml").read_text(encoding="utf-8") == before


# Everybody ---------------------------------------------------------------------------------


def walk(page: Page, told: dict[str, Sequence[str]], theme: str, language: str) -> None:
    """Look at every tab, and at what opens over the settings."""
    for tab in TABS:
        choose(page, tab)
        for summary in page.locator(f"#panel-{tab} summary").all():
            summary.click()
        told[f"{theme} {language} {tab}"] = violations(page, theme)
    page.click('[id="table limits"]')
    page.fill('[id="set limits.connections"]', "77")
    page.keyboard.press("Tab")
    told[f"{theme} {language} changed"] = violations(page, theme)
    page.click("#show-changes")
    page.wait_for_selector("dialog[open]")
    told[f"{theme} {language} draft"] = violations(page, theme)
    page.keyboard.press("Escape")
    page.click("#edit-whole")
    told[f"{theme} {language} whole"] = violations(page, theme)
    page.click("#discard")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_violation(browser: Browser, service: Service, theme: str) -> None:
    status_for(service, "https://waiting.example.cn")
    told: dict[str, Sequence[str]] = {}
    with browser.new_context(viewport={"width": 1366, "height": 768}, color_scheme=theme) as context:  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(axe())
        page = context.new_page()
        page.goto(f"{service.http}/admin")
        page.wait_for_selector("#locked")
        told[f"{theme} locked"] = violations(page, theme)
        page.goto(address_of(service))
        page.wait_for_selector("#tabs:not([hidden])")
        # Colours are the same in both languages.
        languages = ("zh", "en") if theme == "light" else ("en",)
        for language in languages:
            page.click(f"[data-language={language}]")
            walk(page, told, theme, language)
    assert {state: found for state, found in told.items() if found} == {}
    assert len(told) == 1 + 9 * len(languages)


@pytest.mark.parametrize("width", [390, 1366])
def test_nothing_is_wider_than_the_screen(browser: Browser, service: Service, width: int) -> None:
    with browser.new_context(viewport={"width": width, "height": 768}, locale="zh-CN") as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(address_of(service))
        page.wait_for_selector("#tabs:not([hidden])")
        for tab in TABS:
            choose(page, tab)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab


def test_no_text_is_missing_or_left_in_the_other_language(page: Page) -> None:
    page.click("[data-language=zh]")
    for tab in TABS:
        choose(page, tab)
        words = page.locator(f"#panel-{tab} h2, #panel-{tab} th, #panel-{tab} button").all_inner_texts()
        latin = {word for word in words if word and word.isascii() and "[" not in word}
        assert {word for word in latin if "/" not in word} == set(), tab
    assert page.title() == "高拍设置 · 管理员"


def test_guessing_is_told_to_wait(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    with (
        running(tmp_path_factory.mktemp("guessed")) as service,
        browser.new_context(locale="en-US") as context,
    ):
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"{service.http}/admin")
        for number in range(WRONG_UNTIL_WAIT + 1):
            page.goto(f"{service.http}/admin#token=wrong{number}")
            page.wait_for_function("location.hash === ''")
        page.wait_for_selector("#locked-why:has-text('too many wrong tokens')")
