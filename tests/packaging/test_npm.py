"""The npm package as page authors install it: plain pages, React, Vue, TypeScript and CommonJS.

The pages are built and opened in Chromium, from another origin than that of the demo service.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import Complaints, NoBrowser, chromium
from tests.browser.site import site
from tests.packaging.machine import REPOSITORY
from tests.patience import PATIENCE_MS
from tests.service import SLOW_CAMERAS, Service, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.package, pytest.mark.browser, pytest.mark.timeout(900)]

INSTALL = ("npm", "install", "--no-audit", "--no-fund")
PROJECTS = Path(__file__).parent / "npm"
TOOLS = (
    "vite@8.3.8", "react@19.3.1", "react-dom@19.3.1", "@vitejs/plugin-react@6.3.0", "@types/react@19",
    "@types/react-dom@19", "vue@3.5.45", "@vitejs/plugin-vue@6.0.11", "typescript@5.9.3", "esbuild@0.28.2",
)  # fmt: skip
PAGES = {"element": ".", "react": "dist", "vue": "dist", "vue2": "."}
"""Projects that are pages, and the folder of each that is served."""


def node(folder: Path, *command: str) -> str:
    """Run a program of Node, whose error output is the failure's text."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    if any(word in done.stderr for word in ("ENOTFOUND", "ECONNREFUSED", "EAI_AGAIN", "ETIMEDOUT")):
        pytest.skip("the npm registry cannot be reached")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    output = tmp_path_factory.mktemp("npm")
    return Path(node(REPOSITORY, "script/package", "--npm", "--output", str(output)).strip())


@pytest.fixture(scope="module")
def projects(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tools, and in it the projects, into each of which the package was installed."""
    folder = tmp_path_factory.mktemp("projects")
    (folder / "package.json").write_text('{"private": true}')
    node(folder, *INSTALL, *TOOLS)
    for project in PROJECTS.iterdir():
        shutil.copytree(project, folder / project.name)
        node(
            folder / project.name,
            "npm",
            "install",
            "--no-audit",
            "--no-fund",
            "--legacy-peer-deps",
            str(tarball),
        )
    return folder


@pytest.fixture(scope="module")
def pages(projects: Path) -> Iterator[dict[str, str]]:
    """Addresses of the built pages; each is of an origin of its own."""
    for name in ("react", "vue"):
        node(projects / name, "npx", "vite", "build")
    with (
        site(projects / "element") as element,
        site(projects / "react/dist") as react,
        site(projects / "vue/dist") as vue,
        site(projects / "vue2") as vue2,
    ):
        yield {"element": element, "react": react, "vue": vue, "vue2": vue2}


@pytest.fixture(scope="module")
def service(pages: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    settings = f"[access]\norigins = {json.dumps(list(pages.values()))}\n"
    with running(tmp_path_factory.mktemp("served"), settings, through=SLOW_CAMERAS) as service:
        yield service


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        with chromium() as browser:
            yield browser
    except NoBrowser as exc:
        pytest.skip(str(exc))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_the_camera_and_captures(
    name: str, pages: dict[str, str], service: Service, browser: Browser
) -> None:
    complaints = Complaints()
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        complaints.listen(page)
        page.goto(f"{pages[name]}/?service=ws://127.0.0.1:{service.port}")
        page.wait_for_selector("#state:has-text('live')")
        page.click("#capture")
        picture = page.locator("#picture[src^='blob:']")
        assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 300
        assert page.workers or name == "vue2", "bundlers take the worker's file along"
        # Taken out of the page and put back: the camera is closed and opened again.
        page.click("#toggle")
        page.wait_for_selector("#state:has-text('hidden')")
        page.click("#toggle")
        page.wait_for_selector("#state:has-text('live')")
    assert complaints.heard == []


@pytest.mark.parametrize("name", ["react", "vue", "vue2"])
def test_the_hooks_tell_why_there_is_no_picture(
    name: str, pages: dict[str, str], service: Service, browser: Browser
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{pages[name]}/?service=ws://127.0.0.1:{service.port}&device=77")
        page.wait_for_selector("#state:has-text('2001')")


@pytest.mark.parametrize("project", ["strict", "commonjs"])
def test_strict_typescript_accepts_its_types(project: str, projects: Path) -> None:
    node(projects / project, "npx", "tsc", "--noEmit")


def test_a_wrong_call_is_an_error_of_types(projects: Path) -> None:
    wrong = projects / "strict" / "wrong.ts"
    wrong.write_text("import { connect } from 'gaopai';\nconnect().captureBase64('0');\n")
    try:
        with pytest.raises(AssertionError, match="TS2345"):
            node(projects / "strict", "npx", "tsc", "--noEmit")
    finally:
        wrong.unlink()


def test_common_js_imports_it_on_a_server(projects: Path) -> None:
    names = node(projects / "commonjs", "node", "server.cjs")
    assert names.split() == ["Gaopai", "GaopaiCamera", "GaopaiError", "connect", "diagnose"]


def test_what_a_page_does_not_use_is_left_out(projects: Path) -> None:
    entry = "import { GaopaiError } from 'gaopai'; console.log(GaopaiError);"
    (projects / "strict" / "little.js").write_text(entry)
    bundled = node(projects / "strict", "npx", "esbuild", "--bundle", "--minify", "--format=esm", "little.js")
    assert len(bundled) < 1000


def test_source_maps_lead_to_the_sources(projects: Path) -> None:
    installed = projects / "strict" / "node_modules" / "gaopai"
    found = json.loads((installed / "gaopai.js.map").read_text())
    assert any("class Gaopai extends EventTarget" in text for text in found["sourcesContent"])
    assert all(not Path(source).is_absolute() for source in found["sources"])
