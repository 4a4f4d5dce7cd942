"""Goals of the sections: the target, and the figure reached.

Goals of what the gate measures stand beside the figures of its probes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmarks.ledger.sections import Section

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
    """

    what: str
    target: str
    section: str
    row: str
    column: str


@dataclass(frozen=True, slots=True)
class GoalLine:
    """A goal with what was reached.

    Attributes
    ----------
    figure
        Empty where the section does not have it.
    """

    what: str
    target: str
    figure: str

    @property
    def missed(self) -> bool:
        """True if the figure is on the wrong side of its target."""
        return is_missed(self.target, self.figure)


GOALS = (
    Goal(
        "shutter to picture, crop, deskew, colour: ms",
        "<= 180",
        "shutter",
        "crop, deskew, colour, desk",
        "ms",
    ),
    Goal(
        "fingerprints, FVC2002 DB1_B: EER", "<= 2.5%", "fingerprint", "gaopai held out, FVC2002 DB1_B", "EER"
    ),
    Goal("fingerprints, FVC2004 DB1_B: EER", "<= 7%", "fingerprint", "gaopai held out, FVC2004 DB1_B", "EER"),
    Goal("fingerprints: ms of extraction", "<= 200", "fingerprint", "gaopai, FVC2004 DB1_B", "extraction"),
    Goal("fingerprints: ms of comparison", "<= 10", "fingerprint", "gaopai, FVC2004 DB1_B", "comparison"),
    Goal("faces: ms of the whole chain", "<= 33", "face", "one thread, 720p", "whole chain"),
    Goal("faces: MiB at most", "<= 300", "face", "one thread, 720p", "MiB"),
)
"""Goals of figures that are timed, or stand beside others."""


def lines_of(goals: Iterable[Goal], sections: Mapping[str, Section]) -> list[GoalLine]:
    """Return a line for each goal whose section is there."""
    return [_line(goal, sections[goal.section]) for goal in goals if goal.section in sections]


def _line(goal: Goal, section: Section) -> GoalLine:
    for table in section.tables():
        rows = {row[0]: row for row in table.rows}
        if goal.column in table.head and goal.row in rows:
            cell = rows[goal.row][table.head.index(goal.column)]
            number = _NUMBER.search(cell)
            return GoalLine(goal.what, goal.target, number[0] if number else "")
    return GoalLine(goal.what, goal.target, "")


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
