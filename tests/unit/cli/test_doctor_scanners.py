"""The doctor tells what the words of the interface standard are at this machine's scanners."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from server.cli.doctor import report, scanners
from server.cli.doctor.check import Check
from server.devices.ports.scanner import ScannerCapabilities, ScanSource
from server.errors import DeviceBusy, GaopaiError
from tests.fakes.scanner import FakeScanner

FLATBED = ScanSource("Flatbed", False, None)
SIMPLEX = ScanSource("Simplex", True, None)
DUPLEX = ScanSource("Duplex", True, None)
OWN = {"Simplex": "ADF", "Duplex": "ADF adf_mode=Duplex", "Black & White": "Lineart"}


class Finder:
    """Finds these scanners."""

    def __init__(self, found: Sequence[FakeScanner]) -> None:
        self.found = found
        self.closed = False

    def missing(self) -> GaopaiError | None:
        """None: the driver is there."""
        return None

    async def find(self) -> Sequence[FakeScanner]:
        """The scanners."""
        return self.found

    async def close(self) -> None:
        """Note that it was closed."""
        self.closed = True


def offering(*sources: ScanSource, own: dict[str, str]) -> FakeScanner:
    modes = ("Color", "Black & White")
    return FakeScanner("Canon DR-C240", ScannerCapabilities(sources, True, modes, (300,), own))


async def checked(scanner: FakeScanner) -> Check:
    finder = Finder([scanner])
    (check,) = await scanners.described([finder], 5)  # type: ignore[list-item]
    assert finder.closed
    return check


async def test_each_word_is_told_with_the_drivers_own() -> None:
    check = await checked(offering(FLATBED, SIMPLEX, DUPLEX, own=OWN))
    assert check.ok
    assert check.lines("en") == (
        "ok      scanner Canon DR-C240: Flatbed, Simplex (ADF), Duplex (ADF adf_mode=Duplex); "
        "Color, Black & White (Lineart)"
    )
    assert check.title("zh") == "扫描仪 Canon DR-C240"
    assert report.group_of(check) is report.DEVICES


async def test_a_feeder_of_one_side_is_told() -> None:
    check = await checked(offering(FLATBED, SIMPLEX, own={}))
    assert check.reason.en.endswith("; the feeder scans one side")
    assert check.reason.zh.endswith("；进纸器只扫单面")
    assert "one side" not in (await checked(offering(FLATBED, own={}))).reason.en


async def test_a_scanner_in_use_is_told_and_no_end_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    scanner = offering(FLATBED, own={})
    refusal = DeviceBusy(device="Canon DR-C240", holder="xsane")

    async def busy() -> ScannerCapabilities:
        raise refusal

    monkeypatch.setattr(scanner, "describe", busy)
    check = await checked(scanner)
    assert not check.ok and check.optional
    assert check.reason.en.startswith(refusal.message("en"))
