"""S26: a maker's library is loaded only where nobody but root can exchange it, and only in a child."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from server.devices.adapters.samv.portrait import Decoder
from server.errors import PortraitNotDecoded
from server.storage import private_file
from server.storage.private_file import is_trusted
from tests.devices.samv.people import PORTRAIT
from tests.devices.samv.test_portrait import SOURCE

STRANGER = 4_000_000
ME = frozenset({os.getuid()})


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    built = tmp_path_factory.mktemp("wlt") / "libwlt.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(built), str(SOURCE)], check=True)
    built.chmod(0o755)
    return built


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o755)
    (folder / "lib.so").write_bytes(b"")
    (folder / "lib.so").chmod(0o644)
    return folder / "lib.so"


def test_a_library_of_the_system_is_trusted() -> None:
    if Path("/").stat().st_uid != private_file.ROOT:
        pytest.skip("the system does not belong to root here")
    assert is_trusted(Path("/usr/bin/env").resolve(), ())


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o777])
def test_one_that_others_may_write_is_not(file: Path, mode: int) -> None:
    assert is_trusted(file, ME)
    file.chmod(mode)
    assert not is_trusted(file, ME)


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777])
def test_nor_one_in_a_folder_that_others_may_write(file: Path, mode: int) -> None:
    file.parent.chmod(mode)
    assert not is_trusted(file, ME)
    # As in /tmp: others cannot rename or remove what is not theirs.
    file.parent.chmod(mode | stat.S_ISVTX)
    assert is_trusted(file, ME)


def test_nor_one_of_a_stranger(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.getuid() == 0:
        os.chown(file, STRANGER, -1)
    else:
        monkeypatch.setattr(private_file, "ROOT", STRANGER)
    assert not is_trusted(file, ())


async def refusal(decoder: Decoder) -> str:
    with pytest.raises(PortraitNotDecoded) as raised:
        await decoder.decode(PORTRAIT)
    return raised.value.message("en")


async def test_a_library_of_a_stranger_is_not_loaded(library: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.so"
    shutil.copy(library, own)
    own.chmod(0o666)
    assert "can be changed by others" in await refusal(Decoder(own, owners=ME))


async def test_a_link_is_judged_by_what_it_leads_to(library: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.so"
    shutil.copy(library, own)
    (tmp_path / "link.so").symlink_to(own)
    own.chmod(0o666)
    assert "can be changed by others" in await refusal(Decoder(tmp_path / "link.so", owners=ME))
    own.chmod(0o644)
    assert (await Decoder(tmp_path / "link.so", owners=ME).decode(PORTRAIT)).startswith(b"\x89PNG")


async def test_a_crash_in_it_is_an_error_and_the_next_portrait_is_decoded(library: Path) -> None:
    assert "SIGSEGV" in await refusal(Decoder(library, "crash", owners=ME))
    assert (await Decoder(library, owners=ME).decode(PORTRAIT)).startswith(b"\x89PNG")
    # In this process it never was.
    assert str(library) not in Path("/proc/self/maps").read_text()
