"""Goals of the sections: the target, the figure reached, and that of the best peer of the same run.

Goals of what the gate measures stand beside the figures of its probes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmarks.ledger.sections import Section, Table

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?%?")


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure of one section.

    Attributes
    ----------
    what, target
        Text for readers.
    section, row, column
        Place of the figure: a section of the page, the first cell of a line, the head of a column.
    part
        Index among the numbers of the cell.
    """

    what: str
    target: str
    section: str
    row: str
    column: str
    part: int = 0


@dataclass(frozen=True, slots=True)
class GoalLine:
    """A goal with what was reached.

    Attributes
    ----------
    figure
        Empty where the section does not have it.
    peer
        Figure and name of the best other method; empty where there is none.
    """

    what: str
    target: str
    figure: str
    peer: str

    @property
    def missed(self) -> bool:
        """True if the figure is on the wrong side of its target."""
        return is_missed(self.target, self.figure)


GOALS = (
    Goal("outline: ms at 1600 px", "<= 25", "outline", "`find_outline`", "ms"),
    Goal("preview: outlined as cut", ">= .99", "preview", "one sheet, made", "> .98"),
    *(
        Goal(f"{kind} (drawn): all fields exact", target, "documents", kind, "all fields exact")
        for kind, target in (
            ("id-card-front", ">= 95 %"),
            ("id-card-back", ">= 97 %"),
            ("bank-card", ">= 97 %"),
            ("TD1", ">= 99 %"),
            ("TD3", ">= 99 %"),
            ("invoice", ">= 95 %"),
        )
    ),
    *(
        Goal(f"{kind} (drawn): wrong with valid: true", "0", "documents", kind, "wrong with valid: true")
        for kind in ("id-card-front", "id-card-back", "bank-card", "TD1", "TD3", "invoice")
    ),
    *(
        Goal(f"text (drawn), {language}, {page}: F1", target, "text", f"{language}, {page}", "gaopai")
        for page, target in (("born digital, 150 dpi", ">= .97"), ("poor copy, 110 dpi", ">= .95"))
        for language in ("zh", "ja", "en")
    ),
    *(
        Goal(f"private copies (drawn): numbers {left}", "0", "private_copy", "drawn forms", left)
        for left in ("left to the engine", "left to Tesseract")
    ),
    Goal("clean scans, any style: least gain in word F1", ">= -.05", "scans", "all", "least gain"),
    Goal("several: F1 at IoU .9 (made desks)", ">= .95", "several", "`find_outlines`", "F1"),
    Goal("several: ms", "<= 50", "several", "`find_outlines`", "ms"),
    Goal("proportions: A4 within 1.5%", ">= 95%", "proportions", "A4, made", "within 1.5%"),
    Goal("deskew, clean: within 0.1 degree", ">= .99", "deskew", "gaopai, clean", "within 0.1"),
    Goal("deskew, hard: within 0.1 degree", ">= .95", "deskew", "gaopai, hard", "within 0.1"),
    Goal("deskew: ms at 8 megapixels", "<= 20", "deskew", "gaopai", "ms at 8 megapixels"),
    Goal("curve: ms", "<= 600", "curve", "`flatten`", "ms"),
    Goal(
        "shutter to picture, crop, deskew, colour: ms",
        "<= 180",
        "shutter",
        "crop, deskew, colour, desk",
        "ms",
    ),
    Goal("merged frames: error, of one frame's", "<= .5", "burst", "a page at rest", "ratio"),
    Goal("merged frames, whatever happens: worse", "0", "burst", "the page before this one", "worse"),
    Goal("fingers: gone (made pages)", ">= .95", "fingers", "`remove_fingers`", "gone"),
    Goal("fingers: text touched", "< 0.1%", "fingers", "`remove_fingers`", "touched"),
    Goal("fingers: paper off by, levels", "<= 4", "fingers", "`remove_fingers`", "colour"),
    Goal("holes: found (made pages)", ">= .98", "holes", "`remove_holes`", "found", 2),
    Goal("holes: false", "0", "holes", "`remove_holes`", "false"),
    Goal("border: step at the seam, levels", "unseen", "border", "`fill_border`, surround", "mean step"),
    Goal("black and white: ms a megapixel", "<= 30", "binarize", "`black_white`", "ms a megapixel"),
    Goal("colour: word F1", ">= untouched", "colour", "`colour`", "word F1"),
    Goal("colour: unevenness of paper, levels", "least", "colour", "`colour`", "unevenness"),
    Goal("red stamp: recall (made pages)", ">= .95", "stamps", "gaopai, red", "seal recall"),
    Goal("red stamp: ink F", ">= .92", "stamps", "gaopai, red", "ink F"),
    Goal("blue stamp: recall", ">= .95", "stamps", "gaopai, blue", "seal recall"),
    Goal("blue stamp: ink F", ">= .92", "stamps", "gaopai, blue", "ink F"),
    Goal("receipt: word F1, faded (made slips)", "best type", "receipts", "7 receipt", "faded"),
    Goal(
        "fingerprints, FVC2002 DB1_B: EER", "<= 2.5%", "fingerprint", "gaopai held out, FVC2002 DB1_B", "EER"
    ),
    Goal("fingerprints, FVC2004 DB1_B: EER", "<= 7%", "fingerprint", "gaopai held out, FVC2004 DB1_B", "EER"),
    Goal("fingerprints: ms of extraction", "<= 200", "fingerprint", "gaopai, FVC2004 DB1_B", "extraction"),
    Goal("fingerprints: ms of comparison", "<= 10", "fingerprint", "gaopai, FVC2004 DB1_B", "comparison"),
    Goal("faces: TAR at FAR 1e-3, pooled", ">= 96%", "face", "0.10%", "pooled"),
    Goal(
        "faces, models of a registry only: TAR at FAR 1e-3, pooled",
        ">= 90%",
        "face",
        "0.10%, registry only",
        "pooled",
    ),
    Goal("faces: found from 30 px", ">= 99.5%", "face", "all", "share"),
    Goal("faces: false, of 400 pictures", "0", "face", "faceless", "pictures with a face found"),
    Goal("faces: flat attacks accepted, of 5 (sanity check)", "0", "face", "flat attacks", "live"),
    Goal("faces: people refused, of 2 (sanity check)", "0", "face", "people", "not live"),
    Goal("faces: ms of the whole chain", "<= 33", "face", "one thread, 720p", "whole chain"),
    Goal("faces: MiB at most", "<= 300", "face", "one thread, 720p", "MiB"),
    Goal("next page: taken (made sequences)", ">= 99%", "auto_capture", "all", "taken once"),
    Goal("next page: repeated", "<= 0.5%", "auto_capture", "all", "repeated", 1),
    Goal("next page: with a hand", "0", "auto_capture", "all", "with a hand"),
    Goal("next page: from rest to shot, s", "<= 1", "auto_capture", "all", "95% s"),
    Goal(
        "next page: frames of a preview, beside those without",
        ">= 99.5%",
        "auto_capture",
        "with automatic capture",
        "beside without",
    ),
    Goal("upright, clean", ">= .99", "upright", "clean", "right"),
    Goal("upright, hard", ">= .99", "upright", "hard", "right"),
)
_OURS = ("`", "gaopai", "outline, perspective")
_WITHOUT_PEERS = (
    "desks",
    "real_pages",
    "upright",
    "scans",
    "whole_pages",
    "face",
    "preview",
    "auto_capture",
    "documents",
    "private_copy",
    "text",
)
_LEAST = ("displacement", "touched", "false", "off by", "step", "residual", "unevenness", "EER")
"""Words in the name of a goal of which the smaller figure is the better one."""


def lines_of(goals: Iterable[Goal], sections: Mapping[str, Section]) -> list[GoalLine]:
    """Return a line for each goal whose section is there."""
    return [_line(goal, sections[goal.section]) for goal in goals if goal.section in sections]


def _line(goal: Goal, section: Section) -> GoalLine:
    for table in section.tables():
        rows = {row[0]: row for row in table.rows}
        if goal.column in table.head and goal.row in rows:
            at = table.head.index(goal.column)
            figure = _figure(rows[goal.row][at], goal.part)
            return GoalLine(goal.what, goal.target, figure, _best_peer(goal, table, at))
    return GoalLine(goal.what, goal.target, "", "")


_TARGET = re.compile(r"(>=|<=|<|) ?(-?[\d.]+) ?%?")


def is_missed(target: str, figure: str) -> bool:
    """Return whether a figure is on the wrong side of its target; False where the target is in words."""
    compared = _TARGET.fullmatch(target)
    number = _NUMBER.fullmatch(figure)
    if compared is None or number is None:
        return False
    wanted = float(compared[2])
    reached = float(figure.rstrip("%"))
    if compared[1] == ">=":
        return reached < wanted
    return reached >= wanted if compared[1] == "<" else reached > wanted


def _best_peer(goal: Goal, table: Table, at: int) -> str:
    """Return figure and name of the best other method on the same set; empty where there is none."""
    group = goal.row.partition(", ")[2] if goal.row.startswith("gaopai") else None
    if goal.section in _WITHOUT_PEERS or re.search(r"\bms\b", goal.what):
        # Other sets are no peers; and what finds nothing is quick.
        return ""
    found = [
        (figure, name)
        for name, *cells in table.rows
        if not name.startswith(_OURS) and name != goal.row and group in (None, name.partition(", ")[2])
        if (figure := _figure(cells[at - 1], goal.part)) not in ("", "nan")
    ]
    if not found:
        return ""
    pick = min if any(word in goal.what for word in _LEAST) else max
    figure, name = pick(found, key=lambda each: float(each[0].rstrip("%")))
    return f"{figure} ({name})"


def _figure(cell: str, part: int) -> str:
    numbers = cell.split(" / ") if " / " in cell else _NUMBER.findall(cell)
    number = numbers[part].strip() if part < len(numbers) else ""
    return "" if number == "-" else number
