"""Results of the picture core on one set of made pictures: outlines, codes and text, on each processor.

The pictures are drawn once, as to draw them is arithmetic, too. They are read here by the command ``gaopai``,
and by packages for other processors in ``tests/packaging/test_emulated.py``, which leaves what they found
in the same folder, from where the table is made.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from benchmarks import report
from benchmarks.ledger.page import write_block
from benchmarks.ledger.sections import Table, parse_parts
from synthetic.arrays import Image
from synthetic.codes import EAN_DIGITS, QR_TEXT, ean13, qr
from synthetic.datasets.tabletops import make_desk, make_scene
from synthetic.documents.text_pages import make_text_page

REPOSITORY = Path(__file__).parents[1]
FOLDER = REPOSITORY / ".cache/processors"
ACTIONS = ("detect", "barcode", "text")
"""Commands of ``gaopai`` whose results are compared; each has its own pictures, by how their names begin."""
COMMAND = (sys.executable, "-I", str(Path(sys.executable).with_name("gaopai")))
PAGE = REPOSITORY / "docs/install.md"
HEAD = ("processor", "documents", "outline differs by, px", "codes", "same", "lines of text", "same")

Found = Mapping[str, Any]
"""Answer of a command about one file."""


class Agreement(NamedTuple):
    """Results of one processor beside those of another.

    Attributes
    ----------
    documents, codes, lines
        Numbers of what the first found.
    pixels
        Largest distance of a corner; infinite where the numbers or the reasons for doubts differ.
    other_codes, other_lines
        Numbers of those that are not the same.
    """

    documents: int
    pixels: float
    codes: int
    other_codes: int
    lines: int
    other_lines: int

    def holds(self, pixels: float = 1.0) -> bool:
        """Return whether corners are so near, and codes and text the same."""
        return self.pixels <= pixels and not self.other_codes and not self.other_lines


def main(arguments: Sequence[str] = ()) -> int:
    """Read the pictures here, print the table, and write it; return 1 if a processor does not agree."""
    parser = argparse.ArgumentParser(prog="processors", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="nothing is written")
    options = parser.parse_args(arguments)
    own = platform.machine()
    draw(FOLDER)
    read(FOLDER, own, FOLDER, COMMAND)
    names = sorted({path.name.partition(".")[0] for path in FOLDER.glob("*.jsonl")} - {own})
    agreed = {name: compare(FOLDER, own, name) for name in (own, *names)}
    rows = {name: _row(name, each) for name, each in agreed.items()}
    kept = _published().keys() - rows.keys()
    table = report.table(HEAD, [*(_published() | rows).values()])
    print(table)
    print(f"As published before, no results of them are here: {', '.join(sorted(kept)) or 'none'}.")
    if not names:
        print("Of no other processor there are results; docs/install.md tells how they are made.")
    elif not options.quick:
        write_block("processors", table, PAGE)
        write_block("processors", table, PAGE.with_suffix(".zh.md"))
    return int(not all(each.holds() for each in agreed.values()))


def _published() -> dict[str, Sequence[str]]:
    """Return the rows of the page's table by their processors."""
    block = PAGE.read_text(encoding="utf-8").partition("<!-- processors -->")[2].partition("<!--")[0]
    (table,) = (part for part in parse_parts(block) if isinstance(part, Table))
    return {row[0]: row for row in table.rows}


def draw(folder: Path) -> None:
    """Draw the pictures into a folder, unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in _pictures():
        path = folder / f"{name}.png"
        if not path.exists():
            cv2.imwrite(str(path), picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])


def _pictures() -> Iterator[tuple[str, Image]]:
    yield from ((f"detect-{seed}", make_scene(seed, size=(1600, 1200)).picture) for seed in range(3))
    yield "detect-several", make_desk(1, "rows", 4).picture
    yield from ((f"barcode-{seed}", _with_codes(seed)) for seed in range(3))
    # The tops of pages: an emulated processor reads a line in seconds.
    yield "text-zh", make_text_page(1, "zh", "prose").picture[:300]
    yield "text-en", make_text_page(2, "en", "prose").picture[:300]


def _with_codes(seed: int) -> Image:
    """A sheet with two codes, turned a little and smaller from picture to picture."""
    sheet = np.full((1200, 1600, 3), 255, np.uint8)
    for at, code in ((150, qr(f"{QR_TEXT}-{seed}", 300)), (700, ean13(EAN_DIGITS, 3, 200))):
        sheet[400 : 400 + code.shape[0], at : at + code.shape[1]] = 255 - code[:, :, None]
    turned = cv2.getRotationMatrix2D((800, 600), 3 + 11 * seed, 1 - 0.1 * seed)
    return np.asarray(cv2.warpAffine(sheet, turned, (1600, 1200), borderValue=(230, 235, 240)), np.uint8)


def read(results: Path, name: str, folder: Path, command: Sequence[str]) -> None:
    """Have a command read the pictures in its folder, and keep what it says as ``NAME.ACTION.jsonl``."""
    for action in ACTIONS:
        files = sorted(path.name for path in FOLDER.glob(f"{action}-*.png"))
        words = [*command, action, "--json", *(f"{folder}/{file}" for file in files)]
        # As they come: an emulated processor takes minutes for each.
        with (results / f"{name}.{action}.jsonl").open("wb") as found:
            subprocess.run(words, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=found, check=False)


def compare(results: Path, own: str, other: str) -> Agreement:
    """Compare what two processors found."""
    pairs = {action: _paired(results, own, other, action) for action in ACTIONS}
    outlines = [(_corners(one), _corners(two)) for one, two in pairs["detect"]]
    codes = [(_codes(one), _codes(two)) for one, two in pairs["barcode"]]
    lines = [(_lines(one), _lines(two)) for one, two in pairs["text"]]
    return Agreement(
        sum(len(one) for one, _ in outlines),
        max((_distance(one, two) for one, two in outlines), default=np.inf),
        sum(map(len, (one for one, _ in codes))),
        sum(len(set(one) ^ set(two)) for one, two in codes),
        sum(map(len, (one for one, _ in lines))),
        sum(a != b for one, two in lines for a, b in _side_by_side(one, two)),
    )


def _paired(results: Path, own: str, other: str, action: str) -> list[tuple[Found, Found]]:
    one, two = (_said(results / f"{name}.{action}.jsonl") for name in (own, other))
    return [(one.get(name, {}), two.get(name, {})) for name in sorted({*one, *two})]


def _said(path: Path) -> dict[str, Found]:
    found = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {Path(each["file"]).name: each for each in found}


def _corners(found: Found) -> list[list[list[float]]]:
    return [each["corners"] for kind in ("documents", "unsure") for each in found.get(kind, ())]


def _distance(one: list[list[list[float]]], two: list[list[list[float]]]) -> float:
    if len(one) != len(two):
        return float(np.inf)
    return float(np.abs(np.array(one) - np.array(two)).max(initial=0.0))


def _codes(found: Found) -> list[str]:
    return [f"{each['type']} {each['text']}" for each in found.get("codes", ())]


def _lines(found: Found) -> list[str]:
    return [each["text"] for each in found.get("lines", ())]


def _side_by_side(one: list[str], two: list[str]) -> Iterator[tuple[str, str]]:
    longest = max(len(one), len(two))
    padded = ([*lines, *[""] * (longest - len(lines))] for lines in (one, two))
    return zip(*padded, strict=True)


def _row(name: str, each: Agreement) -> tuple[str, ...]:
    return (
        name,
        f"{each.documents}",
        f"{each.pixels:.2f}",
        f"{each.codes}",
        "all" if not each.other_codes else f"all but {each.other_codes}",
        f"{each.lines}",
        "all" if not each.other_lines else f"all but {each.other_lines}",
    )
