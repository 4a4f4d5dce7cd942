"""S5, end to end: the running service asks by the desktop's program, and a page waits for the answer."""

from __future__ import annotations

import asyncio
import json
import shlex
from pathlib import Path

import aiohttp

from tests.patience import PATIENCE
from tests.service import running

NEW = "https://new.example.cn"
OTHER = "https://other.example.cn"


def desktop(folder: Path, script: str) -> dict[str, str]:
    """A desktop whose zenity notes what it is asked, and does what the script says."""
    program = folder / "zenity"
    asked = shlex.quote(str(folder / "asked"))
    program.write_text(f'#!/bin/sh\necho "$*" | tr "\\n" " " >> {asked}\n{script}\n', encoding="utf-8")
    program.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "DISPLAY": ":99"}


async def outcome(port: int, origin: str) -> int:
    """101 where a WebSocket is opened, else the status of the refusal."""
    async with aiohttp.ClientSession() as http, asyncio.timeout(PATIENCE):
        try:
            async with http.ws_connect(f"ws://127.0.0.1:{port}", headers={"Origin": origin}):
                return 101
        except aiohttp.WSServerHandshakeError as refused:
            return refused.status


def decisions(folder: Path) -> dict[str, bool]:
    """What is kept."""
    kept = folder / "state" / "gaopai-access" / "origins.json"
    if not kept.exists():
        return {}
    origins = json.loads(kept.read_text(encoding="utf-8"))["origins"]
    return {origin: decision["allowed"] for origin, decision in origins.items()}


def test_a_page_waits_for_a_yes_and_is_asked_about_once(tmp_path: Path) -> None:
    answer = tmp_path / "answer"
    script = f"while [ ! -e {shlex.quote(str(answer))} ]; do sleep 0.05; done; exit 0"

    async def converse(port: int) -> list[int]:
        waiting = [asyncio.create_task(outcome(port, NEW)) for _ in range(3)]
        async with asyncio.timeout(PATIENCE):
            while not (tmp_path / "asked").exists():
                await asyncio.sleep(0.02)
        # While one question is open, nobody else is let in by it or asked about.
        assert await outcome(port, OTHER) == 403
        assert not any(each.done() for each in waiting)
        answer.touch()
        return [*await asyncio.gather(*waiting), await outcome(port, NEW)]

    with running(tmp_path, desktop=desktop(tmp_path, script)) as service:
        assert asyncio.run(converse(service.port)) == [101] * 4
    asked = (tmp_path / "asked").read_text(encoding="utf-8")
    assert asked.count("--question") == 1
    assert NEW in asked
    assert OTHER not in asked
    assert decisions(tmp_path) == {NEW: True}


def test_a_no_is_kept_and_not_asked_again(tmp_path: Path) -> None:
    with running(tmp_path, desktop=desktop(tmp_path, "exit 1")) as service:
        assert [asyncio.run(outcome(service.port, NEW)) for _ in range(3)] == [403] * 3
    assert (tmp_path / "asked").read_text(encoding="utf-8").count("--question") == 1
    assert decisions(tmp_path) == {NEW: False}


def test_no_answer_is_no_and_nothing_is_kept(tmp_path: Path) -> None:
    settings = "[access]\nask_seconds = 1\n"
    with running(tmp_path, settings, desktop=desktop(tmp_path, "exec sleep 600")) as service:
        assert asyncio.run(outcome(service.port, NEW)) == 403
    assert decisions(tmp_path) == {}


def test_a_service_that_stops_does_not_wait_for_a_person(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    script = f"echo $$ > {shlex.quote(str(pid))}; exec sleep 600"

    async def ask(port: int) -> asyncio.Task[int]:
        waiting = asyncio.create_task(outcome(port, NEW))
        async with asyncio.timeout(PATIENCE):
            while not (pid.exists() and pid.read_text(encoding="utf-8").strip()):
                await asyncio.sleep(0.02)
        waiting.cancel()
        return waiting

    with running(tmp_path, desktop=desktop(tmp_path, script)) as service:
        asyncio.run(ask(service.port))
    # `running` has waited for its end; the question is gone with it.
    assert not Path(f"/proc/{pid.read_text(encoding='utf-8').strip()}/exe").exists()
