"""Goals of the stages: the target, the figure reached, and that of the best peer of the same run.

Read from the tables that the stages have published; a stage without a table is reported as not measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import report

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?%?")


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure of one stage.

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


def _curve(kind: str, targets: tuple[str, str, str]) -> Iterator[Goal]:
    names = ("MS-SSIM", "displacement, px", "word F1")
    for part, (name, target) in enumerate(zip(names, targets, strict=True)):
        yield Goal(f"curve, {kind}: {name}", target, "curve", "`flatten`", kind, part)


GOALS = (
    Goal("real desks, single: mean IoU", ">= .93", "desks", "single", "single: mean IoU"),
    Goal("real desks, single: above .9", ">= .92", "desks", "single", "single: > 0.90"),
    Goal("real desks, leaving the picture: mean IoU", ">= .85", "desks", "cut", "single: mean IoU"),
    Goal("real desks, cropped through: mean IoU", ">= .85", "desks", "cropped", "single: mean IoU"),
    Goal("real desks, several: F1 at IoU .8", ">= .96", "desks", "several", "multi: F1 at 0.8"),
    *(
        Goal(f"real {what}: cut, {name}", "0", "desks", row, f"{name}: cut")
        for what, row in (("whole pages", "whole"), ("empty desks and rooms", "negative"))
        for name in ("single", "multi")
    ),
    Goal("real pages, skew follows a turn", ">= .95", "real_pages", "skew follows a turn", "right"),
    Goal("real pages, upright", ">= .99", "real_pages", "upright", "right"),
    Goal("real pages, upright: wrong", "0", "real_pages", "upright", "wrong"),
    Goal("real pages without fingers: changed", "0", "real_pages", "no fingers, left alone", "wrong"),
    Goal("real hands: fingers gone", ">= .90", "fingers", "`remove_fingers`", "share"),
    Goal("real hands: pages with ink lost", "0", "fingers", "`remove_fingers`", "ink lost"),
    Goal("real pages without holes: with one found", "0", "real_pages", "no holes, none found", "wrong"),
    Goal("real tints: difference from paper kept, median", ">= .70", "colour", "`colour`", "real kept"),
    Goal("real sheets, colour: word F1", ">= untouched", "real_pages", "3 colour", "sheets"),
    Goal("real receipts, receipt: word F1", "best type", "real_pages", "7 receipt", "receipts"),
    Goal("outline: mean IoU", ">= .95", "outline", "`find_outline`", "mean IoU"),
    Goal("outline: above .9", ">= .90", "outline", "`find_outline`", "> .90"),
    Goal("outline: ms at 1600 px", "<= 25", "outline", "`find_outline`", "ms"),
    *(
        Goal(f"preview, {light}: mean IoU", ">= .97", "preview", f"photographs, {light}", "IoU after 3 s")
        for light in ("bright", "shadow", "color")
    ),
    Goal("preview: outlined as cut", ">= .99", "preview", "one sheet, made", "> .98"),
    *(
        Goal(f"whole pages cut, {name} (made pages)", "0", "whole_pages", "all", f"{name}: cut")
        for name in ("single", "multi", "preview")
    ),
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
    Goal("clean scans, any style: mean gain in word F1", ">= -.01", "scans", "all", "mean gain"),
    Goal("clean scans, any style: least gain in word F1", ">= -.05", "scans", "all", "least gain"),
    Goal("several: F1 at IoU .9 (made desks)", ">= .95", "several", "`find_outlines`", "F1"),
    Goal("several: ms", "<= 50", "several", "`find_outlines`", "ms"),
    Goal("proportions: A4 within 1.5%", ">= 95%", "proportions", "A4, made", "within 1.5%"),
    Goal("deskew, clean: within 0.1 degree", ">= .99", "deskew", "gaopai, clean", "within 0.1"),
    Goal("deskew, hard: within 0.1 degree", ">= .95", "deskew", "gaopai, hard", "within 0.1"),
    Goal("deskew: ms at 8 megapixels", "<= 20", "deskew", "gaopai", "ms at 8 megapixels"),
    *_curve("perspective", (">= .80", "<= 5", ">= .80")),
    *_curve("curled", (">= .72", "<= 14", ">= .80")),
    *_curve("crumpleshard", (">= .55", "<= 17", ">= .45")),
    Goal("curve: ms", "<= 600", "curve", "`flatten`", "ms"),
    Goal("two photographs of a bent sheet: residual, px", "<= 5", "two_photographs", "`flatten`", "all"),
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
    Goal("black and white: F-measure", ">= 88", "binarize", "`black_white`", "F"),
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


def main(arguments: Sequence[str]) -> int:
    """Print the table, and write it to the head of the page unless the run was a quick one."""
    body = (
        "What the stages of the image core are to reach, what each reached in its last published run, and "
        "the best of the peers that were measured with it; the sections say on which pictures."
    )
    quick = "--quick" in arguments
    report.publish("goals", "Goals", f"{body}\n\n{summary()}", quick)
    if not quick:
        for page in FEATURES:
            report.write_block("missed", missed(), page)
    return 0


FEATURES = (report.PAGE.with_name("features.md"), report.PAGE.with_name("features.zh.md"))
"""Pages that tell which goals are missed."""
_HEAD = ("figure", "to reach", "gaopai", "", "best peer")


def summary(page: Path = report.PAGE) -> str:
    """The goals as a Markdown table, from what the page holds; those that are missed are marked."""
    return report.table(_HEAD, _lines(page))


def missed(page: Path = report.PAGE) -> str:
    """The goals that are missed, of real pictures first."""
    lines = [line for line in _lines(page) if line[3]]
    return report.table(_HEAD, sorted(lines, key=lambda line: not line[0].startswith("real")))


def _lines(page: Path) -> list[tuple[str, ...]]:
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    return [_line(goal, text) for goal in GOALS]


def _line(goal: Goal, text: str) -> tuple[str, ...]:
    for head, rows in report.tables(text, goal.section):
        if goal.column in head and goal.row in rows:
            at = head.index(goal.column)
            ours = _figure(rows[goal.row][at], goal.part)
            mark = "**missed**" if is_missed(goal.target, ours) else ""
            return (goal.what, goal.target, ours, mark, _best_peer(goal, rows, at))
    return (goal.what, goal.target, "not measured", "", "")


_TARGET = re.compile(r"(>=|<=|<|) ?(-?[\d.]+) ?%?")


def is_missed(target: str, figure: str) -> bool:
    """Return whether a figure is on the wrong side of its target; False where the target is in words."""
    compared, number = _TARGET.fullmatch(target), _NUMBER.fullmatch(figure)
    if compared is None or number is None:
        return False
    wanted, reached = float(compared[2]), float(figure.rstrip("%"))
    if compared[1] == ">=":
        return reached < wanted
    return reached >= wanted if compared[1] == "<" else reached > wanted


def _best_peer(goal: Goal, rows: dict[str, list[str]], at: int) -> str:
    """Return figure and name of the best other method on the same set; empty where there is none."""
    group = goal.row.partition(", ")[2] if goal.row.startswith("gaopai") else None
    if goal.section in _WITHOUT_PEERS or re.search(r"\bms\b", goal.what):
        # Other sets are no peers; and what finds nothing is quick.
        return ""
    found = [
        (figure, name)
        for name, cells in rows.items()
        if not name.startswith(_OURS) and name != goal.row and group in (None, name.partition(", ")[2])
        if (figure := _figure(cells[at], goal.part)) not in ("", "nan")
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
