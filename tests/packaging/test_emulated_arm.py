"""The package for ARM on an emulated processor: it serves, and its kernels compute what their twins do.

The emulator is slow, and to make the package takes minutes: this is done where
``GAOPAI_PACKAGES`` names a folder with it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.packaging.client import use
from tests.packaging.emulated import LONG, Emulated, emulated
from tests.packaging.installed import is_heard
from tests.packaging.machine import REPOSITORY

pytestmark = [pytest.mark.package, pytest.mark.timeout(3000)]

TESTERS = ("pytest", "pytest-asyncio", "pytest-timeout", "hypothesis")
WHEELS = ("--python-version=3.13", "--platform=manylinux_2_28_aarch64", "--platform=manylinux2014_aarch64")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the unpacked package in it, as ``gaopai``."""
    given = os.environ.get("GAOPAI_PACKAGES")
    found = list(Path(given).glob("gaopai-*-aarch64.tar.zst")) if given else []
    if not found:
        pytest.skip("GAOPAI_PACKAGES names no folder with what script/package --portable --arch arm64 makes")
    folder = tmp_path_factory.mktemp("shared")
    subprocess.run(["tar", "--zstd", "-xf", *found, "-C", folder], check=True)
    (only,) = folder.iterdir()
    only.rename(folder / "gaopai")
    return folder


@pytest.fixture(scope="module", params=["bullseye", "bookworm", "trixie"])
def arm(request: pytest.FixtureRequest, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Emulated:
    """A Debian for ARM without a Python."""
    return emulated(request.param, tmp_path_factory.mktemp(request.param), shared)


GAOPAI = "/srv/gaopai/bin/gaopai"


def test_it_finds_itself_in_order(arm: Emulated) -> None:
    assert arm.run(GAOPAI, "--version").startswith("gaopai ")
    said = arm.run(GAOPAI, "doctor", "--json", check=False)
    checks = {check["name"]: check for check in json.loads(said)["checks"]}
    assert checks["kernels"]["reason"] == "compiled"
    assert [name for name, check in checks.items() if not check["ok"] and not check["optional"]] == []


async def test_it_serves_a_page_its_barcode_and_a_pdf(arm: Emulated, port: int) -> None:
    async with arm.serving(GAOPAI, "serve", "--demo", "--port", str(port)):
        await use(port, LONG)
    assert not is_heard(port)


@pytest.fixture(scope="module")
def oldest(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Emulated:
    """The oldest Debian for ARM, with this repository's tests, and what runs them, beside the package."""
    tested = shared / "tested"
    unseen = shutil.ignore_patterns("__pycache__")
    for name in ("tests", "benchmarks"):
        shutil.copytree(REPOSITORY / name, tested / name, ignore=unseen)
    shutil.copy(REPOSITORY / "pyproject.toml", tested)
    pinned = [f"{name}=={version(name)}" for name in TESTERS]
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    where = ("--target", shared / "testers", "--only-binary=:all:", *WHEELS)
    made = subprocess.run([*pip, *where, *pinned], capture_output=True, text=True, timeout=600, check=False)
    if made.returncode != 0:
        pytest.skip(f"what runs the tests there cannot be fetched: {made.stderr[-300:]}")
    return emulated("bullseye", tmp_path_factory.mktemp("oldest"), shared)


@pytest.mark.parametrize("part", ["tests/twins", "tests/fuzz/test_jpeg.py"])
def test_kernels_pass_their_tests(oldest: Emulated, part: str) -> None:
    """Each beside its twin, and the damaged JPEGs; with the packaged libraries, not the repository's."""
    python = ("env", "--chdir=/srv/tested", "PYTHONPATH=/srv/testers", "/srv/gaopai/bin/python3", "-B")
    said = oldest.run(*python, "-m", "pytest", "-q", "-p", "no:cacheprovider", part, timeout=2400)
    assert " passed" in said
    assert "skipped" not in said
