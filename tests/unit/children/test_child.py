"""A child process knows no more than it is told, keeps to its limits, and is gone when it is ended."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from server.children import entry, memory
from server.children.child import Child, ChildSpec, start
from server.children.program import ONE_THREAD, SELECTABLE
from tests.patience import PATIENCE
from tests.unit.children.conftest import MODULE, Started, heard, is_running


def test_it_is_told_nothing_but_what_it_needs(
    started: Started, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("GAOPAI_TOKEN", "PYTHONPATH", "PYTHONSTARTUP", "SANE_DEBUG"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("LC_TIME", "C")
    monkeypatch.chdir(tmp_path)
    inherited = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(inherited, True)
    child = started("a b", 7, variables=("SANE_*",), added=ONE_THREAD)
    os.close(inherited)
    child.send(b"state")
    state = json.loads(heard(child))
    assert state["arguments"] == ["a b", "7"]
    assert state["folder"] == "/"
    assert entry.ROOT in state["path"]
    assert not {"", ".", str(tmp_path), str(Path(entry.__file__).parent)} & set(state["path"])
    assert not {"GAOPAI_TOKEN", "PYTHONPATH", "PYTHONSTARTUP", "HOME"} & set(state["environment"])
    assert state["environment"].items() >= {"LC_TIME": "C", "SANE_DEBUG": str(tmp_path), **ONE_THREAD}.items()
    # The standard streams, the channel and the report.
    assert len(state["files"]) == 5
    assert state["leader"]


def test_its_limits_are_set(started: Started) -> None:
    child = started(limits={"DATA": 1 << 30})
    child.send(b"state")
    state = json.loads(heard(child))
    assert state["core"] == [0, 0]
    assert state["data"] == [1 << 30, 1 << 30]
    assert "NoNewPrivs:\t0" in state["status"]


def test_its_descriptors_are_those_that_select_takes(started: Started, many_files: None) -> None:
    child = started()
    child.send(b"state")
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert json.loads(heard(child))["files at most"] == [SELECTABLE, hard]


def test_one_that_works_for_strangers_has_less_rights(started: Started) -> None:
    child = started(untrusted=True)
    child.send(b"state")
    state = json.loads(heard(child))
    assert "NoNewPrivs:\t1" in state["status"]
    assert state["oom"].strip() == "1000"


def test_packets_and_files_go_both_ways(started: Started) -> None:
    child = started()
    file = memory.filled([b"abc", b"def"])
    child.send(b"-", file)
    os.close(file)
    assert select.select([child.channel], [], [], PATIENCE)[0]
    data, content = child.receive()
    assert data == b"reversed"
    assert content is not None
    assert bytes(content) == b"fedcba"
    with pytest.raises(BlockingIOError):
        child.receive()


def test_a_file_that_could_still_change_is_not_read(started: Started) -> None:
    child = started()
    child.send(b"open file")
    with pytest.raises(EOFError):
        heard(child)


def test_one_that_is_gone_takes_nothing(started: Started) -> None:
    child = started()
    child.send(b"raise")
    with pytest.raises(EOFError):
        heard(child)
    assert not child.send(b"state")


def test_an_exception_is_told_by_kind_and_place(started: Started) -> None:
    child = started()
    child.send(b"raise")
    with pytest.raises(EOFError):
        heard(child)
    ended = child.end(PATIENCE)
    assert (ended.code, ended.how) == (1, "exit 1")
    assert str(ended).startswith("exit 1, ValueError < answering.py:")
    assert "Wang" not in str(ended)


def test_a_crash_is_told_by_signal_and_place(started: Started) -> None:
    child = started()
    child.send(b"crash")
    with pytest.raises(EOFError):
        heard(child)
    ended = child.end(PATIENCE)
    assert ended.how == "SIGSEGV"
    assert "Segmentation fault < answering.py:" in ended.place
    assert "Wang" not in str(ended)


def test_one_that_hears_nobody_is_killed(started: Started) -> None:
    child = started()
    child.send(b"deaf")
    assert heard(child) == b"deaf"
    assert child.alive
    ended = child.end()
    assert ended.how == "SIGKILL"
    assert child.end() is ended
    assert not child.alive
    assert not Path(f"/proc/{child.pid}").exists()


def test_one_that_was_hung_up_ends_by_itself(started: Started) -> None:
    child = started()
    child.send(b"state")
    heard(child)
    assert child.end(PATIENCE).code == 0


def test_what_it_started_is_killed_with_it(started: Started) -> None:
    child = started()
    child.send(b"offspring")
    offspring = int(heard(child))
    assert is_running(offspring)
    child.end()
    until = time.monotonic() + PATIENCE
    while is_running(offspring):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_one_that_works_for_strangers_dies_with_its_parent() -> None:
    program = (
        "import os, signal\n"
        "from server.children.child import Child, ChildSpec, start\n"
        f"child = start(Child, ChildSpec({MODULE!r}, untrusted=True))\n"
        "child.send(b'deaf')\n"
        "import select; select.select([child.channel], [], [])\n"
        "print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, timeout=PATIENCE, check=False, cwd=entry.ROOT
    )
    assert done.returncode == -signal.SIGKILL
    until = time.monotonic() + PATIENCE
    while is_running(int(done.stdout)):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_one_that_cannot_be_started_leaves_nothing_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(FileNotFoundError):
        start(Child, ChildSpec(MODULE, python=tmp_path / "python"))
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_an_ended_one_leaves_nothing_open(started: Started) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    started().end()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
