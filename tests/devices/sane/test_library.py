"""What python-sane does with drivers that misbehave: why the adapter is written as it is."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest

from tests.devices.sane import pattern
from tests.devices.sane.backend import Faulty
from tests.patience import PATIENCE


@pytest.fixture
def sane(faulty: Faulty) -> Iterator[Any]:
    """The library, with the faulty backend alone."""
    import sane

    sane.init()
    yield sane
    sane.exit()


@pytest.fixture
def device(sane: Any) -> Iterator[Any]:
    """The first scanner, colour at 50 dots an inch, the area 50 x 60 mm."""
    device = sane.open("faulty:dev0")
    device.mode = "Color"
    device.br_x = 50.0
    device.br_y = 60.0
    yield device
    device.close()


WINDOW = pattern.Window.of((0, 0, 50, 60), 50)


def snap(device: Any, cancel: bool = True) -> np.ndarray:
    """One page as python-sane has it, with its channels red first."""
    device.start()
    data, width, height, channels, size = device.dev.snap(not cancel, 1)
    return np.frombuffer(data, f"u{size}").reshape(height, width, channels)


def test_a_page_arrives_sample_by_sample(device: Any) -> None:
    assert np.array_equal(snap(device), pattern.samples(1, WINDOW))


def test_reads_of_a_few_bytes_make_the_same_page(faulty: Faulty, device: Any) -> None:
    faulty.behave(chunk=7)
    assert np.array_equal(snap(device), pattern.samples(1, WINDOW))


def test_the_feeder_counts_pages_and_is_filled_again(sane: Any, device: Any) -> None:
    device.source = "ADF"
    for _ in range(2):
        pages = [snap(device, cancel=False)[0, 0, 0] for _ in range(3)]
        assert pages == [31 * number % 256 for number in (1, 2, 3)]
        with pytest.raises(sane._sane.error, match="out of documents"):
            device.start()


def test_setting_the_source_forgets_the_area(device: Any) -> None:
    device.source = "ADF"
    assert device.br_x == pytest.approx(215.9, abs=0.01)


def test_a_page_cut_short_is_no_error(faulty: Faulty, device: Any) -> None:
    faulty.behave("fault=read:1:40 half")
    assert len(snap(device)) == 40


def test_lines_not_announced_come_too(faulty: Faulty, device: Any) -> None:
    faulty.behave(more=9)
    assert len(snap(device)) == WINDOW.height + 9


def test_a_hand_scanner_announces_nothing(faulty: Faulty, device: Any) -> None:
    faulty.behave(announce="none")
    assert np.array_equal(snap(device), pattern.samples(1, WINDOW))
    assert device.get_parameters()[2] == (WINDOW.width, -1)


def test_padded_lines_shear_the_picture(faulty: Faulty, device: Any) -> None:
    faulty.behave(pad=2)
    page = snap(device)
    assert np.array_equal(page[0], pattern.samples(1, WINDOW)[0])
    assert not np.array_equal(page[1], pattern.samples(1, WINDOW)[1])
    assert device.get_parameters()[4] == 3 * WINDOW.width + 2  # the only trace of it


def test_three_passes_are_destroyed(faulty: Faulty, device: Any) -> None:
    faulty.behave(three_pass=1)
    page = snap(device)
    kept = page == pattern.samples(1, WINDOW)[: len(page)]
    # In place of most is what the memory held before, which may be a part of an earlier page.
    assert not kept.all()
    device.start()
    assert device.get_parameters()[:2] == ("red", 0)


def test_a_cancel_by_another_thread_ends_the_page(sane: Any, faulty: Faulty, device: Any) -> None:
    faulty.behave("fault=read:1:50 spin")
    with pytest.raises(sane._sane.error, match="cancel"):
        _cancelled(device)


def test_where_a_cancelled_page_just_ends_nothing_tells(faulty: Faulty, device: Any) -> None:
    faulty.behave("fault=read:1:50 spin", cancel="eof")
    assert len(_cancelled(device)) == 50


def _cancelled(device: Any) -> np.ndarray:
    """A page that would never end, cancelled by a thread in its middle."""
    reached = Event()
    thread = Thread(target=lambda: reached.wait(PATIENCE) and device.cancel())
    thread.start()
    device.start()
    try:
        data, width, height, channels, _ = device.dev.snap(1, 1, lambda line, _: line == 50 and reached.set())
    finally:
        thread.join()
    return np.frombuffer(data, np.uint8).reshape(height, width, channels)


def test_a_callback_may_cancel_but_not_raise(sane: Any, faulty: Faulty, device: Any) -> None:
    faulty.behave(endless=1)
    device.start()
    with pytest.raises(sane._sane.error, match="cancel"):
        device.dev.snap(1, 1, lambda line, _: line == 500 and device.cancel())
    device.close()
    assert _elsewhere("d.start(); d.dev.snap(1, 1, lambda *_: 1 / 0)").returncode == -signal.SIGSEGV


def _elsewhere(code: str) -> subprocess.CompletedProcess[bytes]:
    """Run code on the opened scanner `d` in another process."""
    script = f"import sane; sane.init(); d = sane.open('faulty:dev0'); {code}"
    return subprocess.run([sys.executable, "-c", script], timeout=PATIENCE, capture_output=True, check=False)


def test_a_scanner_is_locked_against_other_programs(faulty: Faulty, sane: Any, device: Any) -> None:
    assert b"Device busy" in _elsewhere("").stderr
    device.close()
    sane.open("faulty:dev0").close()


def test_one_name_that_is_not_utf8_hides_all_scanners(faulty: Faulty, sane: Any) -> None:
    faulty.write(b"devices=2\n1:vendor=\xd6\xd0\n")
    with pytest.raises(SystemError):
        sane.get_devices()


def test_an_unknown_status_has_a_number_only(faulty: Faulty, sane: Any, device: Any) -> None:
    faulty.behave("fault=start 12")
    with pytest.raises(sane._sane.error, match="Unknown SANE status code 12"):
        device.start()


def test_words_of_options_come_as_latin_1(faulty: Faulty, sane: Any) -> None:
    faulty.behave(mode="黑白:lineart|彩色:color")
    device = sane.open("faulty:dev0")
    assert [word.encode("latin-1").decode() for word in device["mode"].constraint] == ["黑白", "彩色"]
    device.close()


def test_a_plug_that_is_pulled_fails_every_call(faulty: Faulty, sane: Any, device: Any) -> None:
    faulty.behave(unplug=1)
    assert sane.get_devices() == []
    for call in (device.start, device.get_parameters, lambda: device.mode):
        with pytest.raises(sane._sane.error, match="I/O"):
            call()
