"""The comparison in the compressed domain runs, and says what it measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import jpeg, report


def test_a_quick_run_prints_a_row_and_leaves_the_page_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "record", lambda *_: pytest.fail("the page was written"))
    assert jpeg.main(["--quick", "--cache", str(tmp_path)]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("| VGA"))
    assert row.count("|") == len(jpeg.HEAD) + 1


def test_without_simplejpeg_the_reason_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jpeg, "PLANES", False)
    assert jpeg.main(["--quick", "--cache", str(tmp_path)]) == 0
    assert "not installed" in capsys.readouterr().out
