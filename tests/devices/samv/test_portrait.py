"""A portrait library of the user's: whatever it does, it does in a process of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from server.devices.adapters.samv.portrait import SECONDS, Decoder
from server.errors import PortraitNotDecoded
from tests.devices.samv.conftest import check_discreet
from tests.devices.samv.people import PORTRAIT

SOURCE = Path(__file__).with_name("portrait_library.c")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("gcc is not installed")
    built = tmp_path_factory.mktemp("wlt") / "libwlt.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(built), str(SOURCE)], check=True)
    built.chmod(0o755)
    return built


def ours(library: Path, function: str = "unpack", seconds: float = SECONDS) -> Decoder:
    """A decoder that takes a library of whoever runs the tests."""
    return Decoder(library, function, seconds, owners=frozenset({os.getuid()}))


def expected() -> np.ndarray:
    """What the library draws, the top row first: row and column, and a byte of the portrait."""
    rows, columns = np.mgrid[0:126, 0:102]
    return np.dstack([rows, columns, np.full_like(rows, PORTRAIT[10])]).astype(np.uint8)


async def refused(decoder: Decoder, wlt: bytes = PORTRAIT) -> str:
    with pytest.raises(PortraitNotDecoded) as raised:
        await decoder.decode(wlt)
    check_discreet(str(raised.value) + repr(raised.value))
    return str(raised.value)


@pytest.mark.parametrize("function", ["unpack", "unpack_two", "unpack_zero", "unpack_bmp", "unpack_prints"])
async def test_a_portrait_is_decoded(library: Path, function: str) -> None:
    png = await ours(library, function).decode(PORTRAIT)
    assert png.startswith(b"\x89PNG")
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    np.testing.assert_array_equal(picture, expected())


async def test_a_crash_ends_its_own_process_only(library: Path) -> None:
    assert "SIGSEGV" in await refused(ours(library, "crash"))


async def test_a_hang_is_ended(library: Path) -> None:
    assert "within 0.5 seconds" in await refused(ours(library, "hang", seconds=0.5))


async def test_a_hang_that_nobody_waits_for_is_ended(library: Path) -> None:
    decoding = asyncio.create_task(ours(library, "hang", seconds=60).decode(PORTRAIT))
    while not _children(library):
        await asyncio.sleep(0.02)
    decoding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await decoding
    for _ in range(500):
        if not _children(library):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the process is still there")


async def test_memory_has_a_limit(library: Path) -> None:
    assert "no picture" in await refused(ours(library, "greedy"))


async def test_no_file_can_be_written(library: Path) -> None:
    assert "no picture" in await refused(ours(library, "writes_file"))
    written = library.with_name(f"{library.name}.bmp")
    # A kernel that confines processes does not even let it be made.
    assert not written.exists() or written.stat().st_size == 0


@pytest.mark.parametrize("function", ["refuses", "does_nothing", "half_a_bmp"])
async def test_a_library_that_gives_no_picture(library: Path, function: str) -> None:
    assert "no picture" in await refused(ours(library, function))


async def test_a_library_that_lacks_the_function(library: Path) -> None:
    assert "no function decode" in await refused(ours(library, "decode"))


async def test_a_library_that_is_none(tmp_path: Path) -> None:
    assert "is not there" in await refused(ours(tmp_path / "none.so"))
    (tmp_path / "text.so").write_text("text")
    (tmp_path / "text.so").chmod(0o644)
    assert "cannot be loaded" in await refused(ours(tmp_path / "text.so"))


@pytest.mark.parametrize("wlt", [b"", PORTRAIT[:-1], b"XLf\0" + PORTRAIT[4:]])
async def test_what_is_no_portrait_is_not_given_to_it(wlt: bytes) -> None:
    assert "WLT" in await refused(Decoder(Path("/nonexistent.so")), wlt)


def _children(library: Path) -> list[Path]:
    """Processes that have the library's path as an argument."""
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(library).encode() in command.read_bytes():
                found.append(command)
        except OSError:
            continue
    return found
