"""Packages for other processors, emulated: they serve, kernels compute what twins do, results agree.

The emulator is slow, and to make a package takes minutes: this is done where ``GAOPAI_PACKAGES`` names a
folder with it.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from benchmarks import processors
from models import locate
from server.documents import text_reader
from tests.packaging.client import use
from tests.packaging.emulated import LONG, Emulated, Processor, emulated
from tests.packaging.installed import is_heard
from tests.packaging.machine import REPOSITORY

pytestmark = [pytest.mark.package, pytest.mark.timeout(3000)]

TESTERS = ("pytest", "pytest-asyncio", "pytest-timeout", "pytest-xdist", "hypothesis")
BARE = "base-files,coreutils,dash,libc-bin"
"""libc-bin has the locale C.UTF-8 of Debian 11."""
ARM = Processor(
    name="aarch64",
    debian="arm64",
    number=r"\xb7\x00",
    package="gaopai-*-aarch64.tar.zst",
    suites=("bullseye", "bookworm", "trixie"),
    holds=f"{BARE},libstdc++6,zlib1g",
    python="3.13",
    wheels=("--platform=manylinux_2_28_aarch64", "--platform=manylinux2014_aarch64"),
)
LOONGSON = Processor(
    name="loongarch64",
    debian="loong64",
    number=r"\x02\x01",
    package="gaopai-*-loong64.tar.zst",
    suites=("forky",),
    holds=BARE,
    python="3.14",
    wheels=("--platform=any",),
)
GAOPAI = "/srv/gaopai/bin/gaopai"
_2_MEGAPIXELS = 3
"""Resolution of the demo camera: emulated, 8 megapixels take more than a capture may."""


@pytest.fixture(scope="session", params=[ARM, LOONGSON], ids=lambda processor: processor.debian)
def processor(request: pytest.FixtureRequest) -> Processor:
    chosen: Processor = request.param
    return chosen


@pytest.fixture(scope="session")
def shared(processor: Processor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the unpacked package in it, as ``gaopai``."""
    given = os.environ.get("GAOPAI_PACKAGES")
    found = list(Path(given).glob(processor.package)) if given else []
    if not found:
        made_by = f"script/package --portable --arch {processor.debian}"
        pytest.skip(f"GAOPAI_PACKAGES names no folder with what {made_by} makes")
    folder = tmp_path_factory.mktemp("shared")
    subprocess.run(["tar", "--zstd", "-xf", *found, "-C", folder], check=True)
    (only,) = folder.iterdir()
    only.rename(folder / "gaopai")
    return folder


@pytest.fixture(scope="session", params=range(max(len(each.suites) for each in (ARM, LOONGSON))))
def machine(
    request: pytest.FixtureRequest,
    processor: Processor,
    shared: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Emulated:
    """A Debian without a Python."""
    if request.param >= len(processor.suites):
        pytest.skip(f"no other Debian has {processor.debian}")
    suite = processor.suites[request.param]
    return emulated(processor, suite, tmp_path_factory.mktemp(suite), shared)


def test_it_finds_itself_in_order(machine: Emulated) -> None:
    assert machine.run(GAOPAI, "--version").startswith("gaopai ")
    said = machine.run(GAOPAI, "doctor", "--json", check=False)
    checks = {check["name"]: check for check in json.loads(said)["checks"]}
    assert checks["kernels"]["reason"] == "compiled"
    assert [name for name, check in checks.items() if not check["ok"] and not check["optional"]] == []


async def test_it_serves_a_page_its_barcode_and_a_pdf(machine: Emulated, port: int) -> None:
    async with machine.serving(GAOPAI, "serve", "--demo", "--port", str(port)):
        await use(port, LONG, _2_MEGAPIXELS)
    assert not is_heard(port)


@pytest.fixture(scope="session")
def oldest(processor: Processor, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Emulated:
    """The oldest Debian, with this repository's tests, and what runs them, beside the package."""
    tested = shared / "tested"
    unseen = shutil.ignore_patterns("__pycache__")
    for name in ("tests", "benchmarks"):
        shutil.copytree(REPOSITORY / name, tested / name, ignore=unseen)
    shutil.copy(REPOSITORY / "pyproject.toml", tested)
    # Some have machine code in newer versions.
    same = "<=" if "--platform=any" in processor.wheels else "=="
    pinned = [f"{name}{same}{version(name)}" for name in TESTERS]
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    where = ("--target", shared / "testers", "--only-binary=:all:", f"--python-version={processor.python}")
    command = [*pip, *where, *processor.wheels, *pinned]
    made = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if made.returncode != 0:
        pytest.skip(f"what runs the tests there cannot be fetched: {made.stderr[-300:]}")
    return emulated(processor, processor.suites[0], tmp_path_factory.mktemp("oldest"), shared)


@pytest.mark.parametrize("part", ["tests/twins", "tests/fuzz/test_jpeg.py"])
def test_kernels_pass_their_tests(oldest: Emulated, part: str) -> None:
    """Each beside its twin, and the damaged JPEGs; with the packaged libraries, not the repository's."""
    python = ("env", "--chdir=/srv/tested", "PYTHONPATH=/srv/testers", "/srv/gaopai/bin/python3", "-B")
    # Python 3.14 borrows what older releases of Hypothesis count the owners of.
    calmly = ("-W", "ignore:It looks like `register_random`")
    said = oldest.run(*python, "-m", "pytest", "-q", *calmly, "-p", "no:cacheprovider", part, timeout=2400)
    assert " passed" in said
    assert "skipped" not in said


@pytest.fixture(scope="session")
def pictures(shared: Path) -> Path:
    """Pictures with outlines, codes and text, and the models that read the text, beside the package."""
    found = [locate.find(locate.choose(role)) for role in text_reader.ROLES]
    if None in found:
        pytest.skip("models that read text are missing: gaopai models fetch")
    for path in filter(None, found):
        shutil.copy(path, shared)
    processors.draw(processors.FOLDER)
    for path in processors.FOLDER.glob("*.png"):
        shutil.copy(path, shared)
    return shared


@pytest.mark.timeout(3 * 3600)
def test_results_are_those_of_this_processor(oldest: Emulated, pictures: Path) -> None:
    """The same outlines, codes and text; ``script/bench processors`` makes the table.

    To read the text takes an emulated processor twenty minutes, if nothing else runs.
    """
    name = oldest.processor.name
    command = oldest.command("env", "GAOPAI_MODELS=/srv", GAOPAI)
    processors.read(processors.FOLDER, name, Path("/srv"), tuple(map(str, command)))
    own = platform.machine()
    processors.read(processors.FOLDER, own, processors.FOLDER, processors.COMMAND)
    agreed = processors.compare(processors.FOLDER, own, name)
    assert agreed.documents and agreed.codes and agreed.lines
    assert agreed.holds(), agreed
