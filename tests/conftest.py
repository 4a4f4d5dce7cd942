"""What holds for all tests."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from server.archive import signing
from server.decoding import pool, text_process
from server.devices import hotplug
from server.documents import tesseract
from server.runtime import background
from tests import isolation
from tests.extent import extent, left_out
from tests.failure_display import pytest_runtest_makereport
from tests.fakes.canaries import Listener

__all__ = ["pytest_runtest_makereport"]

# The same examples each time: a change is judged by what it changed. GAOPAI_RANDOM=1 looks for new ones.
settings.register_profile(
    "patient",
    derandomize=os.environ.get("GAOPAI_RANDOM") != "1",
    max_examples=extent(15, 25),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("patient")

TESTS = Path(__file__).parent
# Models that no registry carries lie beside the project where a developer has them; others were fetched
# into the user's own folder.
BESIDE = Path(os.environ.get("GAOPAI_SHARED", TESTS.parents[1] / "shared")) / "models"
FETCHED = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "gaopai/models"
SENTRY = isolation.Sentry()
OWN_NICENESS = os.getpriority(os.PRIO_PROCESS, 0)
STATIC = ("tests/architecture/", "tests/faults/test_writers_known.py", "tests/faults/test_clock.py")
"""Tests that read the sources: together in one process, for which each is parsed once."""
LONG_FIRST = (
    # It waits most of its time, and holds up nobody.
    "share/test_day.py",
    *("packaging", "hardware"),
    *("unit/archive/test_signing.py", "functional/test_scan_piles.py", "share/test_programs.py"),
    *("security/test_s14_every_path.py", "unit/decoding/test_text_process.py", "devices/sane/test_faults.py"),
    *("unit/imgcore/holes/test_holes.py", "unit/imgcore/fingers/test_fingers.py"),
    *("faults", "browser", "functional", "security", "share", "fuzz", "devices", "dialects", "protocol"),
    *("unit/imgcore", "unit/documents", "unit/streaming", "unit/batch"),
)
"""Files and folders whose tests take long: begun last, one of them would keep one core busy and no other."""


def pytest_configure(config: pytest.Config) -> None:
    """Leave the machine behind before any test is collected."""
    # Nothing that is collected goes before the end: looking for garbage among it took a third of the time.
    gc.disable()
    os.environ.setdefault("GAOPAI_MODELS", os.pathsep.join(map(str, (BESIDE, FETCHED))))
    folder = Path(tempfile.mkdtemp(prefix="gaopai-tests-"))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    isolation.enter(folder)
    sys.addaudithook(SENTRY)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is no part of a sample, and order the tests as `LONG_FIRST` says."""
    left = left_out(items)
    config.hook.pytest_deselected(items=list(left))
    items[:] = [item for item in items if item not in left]

    @cache
    def place(path: Path) -> int:
        name = path.relative_to(TESTS).as_posix()
        within = (at for at, long in enumerate(LONG_FIRST) if name == long or name.startswith(f"{long}/"))
        return min(within, default=len(LONG_FIRST))

    items.sort(key=lambda item: place(item.path))


class Scheduling(LoadFileScheduling):
    """A file at a time, and those of `STATIC` as if they were one."""

    def _split_scope(self, nodeid: str) -> str:
        return STATIC[0] if nodeid.startswith(STATIC) else str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Hand tests out so."""
    return Scheduling(config, log)


def pytest_collection_finish() -> None:
    """Spare all tests the search for cycles through what was collected, which stays."""
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def nothing_stays_replaced() -> Iterator[None]:
    """A test that replaces a function of the system puts it back, and leaves no guard of its own there."""
    before = vars(os).copy()
    yield
    assert [name for name, value in vars(os).items() if before.get(name) is not value] == []


# With patches of their own: what `monkeypatch` puts back is then put back before the guards of a folder's
# tests go, and never one of these after them.
@pytest.fixture(autouse=True)
def nothing_is_plugged() -> Iterator[None]:
    """Who watches the machine's devices come and go watches an empty folder."""
    real = hotplug.watch
    empty = Path(os.environ["HOME"])
    watch = lambda root, *what: real(empty if root == Path("/") else root, *what)  # noqa: E731
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hotplug, "watch", watch)
        yield


@pytest.fixture(autouse=True)
def nothing_is_decoded_unasked() -> Iterator[None]:
    """A decoding process takes a third of a second to start: a service starts one when it is asked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "WARM_SECONDS", 3600.0)
        yield


@pytest.fixture(autouse=True)
def nothing_gives_way() -> Iterator[None]:
    """A process that reads text gives way to captures: beside other tests, to all of them, for minutes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_process, "NICENESS", OWN_NICENESS)
        patch.setattr(tesseract, "_NICENESS", OWN_NICENESS)
        yield


@pytest.fixture(autouse=True)
def nothing_is_late() -> Iterator[None]:
    """A process that signs loads its libraries: beside other tests on a slow machine for minutes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signing, "SECONDS", 3 * signing.SECONDS)
        patch.setattr(signing, "LIMITS", {**signing.LIMITS, "CPU": 3 * signing.LIMITS["CPU"]})
        yield


@pytest.fixture(autouse=True)
def nothing_is_outside() -> Iterator[None]:
    """No test meets the devices, the desktop or the network of the machine it runs on."""
    SENTRY.met.clear()
    yield
    assert SENTRY.met == []


@pytest.fixture(autouse=True)
def nothing_personal_is_logged() -> Iterator[None]:
    """Through the whole suite: no name, number, portrait or print in any log, whatever fails."""
    listener = Listener()
    root = logging.getLogger()
    ours = logging.getLogger("server")
    level = ours.level
    root.addHandler(listener)
    ours.setLevel(logging.DEBUG)
    yield
    root.removeHandler(listener)
    ours.setLevel(level)
    assert listener.heard == []


@pytest.fixture(autouse=True)
def nothing_has_failed() -> Iterator[None]:
    """Failures of background work are the process's: those of one test are no other's."""
    background._failures.clear()
    yield
