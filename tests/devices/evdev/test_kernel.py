"""Layouts and request numbers are those of the kernel's own header."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from server.devices.adapters.evdev import kernel as evdev
from server.devices.adapters.evdev.kernel import InputEvent

PROGRAM = """
#include <linux/input.h>
#include <stdio.h>
int main(void) {
  printf("%zu %lu %lu %lu %lu %lu\\n", sizeof(struct input_event), (unsigned long)EVIOCGID,
         (unsigned long)EVIOCGNAME(256), (unsigned long)EVIOCGBIT(EV_KEY, 96), (unsigned long)EVIOCGRAB,
         (unsigned long)EVIOCSCLOCKID);
}
"""


def test_sizes_and_requests_are_the_compilers(tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if compiler is None or not Path("/usr/include/linux/input.h").exists():
        pytest.skip("no C compiler, or no headers of the kernel")
    source = tmp_path / "input.c"
    program = tmp_path / "input"
    source.write_text(PROGRAM)
    subprocess.run([compiler, source, "-o", program], check=True, timeout=60)
    told = subprocess.run([program], check=True, capture_output=True, text=True, timeout=60).stdout.split()
    own = (evdev.GET_ID, evdev.GET_NAME, evdev.GET_KEYS, evdev.GRAB, evdev.SET_CLOCK)
    assert [int(number) for number in told] == [len(InputEvent(1, 1, 1, 1).packed()), *own]


def test_keys_are_the_headers() -> None:
    header = Path("/usr/include/linux/input-event-codes.h")
    if not header.exists():
        pytest.skip("no headers of the kernel")
    named = dict(re.findall(r"#define (KEY_CAMERA\w*)\s+(\w+)", header.read_text()))
    told = {int(code, 0) for name, code in named.items() if "ACCESS" not in name}
    assert told == evdev.CAMERA_KEYS


def test_an_event_comes_back_as_it_was_packed() -> None:
    class Waiting:
        def read(self, fd: int, size: int) -> bytes:
            return InputEvent(12.25, 1, 212, 1).packed() * 2

    assert list(evdev.read_events(Waiting(), 3)) == [InputEvent(12.25, 1, 212, 1)] * 2  # type: ignore[arg-type]
