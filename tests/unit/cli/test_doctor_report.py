"""What ``gaopai doctor`` shows: groups, colours, commands, and what it all comes to."""

from __future__ import annotations

import pytest

from server.cli.doctor import report
from server.cli.doctor.check import Check, same
from server.errors import LocalizedText

FINE = Check("storage", True, same("fine"))
WITHOUT = Check("pcscd", False, same("not running"), LocalizedText("请执行 a b", "run: a b"), optional=True)
MISSING = Check("python", False, same("too old"), same("sudo apt install python3"))


def test_checks_stand_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    report.show([WITHOUT, FINE], "en", coloured=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines.index("This machine") < lines.index("ok      storage: fine") < lines.index("Devices")
    assert lines[-1] == "It works, without 1 of its functions"


def test_words_have_colours_on_a_terminal_alone(capsys: pytest.CaptureFixture[str]) -> None:
    report.show([FINE, MISSING], "zh", coloured=True)
    told = capsys.readouterr().out
    assert "\x1b[32m正常\x1b[0m" in told and "\x1b[31m缺少\x1b[0m" in told
    report.show([FINE], "en", coloured=False)
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("checks", "line"),
    [([FINE], "All is well"), ([FINE, MISSING, WITHOUT], "1 missing: the service will not work")],
)
def test_the_last_line_says_what_it_comes_to(checks: list[Check], line: str) -> None:
    assert report.closing(checks, "en") == line


def test_a_remedy_has_a_command_that_a_shell_takes() -> None:
    assert (FINE.command, WITHOUT.command) == ("", "a b")
    assert MISSING.command == "sudo apt install python3"
    assert MISSING.as_json()["command"] == "sudo apt install python3"
