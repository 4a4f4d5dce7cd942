"""S49: programs that are started take foreign words for words, never for options or lines."""

from __future__ import annotations

import ast
import stat
from pathlib import Path

import pytest

from server.access.consent import command
from server.services.cameras.indicator import CameraUse, DesktopIndicator
from server.share import announcing
from tests.architecture.tree import ROOT

HOSTILE = ("--ad=unixexec:path=/tmp/x,", "-h", "", "a\nb", "--", "\u202ename", "x" * 5000)
JUDGED = {
    "server/services/cameras/indicator.py": "names of cameras and origins stand behind two dashes",
    "server/access/consent.py": "the origin stands within the words of a question",
    "server/tls/nss.py": "its own folder and the name that its own authority has, of a fixed form",
    "server/tls/system.py": "fixed words",
    "server/documents/tesseract.py": "fixed words and numbers; the picture is its input",
    "server/admin/devices.py": "fixed words and the configuration's whole path",
    "server/cli/install.py": "fixed words",
    "server/cli/doctor/fix.py": "fixed words and the configuration's whole path",
    "server/devices/adapters/libfprint/host.py": "fixed words",
    "server/archive/verification.py": "fixed words and its own temporary files; the document is its input",
    "server/share/announcing.py": "the device's name stands behind two dashes",
}
"""Modules that start programs, and why nothing foreign is an option there."""


def test_whoever_starts_a_program_was_judged() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "server").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Program"
    }
    assert found == set(JUDGED)


@pytest.mark.parametrize("name", HOSTILE)
async def test_the_name_of_a_camera_is_no_option_of_busctl(tmp_path: Path, name: str) -> None:
    program = tmp_path / "busctl"
    log = tmp_path / "words"
    program.write_text(f"#!/bin/sh\nprintf '%s\\0' \"$@\" >> '{log}'\necho u 7\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    indicator = DesktopIndicator(str(program), "en")
    indicator.show((CameraUse(name, "https://bank.example"), CameraUse("B", None)))
    assert indicator._task is not None
    await indicator._task
    words = log.read_text(encoding="utf-8").split("\0")
    assert words[:3] == ["--user", "--", "call"]
    (body,) = [word for word in words if "https://bank.example" in word]
    assert body.count("\n") == 1
    assert len(body) < 1000


@pytest.mark.parametrize("program", ["/usr/bin/zenity", "/usr/bin/kdialog"])
@pytest.mark.parametrize("origin", HOSTILE)
def test_an_origin_is_no_option_and_no_line_of_a_prompt(program: str, origin: str) -> None:
    plain = command(program, "https://bank.example", "en", 30)
    words = command(program, origin, "en", 30)
    assert len(words) == len(plain)
    for word, expected in zip(words, plain, strict=True):
        assert word == expected or word.count("\n") == expected.count("\n")
        assert word.split(" ")[0] == expected.split(" ")[0]


@pytest.mark.parametrize("name", HOSTILE)
def test_the_name_of_a_shared_device_is_no_option_of_avahi(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(announcing, "supervise_thread", lambda *_: None)
    words = announcing._ByAvahi(name, 8090, {"ty": name})._command
    assert words[1] == "--" and words[3:5] == (announcing.TYPE, "8090")
    assert "\n" not in words[2] and words[5].startswith("ty=")
