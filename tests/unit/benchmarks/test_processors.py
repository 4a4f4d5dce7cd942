"""Results of processors are compared by corners, codes and lines of text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.processors import Agreement, compare

SQUARE = [[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [0.0, 9.0]]


def results(folder: Path, name: str, corners: list[list[float]], code: str, lines: list[str]) -> None:
    """Findings of a processor on one picture of each kind."""
    found = {
        "detect": {"documents": [{"corners": corners}], "unsure": []},
        "barcode": {"codes": [{"text": code, "type": "QR"}]},
        "text": {"lines": [{"text": line} for line in lines]},
    }
    for action, said in found.items():
        line = json.dumps({"file": f"/{name}/{action}-0.png", **said})
        (folder / f"{name}.{action}.jsonl").write_text(line + "\n")


@pytest.mark.parametrize(
    ("moved", "code", "lines", "expected"),
    [
        (0.0, "A", ["one", "two"], Agreement(1, 0.0, 1, 0, 2, 0)),
        (1.5, "A", ["one", "two"], Agreement(1, 1.5, 1, 0, 2, 0)),
        (0.5, "B", ["one", "too"], Agreement(1, 0.5, 1, 2, 2, 1)),
        (0.0, "A", ["one"], Agreement(1, 0.0, 1, 0, 2, 1)),
    ],
)
def test_what_differs_is_counted(
    moved: float, code: str, lines: list[str], expected: Agreement, tmp_path: Path
) -> None:
    results(tmp_path, "one", SQUARE, "A", ["one", "two"])
    results(tmp_path, "two", [[x + moved, y] for x, y in SQUARE], code, lines)
    found = compare(tmp_path, "one", "two")
    assert found == expected
    assert found.holds(2) == (code == "A" and len(lines) == 2)
    assert found.holds() == (expected.pixels <= 1 and code == "A" and len(lines) == 2)


def test_a_document_that_only_one_finds_is_no_pixel_away(tmp_path: Path) -> None:
    results(tmp_path, "one", SQUARE, "A", [])
    results(tmp_path, "two", SQUARE, "A", [])
    (tmp_path / "two.detect.jsonl").write_text(json.dumps({"file": "detect-0.png", "documents": []}))
    assert not compare(tmp_path, "one", "two").holds()
