"""Scanners that need no hardware, each by a configuration folder of SANE's of its own.

A fixture sets the environment of this process, which the adapter's driver processes inherit: it
must come before they start. What python-sane 2.9.2 does, found with these scanners and held by
``test_library.py``:

- A progress callback that raises crashes the process. One that calls ``cancel`` is fine.
- Colour in three frames is destroyed: ``snap`` reads three lines of a one-colour frame for each
  it keeps and does not go back to row 0 for the next colour. Only the format that
  ``get_parameters`` gives after ``start`` tells.
- ``bytes_per_line`` is ignored: a driver that pads its lines gives a sheared picture.
- A page that ends early, or in the middle of a line, is a shorter picture and no error; a partial
  line is dropped. A page longer than announced is a longer picture.
- A cancel from another thread ends ``snap`` with an error, or with a shorter picture where the
  driver makes an end of it. The call itself returns at once, and hangs where the driver does.
- ``start`` of the next sheet, ``snap`` and ``cancel`` let other threads run; ``close``, options and
  the cancel that ``snap(0)`` ends with do not.
- A read that gives nothing, for ever, is a busy loop that calls nobody back.
- A name of a device that is not UTF-8 fails ``get_devices`` for all; values of options are decoded
  as Latin-1, whatever they are.
- A status outside the standard becomes the text ``Unknown SANE status code 12``.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from blockbuster import BlockBuster, blockbuster_ctx

from server.devices.adapters.sane.finder import SaneScannerFinder
from tests.devices.sane.backend import Faulty, build
from tests.devices.sane.escl import EsclScanner
from tests.devices.sane.saned import Saned

Configure = Callable[..., Path]
"""Names of backends, and further files as ``net_conf="…"`` -> the folder they were written to."""


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Let SANE know these backends only."""
    pytest.importorskip("sane", reason="python-sane is not installed: pip install 'gaopai[scanner]'")
    folder = tmp_path / "sane.d"

    def configure(*backends: str, **files: str) -> Path:
        folder.mkdir(exist_ok=True)
        contents = {"dll_conf": "\n".join((*backends, "")), **files}
        for name, content in contents.items():
            (folder / name.replace("_", ".")).write_text(content)
        monkeypatch.setenv("SANE_CONFIG_DIR", str(folder))
        return folder

    return configure


@pytest.fixture
def virtual(configure: Configure) -> Path:
    """SANE's own `test` backend: two devices, ``test:0`` and ``test:1``."""
    return configure("test", test_conf="number_of_devices 2\n")


@pytest.fixture
def faulty(configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Faulty:
    """The faulty backend with one device, ``faulty:dev0``."""
    library = build()
    configure("faulty")
    searched = os.environ.get("LD_LIBRARY_PATH")
    monkeypatch.setenv("LD_LIBRARY_PATH", f"{library}:{searched}" if searched else str(library))
    faulty = Faulty(tmp_path)
    monkeypatch.setenv("SANE_FAULTY", str(faulty.path))
    # The driver notes its calls there.
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return faulty


@pytest.fixture
def saned(configure: Configure, tmp_path: Path) -> Iterator[Saned]:
    """The `test` backend behind saned: ``net:ADDRESS:test:0``."""
    daemon = Saned(tmp_path / "server.d")
    configure("net", net_conf=f"connect_timeout = 5\n{daemon.address}\n")
    yield daemon
    daemon.close()


@pytest.fixture
def escl(configure: Configure) -> Iterator[EsclScanner]:
    """A network scanner by sane-airscan: ``airscan:e0:Virtual eSCL``."""
    if not any(Path("/usr/lib").glob("*/sane/libsane-airscan.so.1")):
        pytest.skip("sane-airscan is not installed: apt install sane-airscan")
    scanner = EsclScanner()
    devices = f'[devices]\n"Virtual eSCL" = {scanner.url}, eSCL\n'
    configure("airscan", airscan_conf=f"{devices}[options]\ndiscovery = disable\n")
    yield scanner
    scanner.close()


@pytest.fixture
def never_blocks() -> Iterator[BlockBuster]:
    """Any blocking call in the event loop fails the test."""
    with blockbuster_ctx("server") as guard:
        yield guard


@pytest.fixture
async def finder(never_blocks: BlockBuster) -> AsyncIterator[SaneScannerFinder]:
    """The adapter, patient enough for a busy machine; ask for a scanner's fixture before it."""
    finder = await asyncio.to_thread(SaneScannerFinder)  # where the service makes it, no loop runs yet
    yield finder
    await finder.close()


@pytest.fixture
async def hasty(never_blocks: BlockBuster) -> AsyncIterator[SaneScannerFinder]:
    """The adapter where drivers hang: it gives them up after three seconds."""
    finder = await asyncio.to_thread(SaneScannerFinder, silence=3)
    yield finder
    await finder.close()
