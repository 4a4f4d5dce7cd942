"""Examples that authors download from the service: installed, built and used, with the service's client."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import Complaints, NoBrowser, chromium
from tests.browser.site import WEB, site
from tests.packaging.test_npm import INSTALL, node
from tests.patience import PATIENCE, PATIENCE_MS
from tests.service import SLOW_CAMERAS, running

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.package, pytest.mark.browser, pytest.mark.timeout(900)]

EXAMPLES = ("react", "vite")


def downloaded(address: str, name: str, folder: Path) -> Path:
    """The example as an author has it: downloaded and unpacked."""
    if not (WEB / "examples").exists():
        pytest.skip("script/prepare has not made the examples: npm is not installed")
    with urllib.request.urlopen(f"{address}/examples/{name}.tgz", timeout=PATIENCE) as answer:
        assert answer.headers["Content-Type"] == "application/gzip"
        packed = answer.read()
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder / name


def save_one_page(page: Page) -> str:
    """Take a page, save it, and return what the page says of the file."""
    page.click("#take:not([disabled])")
    picture = page.locator("#tray img")
    assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 300
    page.click("#save:not([disabled])")
    name = page.locator("#status a[download]").inner_text()
    assert "{" not in name, "the service names it"
    return name


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_built_and_saves_a_pdf(name: str, tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    (tmp_path / "first").mkdir()
    with running(tmp_path / "first") as service:
        project = downloaded(f"http://127.0.0.1:{service.port}", name, tmp_path)
    node(project, *INSTALL)
    node(project, "npm", "run", "build")
    (tmp_path / "second").mkdir()
    complaints = Complaints()
    with site(project / "dist") as origin:
        settings = f"[access]\norigins = {json.dumps([origin])}\n"
        with running(tmp_path / "second", settings, through=SLOW_CAMERAS) as service:
            try:
                with chromium() as browser, browser.new_context() as context:
                    page = context.new_page()
                    page.set_default_timeout(PATIENCE_MS)
                    complaints.listen(page)
                    page.goto(f"{origin}/?service=ws://127.0.0.1:{service.port}")
                    assert save_one_page(page).endswith(".pdf, 1 pages")
            except NoBrowser as exc:
                pytest.skip(str(exc))
    assert complaints.heard == []


def test_the_package_that_is_served_is_the_one_of_the_examples(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        address = f"http://127.0.0.1:{service.port}"
        projects = [downloaded(address, name, tmp_path / "unpacked") for name in EXAMPLES]
        with urllib.request.urlopen(f"{address}/gaopai.tgz", timeout=PATIENCE) as answer:
            served = answer.read()
    assert [(project / "gaopai.tgz").read_bytes() for project in projects] == [served, served]
    with tarfile.open(fileobj=io.BytesIO(served)) as archive:
        assert {"package/gaopai.js", "package/react.js", "package/gaopai.d.ts"} <= set(archive.getnames())
