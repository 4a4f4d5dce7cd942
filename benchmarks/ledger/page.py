"""The page of results, ``docs/benchmarks.md``, rendered from the ledger: nothing on it is written by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gate.measuring import probe_hash
from benchmarks.gate.probes import standing_probes
from benchmarks.ledger.goals import GOALS, GoalLine, lines_of
from benchmarks.ledger.rows import FOLDER, Row, read_rows
from benchmarks.ledger.sections import BENCHMARKS, Section, Table, read_sections

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "benchmarks.md"
FEATURES = (DOCS / "features.md", DOCS / "features.zh.md")
"""Pages that tell those who choose which goals are missed."""
HEAD = """# Benchmarks

Rendered from `benchmarks/ledger` by `script/bench page`; nothing here is written by hand. One row is one
figure: the mean over so many pictures, and behind *+-* its standard error. *Sets*: **shared** are real
pictures that developers have, **open** those collected from public sources (`python -m
lab.collected`), **made** are drawn. All were looked at while the stages were made; real ones are worth
more than drawn ones, and what nobody looked at would be worth most. The *best peer* is the best other program
that was judged on the same pictures (`script/bench gate --peers`).

A figure is **stale** when anything that it depends on has changed since it was measured: code, weights or
data. It stands among no goals then; `script/bench list --stale` tells what measuring it again takes. *Best
ever* is the best value in any commit, where today's is worse by more than its noise. A change that makes a
row worse by more than that fails in `script/bench gate`.
"""
_GOAL_HEAD = ("figure", "set", "to reach", "gaopai", "+-", "best peer", "note")
_HEAD = ("figure", "set", "to reach", "gaopai", "+-", "pictures", "best peer", "note")
_SOURCE_HEAD = ("stage", "set", "measured", "commit", "machine", "load", "seconds", "command")
_COUNT = "of"
"""Unit of a share that is shown as a count of the pictures."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Chapter of the page: its title, what its figures say, and the stages that it tells of."""

    title: str
    text: str
    stages: tuple[str, ...]


TOPICS = (
    Topic(
        "Finding the document",
        "IoU is the intersection over union of the outline found with the true one; nothing found counts 0. "
        "A page is *cut* when a crop takes part of it away, or takes something where nothing lies. *Single*, "
        "*multi* and *preview* are the search for one document, for several, and that of a live preview.",
        ("desks", "outline", "detect", "preview", "films", "whole pages", "proportions", "formats"),
    ),
    Topic(
        "Straight, flat and upright",
        "Bent sheets beside their flat page: MS-SSIM is likeness (1 is the same), displacement that of "
        "features in pixels at 598,400 pixels, word F1 that of the words that Tesseract reads. *Pairs* are "
        "two photographs of one sheet, made flat: pixels by which they still differ.",
        ("curve", "pairs", "pages", "skew"),
    ),
    Topic(
        "Colour, grey, black and white",
        "What is printed stays, and paper is white. F-measure is that of ink pixels in per cent, DRD the "
        "distortion that an eye sees. *Words* are F1 of those that Tesseract reads, or the gain over the "
        "picture as it was.",
        (
            "colour",
            "tints",
            "black and white",
            "words",
            "words of clean scans",
            "show-through",
            "stamps",
            "border",
            "merged frames",
        ),
    ),
    Topic(
        "Small files",
        "PDFs in mixed raster content beside the page as a JPEG, at 300 dpi: the share of its bytes, the "
        "gain in words (F1) that are read, and how alike photographs are (1 is the same).",
        ("small files",),
    ),
    Topic(
        "Fingers and holes",
        "What is no part of the page goes, and pages without it stay as they are, to the last pixel.",
        ("fingers", "no fingers", "holes", "no holes"),
    ),
    Topic(
        "Text, papers and codes",
        "*Characters* are F1 of characters wherever they stand, *pairs* that of neighbours within lines, "
        "*order* the share that stands in its place. A field of a paper is right with every character.",
        ("text", "tables", "papers", "forms", "codes", "codes by kind", "private copies"),
    ),
    Topic(
        "Faces and fingerprints",
        "Pairs of pictures of one person or finger, and of two, at the thresholds that the service takes.",
        ("faces", "faces with models of a registry", "prints"),
    ),
    Topic(
        "What happens on the desk",
        "When a new page lies ready, which captures cannot be read, and where a pile's next document begins.",
        ("next page", "verdicts", "document starts"),
    ),
    Topic(
        "Processor time",
        "Of one thread, as a ratio to a fixed piece of work of some 50 ms in the same run.",
        ("time",),
    ),
)
"""Chapters of the page, in the order in which a capture goes through the stages."""


def render(folder: Path = FOLDER) -> str:
    """Return the page."""
    rows = read_rows(folder)
    sections = read_sections(folder)
    stale = _stale(rows)
    parts = [HEAD.strip(), _goals(rows, stale, sections)]
    parts += (_topic(topic, rows, stale) for topic in TOPICS)
    parts += (_section(sections[name]) for name in BENCHMARKS if name in sections)
    parts.append(_sources(rows, stale))
    return "\n\n".join(parts) + "\n"


def write(folder: Path = FOLDER) -> None:
    """Write the page, and the goals that are missed into the pages that quote them."""
    PAGE.write_text(render(folder), encoding="utf-8")
    for page in FEATURES:
        write_block("missed", missed(folder), page)


def write_block(name: str, body: str, page: Path) -> None:
    """Put Markdown between the markers ``<!-- name -->`` and ``<!-- /name -->`` of a page that has them."""
    marked = re.compile(rf"(<!-- {re.escape(name)} -->).*?(<!-- /{re.escape(name)} -->)", re.DOTALL)
    text, count = marked.subn(
        lambda found: f"{found[1]}\n{body}\n{found[2]}", page.read_text(encoding="utf-8")
    )
    if count != 1:
        raise ValueError(f"{page.name} has {count} blocks {name}")
    page.write_text(text, encoding="utf-8")


def missed(folder: Path = FOLDER) -> str:
    """Return the table of the goals that are missed, the worst first; stale figures are none."""
    rows = read_rows(folder)
    fresh = _ranked(_fresh_rows(rows, _stale(rows)))
    found = [(row.key, _target(row), _value(row), row.accepted) for row in fresh if row.missed]
    found += [
        (one.what, one.target, one.figure, "")
        for one in lines_of(GOALS, _fresh(read_sections(folder)))
        if one.missed
    ]
    return Table(("figure", "to reach", "gaopai", "note"), tuple(found)).markdown()


def stale_names(folder: Path = FOLDER) -> list[str]:
    """Return the probes and sections whose sources have changed, or which were never measured."""
    rows = read_rows(folder)
    sections = read_sections(folder)
    measured = {row.probe for row in rows}
    never = [probe.key for probe in standing_probes() if not probe.peer and probe.key not in measured]
    return [
        *never,
        *_stale(rows),
        *(name for name in BENCHMARKS if name not in sections or sections[name].stale),
    ]


def _stale(rows: Sequence[Row]) -> list[str]:
    """Return the probes whose rows were measured by other sources."""
    found = []
    for probe in standing_probes():
        own = {row.provenance.sources for row in rows if row.probe == probe.key}
        if own and own != {probe_hash(probe)}:
            found.append(probe.key)
    return found


def _fresh_rows(rows: Iterable[Row], stale: Sequence[str]) -> list[Row]:
    """Return our rows that have a goal, and are not stale."""
    return [row for row in rows if row.goal is not None and not row.peer and row.probe not in stale]


def _ranked(rows: Iterable[Row]) -> list[Row]:
    """Return rows with those that are farthest from their goals first."""
    return sorted(rows, key=lambda row: (not row.missed, -row.shortfall))


def _fresh(sections: dict[str, Section]) -> dict[str, Section]:
    return {name: section for name, section in sections.items() if name in BENCHMARKS and not section.stale}


def _goals(rows: Sequence[Row], stale: Sequence[str], sections: dict[str, Section]) -> str:
    """Return the goals: missed ones first, the worst of them above all; none is stale."""
    fresh = _fresh_rows(rows, stale)
    table = [
        (f"{_stage(row)}: {row.figure}", _set(row), _target(row), _value(row), _noise(row),
         _best_peer(row, rows), _note(row))
        for row in _ranked(fresh)
    ]  # fmt: skip
    fresh_sections = _fresh(sections)
    known = [
        (one.what, one.target, one.figure, _mark(one))
        for one in lines_of(GOALS, fresh_sections)
        if one.figure
    ]
    told = [
        "## Goals",
        f"{sum(row.missed for row in fresh)} of {len(fresh)} goals are missed; they come first, those that "
        "are farthest away above all.",
        Table(_GOAL_HEAD, tuple(table)).markdown(),
    ]
    if known:
        told.append("Goals of the chapters further below:")
        told.append(Table(("figure", "to reach", "gaopai", "note"), tuple(known)).markdown())
    absent = sorted({goal.section for goal in GOALS} - set(fresh_sections))
    absent_goals = [f"{name} ({_day(sections, name)})" for name in absent] + list(stale)
    if absent_goals:
        told.append(f"Stale, so that their figures stand among no goals: {', '.join(absent_goals)}.")
    return "\n\n".join(told)


def _day(sections: dict[str, Section], name: str) -> str:
    return sections[name].provenance.date if name in sections else "never measured"


def _mark(line: GoalLine) -> str:
    return "**missed**" if line.missed else ""


def _topic(topic: Topic, rows: Sequence[Row], stale: Sequence[str]) -> str:
    """Return a chapter: a table of all its figures, stage by stage."""
    own = [row for stage in topic.stages for row in rows if _stage(row) == stage and not row.peer]
    table = [
        (f"{_stage(row)}: {row.figure}", _set(row), _target(row), _value(row), _noise(row), str(row.pictures),
         _best_peer(row, rows), "; ".join(filter(None, (_stale_mark(row, stale), _note(row)))))
        for row in own
    ]  # fmt: skip
    return "\n\n".join((f"## {topic.title}", topic.text, Table(_HEAD, tuple(table)).markdown()))


def _stale_mark(row: Row, stale: Sequence[str]) -> str:
    return "**stale**" if row.probe in stale else ""


def _best_peer(row: Row, rows: Sequence[Row]) -> str:
    """Return the best figure of another program on as many pictures, with its name; empty without one."""
    others = [
        other
        for other in rows
        if other.peer
        and other.subject == row.subject
        and other.figure == row.figure
        and other.pictures == row.pictures
    ]
    if not others:
        return ""
    best = (max if row.better == "higher" else min)(others, key=lambda other: other.value)
    return f"{_value(best)} ({best.peer})"


def _sources(rows: Sequence[Row], stale: Sequence[str]) -> str:
    """Return where the figures of the chapters come from, a line for each stage and set."""
    first = {row.probe: row for row in reversed(rows)}
    table = [
        (f"{_stage(row)}{f' by {row.peer}' if row.peer else ''}", _set(row),
         f"{row.provenance.date}{' **stale**' if row.probe in stale else ''}", row.provenance.commit,
         row.provenance.machine, f"{row.provenance.load:.1f}", f"{row.provenance.seconds:.0f}",
         f"`script/bench {row.provenance.command}`")
        for row in sorted(first.values(), key=lambda row: [each.probe for each in rows].index(row.probe))
    ]  # fmt: skip
    text = (
        "Seconds are of a processor, and those of a first run: what did not change is not measured again. "
        "Contributions of each picture lie in `benchmarks/ledger/outcomes`."
    )
    return "\n\n".join(("## Where the figures come from", text, Table(_SOURCE_HEAD, tuple(table)).markdown()))


def _stage(row: Row) -> str:
    return row.subject.partition("/")[0]


def _set(row: Row) -> str:
    return row.subject.partition("/")[2]


def _formatter(row: Row) -> Callable[[float], str]:
    if row.unit == "%":
        return lambda value: f"{100 * value:.1f} %"
    if row.unit == _COUNT:
        return lambda value: f"{value * row.pictures:.0f}"
    suffix = f" {row.unit}" if row.unit else ""
    size = max(abs(row.value), abs(row.best.value))
    digits = 1 if size >= 10 else 2 if size >= 2 else 3
    return lambda value: f"{value:.{digits}f}{suffix}"


def _value(row: Row) -> str:
    text = _formatter(row)(row.value)
    return f"{text} of {row.pictures}" if row.unit == _COUNT else text


def _noise(row: Row) -> str:
    return _formatter(row)(row.noise)


def _target(row: Row) -> str:
    if row.goal is None:
        return ""
    return f"{'>=' if row.better == 'higher' else '<='} {_formatter(row)(row.goal)}"


def _best(row: Row) -> str:
    if not row.below_best:
        return ""
    return f"{_formatter(row)(row.best.value)} ({row.best.commit}, {row.best.date})"


def _note(row: Row) -> str:
    missed_mark = "**missed**" if row.missed else ""
    best = f"best ever {_best(row)}" if row.below_best else ""
    accepted = f"accepted: {row.accepted}" if row.accepted else ""
    return "; ".join(filter(None, (missed_mark, best, accepted)))


def _section(section: Section) -> str:
    """Return a section with a line on where it comes from."""
    provenance = section.provenance
    mark = "**Stale**: its sources have changed since it was measured. " if section.stale else ""
    commit = f" at commit {provenance.commit}" if provenance.commit else ""
    about = f"{mark}Measured on {provenance.date}{commit} by `script/bench {provenance.command}`."
    parts = (part if isinstance(part, str) else part.markdown() for part in section.parts)
    return "\n\n".join(
        (f"<!-- {section.name} -->\n## {section.title}", about, *parts, f"<!-- /{section.name} -->")
    )
