"""Asking on the desktop, with a program that stands in for zenity."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from server.access.consent import ConsentAnswer, command, desktop_prompt
from tests.patience import PATIENCE

ORIGIN = "https://oa.example.cn"


def program(folder: Path, script: str, name: str = "zenity") -> dict[str, str]:
    """An environment with a desktop and a program in it."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "DISPLAY": ":9"}


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        ("exit 0", ConsentAnswer.YES),
        ("exit 1", ConsentAnswer.NO),
        ("exit 5", ConsentAnswer.NONE),
        ("kill -9 $$", ConsentAnswer.NONE),
    ],
)
async def test_what_the_program_says(tmp_path: Path, script: str, answer: ConsentAnswer) -> None:
    ask = desktop_prompt(program(tmp_path, script), None, 30)
    assert ask
    assert await ask(ORIGIN) is answer


async def test_the_whole_origin_is_shown_as_one_argument(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    ask = desktop_prompt(program(tmp_path, f'printf "%s\\n" "$@" > {seen}'), "en", 30)
    assert ask
    await ask(ORIGIN)
    lines = seen.read_text().splitlines()
    assert ORIGIN in lines
    assert {"--no-markup", "--default-cancel"} <= set(lines)


async def test_no_answer_in_time_is_none_and_the_program_is_gone(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    ask = desktop_prompt(program(tmp_path, f"echo $$ > {pid}; exec sleep 60"), None, 1)
    assert ask
    assert await ask(ORIGIN) is ConsentAnswer.NONE
    assert not Path(f"/proc/{pid.read_text().strip()}/exe").exists()


async def test_a_cancelled_question_is_taken_away(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    ask = desktop_prompt(program(tmp_path, f"echo $$ > {pid}; exec sleep 60"), None, 30)
    assert ask
    asking = asyncio.ensure_future(ask(ORIGIN))
    async with asyncio.timeout(PATIENCE):
        while not (pid.exists() and pid.read_text().strip()):
            await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not Path(f"/proc/{pid.read_text().strip()}/exe").exists()


async def test_without_a_desktop_nobody_is_asked(tmp_path: Path) -> None:
    environment = program(tmp_path, "exit 0")
    del environment["DISPLAY"]
    ask = desktop_prompt(environment, None, 30)
    assert ask
    assert await ask(ORIGIN) is ConsentAnswer.NONE


async def test_a_desktop_that_came_later_is_learnt_from_systemd(tmp_path: Path) -> None:
    environment = program(tmp_path, 'test "$WAYLAND_DISPLAY" = wayland-7')
    program(tmp_path, "echo WAYLAND_DISPLAY=wayland-7; echo PATH=/nowhere", "systemctl")
    del environment["DISPLAY"]
    ask = desktop_prompt({**environment, "INVOCATION_ID": "1"}, None, 30)
    assert ask
    assert await ask(ORIGIN) is ConsentAnswer.YES


def test_without_a_program_nobody_can_be_asked(tmp_path: Path) -> None:
    assert desktop_prompt({"PATH": str(tmp_path), "DISPLAY": ":9"}, None, 30) is None


def test_the_text_is_in_the_language_of_the_desktop() -> None:
    chinese, english = (" ".join(command("zenity", ORIGIN, spoken, 60)) for spoken in ("zh", "en"))
    assert "不允许" in chinese
    assert "Do not allow" in english
    words = command("/usr/bin/kdialog", ORIGIN, "en", 60)
    assert "--warningyesno" in words
    assert ORIGIN in words[-1]
