"""``gaopai enhance`` as a process: interrupted, resumed, watched from a terminal."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from server.batch.journal import JOURNAL
from server.devices.ports.camera import Size
from tests.fakes.camera import page_jpeg
from tests.patience import PATIENCE

COMMAND = (sys.executable, "-m", "server", "enhance")


FILES = 10


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photographs of a page, in two folders."""
    root = tmp_path_factory.mktemp("in")
    for number in range(FILES):
        path = root / f"{number % 2}" / f"{number:02}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page_jpeg(Size(800, 600), shade=20 + 5 * number))
    return root


@pytest.fixture(scope="module")
def whole(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What comes out when nothing interrupts."""
    output = tmp_path_factory.mktemp("whole")
    assert ended(started(folder, output))[0] == 0
    return results(output)


def results(output: Path) -> dict[str, bytes]:
    return {str(path.relative_to(output)): path.read_bytes() for path in output.rglob("*.png")}


def until(done: int, output: Path, process: subprocess.Popen[str]) -> None:
    """Wait until so many results are there."""
    end = time.monotonic() + PATIENCE
    while len(list(output.rglob("*.png"))) < done:
        assert process.poll() is None, "it was done before it could be interrupted"
        assert time.monotonic() < end
        time.sleep(0.01)


def started(folder: Path, output: Path, *words: str) -> subprocess.Popen[str]:
    command = [*COMMAND, str(folder), "-o", str(output), "--workers", "1", *words]
    # A session of its own stands for a terminal: the signal goes to all its processes, as Ctrl-C does.
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_batch_leaves_whole_files_and_is_resumed(
    folder: Path, whole: dict[str, bytes], tmp_path: Path, number: signal.Signals
) -> None:
    output = tmp_path / "out"
    process = started(folder, output)
    until(3, output, process)
    os.killpg(process.pid, number)
    code, _, err = ended(process)
    assert code == (-9 if number == signal.SIGKILL else 130)
    assert "Traceback" not in err
    assert ("run the same command again" in err) == (number != signal.SIGKILL)
    left = results(output)
    assert 3 <= len(left) < FILES
    assert left.items() <= whole.items()
    if number != signal.SIGKILL:
        assert not list(output.rglob(".*.part"))
    code, out, _ = ended(started(folder, output, "--json"))
    assert code == 0
    entries = [json.loads(line) for line in out.splitlines()]
    assert sum(entry["resumed"] for entry in entries) >= len(left) - 1
    assert results(output) == whole
    assert not list(output.rglob(".*.part"))


@pytest.mark.long
def test_a_terminal_shows_a_bar_and_the_failures_at_the_end(folder: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no picture")
    ours, theirs = pty.openpty()
    command = [*COMMAND, str(folder), str(bad), "-o", str(tmp_path / "out"), "--workers", "1"]
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    shown = b""
    # The other end of a terminal that nobody holds any more gives EIO.
    try:
        while chunk := os.read(ours, 65536):
            shown += chunk
    except OSError:
        os.close(ours)
    assert process.wait(PATIENCE) == 1
    text = shown.decode()
    assert f"#] {FILES + 1}/{FILES + 1} files, 1 failed, {FILES} pages" in text
    assert text.rstrip().endswith(f"gaopai: {FILES + 1} file(s): {FILES} written, 1 failed")
    assert "00.png" not in text, "names of results would break the bar"


@pytest.mark.long
def test_two_batches_into_one_folder_do_not_mix(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    process = started(folder, output)
    until(1, output, process)
    # It holds the folder while it stands still, however long the other one takes to start.
    os.killpg(process.pid, signal.SIGSTOP)
    second = ended(started(folder, output))
    os.killpg(process.pid, signal.SIGINT)
    os.killpg(process.pid, signal.SIGCONT)
    assert ended(process)[0] == 130
    assert second[0] == 1
    assert "another batch" in second[2]
    assert (output / JOURNAL).exists()
