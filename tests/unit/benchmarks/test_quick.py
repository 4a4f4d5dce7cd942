"""The quick run of everything: no part takes the time of the others, and what was left out is said."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import quick
from tests.patience import PATIENCE


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of benchmarks: one that ends, one that fails, one that hangs with a process of its own."""
    package = tmp_path / "benchmarks"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(
        "import subprocess, sys\n"
        "from pathlib import Path\n"
        "name = sys.argv[1]\n"
        "print(name, flush=True)\n"
        "if name == 'hangs':\n"
        "    child = subprocess.Popen(['sleep', '600'])\n"
        "    Path('child').write_text(str(child.pid))\n"
        "    child.wait()\n"
        "sys.exit(3 if name == 'fails' else 0)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(quick, "GRACE_SECONDS", 0.5)
    return tmp_path


@pytest.mark.long
def test_what_hangs_is_ended_and_said(
    parts: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick, "SHARES", 0.1)
    assert quick.run(["hangs", "last"], seconds=160.0) == 0
    out = capfd.readouterr().out
    assert out.split("\n")[:2] == ["hangs", "last"]
    assert "script/bench hangs --quick: ended after" in out
    assert out.count("script/bench") == 1
    child = Path(f"/proc/{(parts / 'child').read_text()}")
    ends = time.monotonic() + PATIENCE
    while child.exists() and time.monotonic() < ends:
        time.sleep(0.01)  # The kernel takes a moment.
    assert not child.exists()


def test_what_fails_is_said(parts: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert quick.run(["fails", "ends"], seconds=60.0) == 1
    assert "script/bench fails --quick: failed with 3" in capfd.readouterr().out


def test_nothing_runs_when_the_time_is_over(capfd: pytest.CaptureFixture[str]) -> None:
    assert quick.run(["barcode"], seconds=0.0) == 0
    assert "script/bench barcode --quick" in capfd.readouterr().out


@pytest.mark.long
def test_it_is_what_the_command_runs() -> None:
    code = "from benchmarks import __main__ as command; command.quick.run = print; command.run(['--quick'])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'shutter'" in shown.stdout
