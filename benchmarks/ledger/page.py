"""The page of results, ``docs/benchmarks.md``, rendered from the ledger: nothing on it is written by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks.gate.measuring import probe_hash
from benchmarks.gate.probe import Probe
from benchmarks.gate.probes import load_probes
from benchmarks.ledger.goals import GOALS, GoalLine, lines_of
from benchmarks.ledger.rows import FOLDER, Row, read_rows
from benchmarks.ledger.sections import BENCHMARKS, Section, Table, read_sections

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "benchmarks.md"
FEATURES = (DOCS / "features.md", DOCS / "features.zh.md")
"""Pages that tell those who choose which goals are missed."""
HEAD = """# Benchmarks

Rendered from `benchmarks/ledger` by `script/bench page`. Absolute figures belong to the machine named beside
them; what counts is the ratio, measured in the same run. A figure is **stale** when anything that it depends
on has changed since it was measured: code, weights or data. `script/bench list` tells what is stale, and what
measuring it takes.
"""
_GOAL_HEAD = ("figure", "set", "to reach", "gaopai", "+-", "best ever", "")
_GATE_HEAD = ("figure", "gaopai", "+-", "pictures", "to reach", "best ever", "")
_COUNT = "of"
"""Unit of a share that is shown as a count of the pictures."""


def render(folder: Path = FOLDER) -> str:
    """Return the page."""
    rows = read_rows(folder)
    sections = read_sections(folder)
    probes = {probe.key: probe for probe in load_probes()[0]}
    stale = {key for key, probe in probes.items() if _is_stale(probe, rows)}
    parts = [HEAD.strip(), _goals(rows, stale, sections), *_gate(rows, stale)]
    known = [name for name in BENCHMARKS if name in sections]
    parts += (_section(sections[name]) for name in known)
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
    """Return the table of the goals that are missed, of real pictures first; stale figures are none."""
    rows = read_rows(folder)
    sections = read_sections(folder)
    probes = {probe.key: probe for probe in load_probes()[0]}
    fresh = [row for row in rows if row.probe in probes and not _is_stale(probes[row.probe], rows)]
    found = [(row.key, _target(row), _value(row), row.accepted) for row in fresh if row.missed]
    found += [
        (one.what, one.target, one.figure, "") for one in lines_of(GOALS, _fresh(sections)) if one.missed
    ]
    return Table(("figure", "to reach", "gaopai", "note"), tuple(found)).markdown()


def stale_names(folder: Path = FOLDER) -> list[str]:
    """Return the probes and sections whose sources have changed, or which were never measured."""
    rows = read_rows(folder)
    sections = read_sections(folder)
    probes = [probe.key for probe in load_probes()[0] if _is_stale(probe, rows)]
    return probes + [name for name in BENCHMARKS if name not in sections or sections[name].stale]


def _is_stale(probe: Probe, rows: Iterable[Row]) -> bool:
    own = {row.provenance.sources for row in rows if row.probe == probe.key}
    return own != {probe_hash(probe)}


def _fresh(sections: dict[str, Section]) -> dict[str, Section]:
    return {name: section for name, section in sections.items() if name in BENCHMARKS and not section.stale}


def _goals(rows: Sequence[Row], stale: set[str], sections: dict[str, Section]) -> str:
    """Return the goals: missed ones first, real pictures before made ones; none is stale."""
    fresh = [row for row in rows if row.goal is not None and row.probe not in stale]
    ranked = sorted(fresh, key=lambda row: (not row.missed, row.probe.endswith("/made")))
    table = [
        (
            f"{_stage(row)}: {row.figure}",
            _set(row),
            _target(row),
            _value(row),
            _noise(row),
            _best(row),
            _note(row),
        )
        for row in ranked
    ]
    fresh_sections = _fresh(sections)
    others = lines_of(GOALS, fresh_sections)
    known = [(one.what, one.target, one.figure, _mark(one), one.peer) for one in others if one.figure]
    told = [
        "## Goals",
        f"{sum(row.missed for row in fresh)} of {len(fresh)} goals of the gate are missed; they come first. "
        "*Best ever* is the best value that a figure had in any commit, where today's is worse by more than "
        "its noise.",
        Table(_GOAL_HEAD, tuple(table)).markdown(),
    ]
    if known:
        told.append("Goals of the sections below whose figures are not stale:")
        told.append(Table(("figure", "to reach", "gaopai", "", "best peer"), tuple(known)).markdown())
    absent = sorted({goal.section for goal in GOALS} - set(fresh_sections))
    if absent:
        told.append(
            "Sections that are stale, so that their figures stand among no goals: "
            f"{', '.join(f'{name} ({_day(sections, name)})' for name in absent)}."
        )
    return "\n\n".join(told)


def _day(sections: dict[str, Section], name: str) -> str:
    return sections[name].provenance.date if name in sections else "never measured"


def _mark(line: GoalLine) -> str:
    return "**missed**" if line.missed else ""


def _gate(rows: Sequence[Row], stale: set[str]) -> Iterable[str]:
    """Yield the tables of the gate, one for each probe."""
    yield "## The gate"
    yield (
        "A fixed choice of pictures that every change of the picture core passes: `script/bench gate`. Sets: "
        "*shared* are real pictures that developers have, *open* those collected from public sources "
        "(`python -m benchmarks.collected`), *made* are drawn. Both were looked at while the stages were "
        "made. *+-* is the standard error of a row over its pictures: a change that makes a row worse by "
        "more fails. What each picture contributed lies in `benchmarks/ledger/outcomes`."
    )
    for key in dict.fromkeys(row.probe for row in rows):
        own = [row for row in rows if row.probe == key]
        provenance = own[0].provenance
        yield f"### {key.partition('/')[0]}, {key.partition('/')[2]}"
        mark = " **Stale**: the sources have changed since." if key in stale else ""
        yield (
            f"{provenance.date}, commit {provenance.commit}, {provenance.machine}, "
            f"load {provenance.load:.1f}; "
            f"`script/bench {provenance.command}`, {provenance.seconds:.0f} s of a processor.{mark}"
        )
        cells = [
            (row.figure, _value(row), _noise(row), str(row.pictures), _target(row), _best(row), _note(row))
            for row in own
        ]
        yield Table(_GATE_HEAD, tuple(cells)).markdown()


def _stage(row: Row) -> str:
    return row.probe.partition("/")[0]


def _set(row: Row) -> str:
    return row.probe.partition("/")[2]


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
    accepted = f"accepted: {row.accepted}" if row.accepted else ""
    return "; ".join(filter(None, (missed_mark, accepted)))


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
