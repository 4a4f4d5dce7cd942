"""A program of the system's ends by itself, or is ended, and tells no more than it may."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from pathlib import Path

import pytest

from server.children import program
from server.children.program import Program, Stopped
from tests.patience import PATIENCE
from tests.unit.children.conftest import is_running

SHELL = shutil.which("sh") or "/bin/sh"


def shell(script: str, **terms: float) -> Program:
    return Program((SHELL, "-c", script), **terms)  # type: ignore[arg-type]


def test_what_it_says_and_how_it_ends() -> None:
    done = shell("cat; echo words >&2; pwd; exit 3").run(PATIENCE, b"given\n")
    assert (done.code, done.output, done.errors) == (3, b"given\n/\n", b"words\n")


def test_it_takes_no_more_room_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "OUTPUT_BYTES", 1000)
    done = shell("head -c 5000 /dev/zero").run(PATIENCE)
    assert done.code != 0
    assert len(done.output) <= 1000


def test_it_gets_the_usual_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAOPAI_TOKEN", "secret")
    assert b"GAOPAI" not in shell("env").run(PATIENCE).output
    assert Program((SHELL, "-c", "echo $GAOPAI"), {"GAOPAI": "yes"}).run(PATIENCE).output == b"yes\n"


def test_one_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        shell(f"echo $$ > {tmp_path}/pid; sleep 600").run(0.3)
    assert not is_running(int((tmp_path / "pid").read_text()))


def test_one_that_is_asked_kindly_may_end_by_itself(tmp_path: Path) -> None:
    script = f"trap 'touch {tmp_path}/kindly; exit' TERM; while :; do sleep 0.02; done"
    with pytest.raises(TimeoutError):
        shell(script, grace=PATIENCE).run(0.3)
    assert (tmp_path / "kindly").exists()


def test_one_that_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Program((str(tmp_path / "none"),)).run(PATIENCE)


def test_one_in_the_current_folder_is_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "certutil").write_text(f"#!{SHELL}\ntouch {tmp_path}/ran\n")
    (tmp_path / "certutil").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".:")
    for name in ("certutil", "./certutil"):
        with pytest.raises(FileNotFoundError):
            Program((name,)).run(PATIENCE)
    assert not (tmp_path / "ran").exists()


def test_stopping_ends_it_and_starts_it_no_more(tmp_path: Path) -> None:
    running = shell(f"echo $$ > {tmp_path}/pid; exec sleep 600")
    ended = list[type[Exception]]()

    def run() -> None:
        try:
            running.run(PATIENCE)
        except Stopped:
            ended.append(Stopped)

    thread = threading.Thread(target=run)
    thread.start()
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.01)
    running.stop()
    thread.join(PATIENCE)
    assert ended == [Stopped]
    assert not is_running(int((tmp_path / "pid").read_text()))
    with pytest.raises(Stopped):
        running.run(PATIENCE)


async def test_cancelling_sees_it_gone(tmp_path: Path) -> None:
    running = asyncio.create_task(shell(f"echo $$ > {tmp_path}/pid; sleep 600").run_async(PATIENCE))
    async with asyncio.timeout(PATIENCE):
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert not is_running(int((tmp_path / "pid").read_text()))


def test_a_nice_one_is_nice() -> None:
    before = int(shell("nice").run(PATIENCE).output)
    assert int(shell("sleep 0.2; nice", niceness=min(19, before + 3)).run(PATIENCE).output) > before
