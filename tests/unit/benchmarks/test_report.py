from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.__main__ import run


def test_a_section_replaces_itself_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "page.md"
    report.write_section("one", "One", r"first \1 of one", page)
    report.write_section("two", "Two", "first of two", page)
    page.write_text(page.read_text() + "\nby hand\n")
    report.write_section("one", "One", r"second \1 of one", page)
    text = page.read_text()
    assert r"second \1 of one" in text
    assert "first \\1" not in text
    assert "first of two" in text
    assert text.rstrip().endswith("by hand")
    assert text.count("<!-- one -->") == text.count("<!-- /one -->") == 1


@pytest.mark.parametrize("quick", [True, False])
def test_a_quick_run_prints_and_writes_nothing(
    quick: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    monkeypatch.setattr(report, "record", lambda *section: written.extend(section))
    report.publish("one", "One", "body", quick)
    assert capsys.readouterr().out == "body\n"
    assert written == ([] if quick else ["one", "One", "body"])


def test_a_table_names_the_machine() -> None:
    assert report.table(["a", "b"], [["1", "2"]]).splitlines() == ["| a | b |", "| --- | ---: |", "| 1 | 2 |"]
    assert "numpy" in report.machine(["numpy"])


def test_an_unknown_benchmark_is_named_and_nothing_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["streeming", "--quick"]) == 2
    said = capsys.readouterr().err
    assert "streeming" in said
    assert "streaming" in said
