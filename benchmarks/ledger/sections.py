"""Sections of the page of results: tables of what is timed, or measured beside other programs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.ledger.rows import FOLDER, Provenance
from benchmarks.ledger.sources import sources_hash

SECTIONS = "sections.jsonl"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Program that measures a section.

    Attributes
    ----------
    command
        Arguments of ``script/bench``.
    modules
        Modules whose sources its figures depend on, those that it starts as programs among them.
    needs
        Data and programs that it takes beside the repository, in words.
    """

    command: str
    modules: Sequence[str]
    needs: str = ""


_SERVICE = ("server.cli", "server.app")
"""Modules of the service, for benchmarks that start it."""
BENCHMARKS: Mapping[str, Benchmark] = {
    "shutter": Benchmark("shutter", ("benchmarks.shutter", *_SERVICE), "the shared pictures"),
    "streaming": Benchmark("streaming --only comparison", ("benchmarks.streaming.bench", *_SERVICE)),
    "streaming-limits": Benchmark("streaming --only limits", ("benchmarks.streaming.bench", *_SERVICE)),
    "streaming-scale": Benchmark("streaming --only scale", ("benchmarks.streaming.bench", *_SERVICE)),
    "browser": Benchmark("browser", ("benchmarks.browser.bench", *_SERVICE), "Chromium"),
    "jpeg": Benchmark("jpeg", ("benchmarks.jpeg",)),
    "scanning": Benchmark("scanning", ("benchmarks.scanning.bench", *_SERVICE), "SANE"),
    "merge": Benchmark("merge", ("benchmarks.merge", *_SERVICE)),
    "batch": Benchmark("batch", ("benchmarks.batch", "server.batch")),
    "archive": Benchmark("archive", ("benchmarks.archive",)),
    "face": Benchmark("face", ("benchmarks.face.bench", *_SERVICE), "the shared faces and models"),
    "fingerprint": Benchmark("fingerprint", ("benchmarks.fingerprint.bench",), "the shared prints, NBIS"),
    "sharing": Benchmark("sharing", ("benchmarks.sharing", *_SERVICE)),
    "idle": Benchmark("idle", ("benchmarks.idle", *_SERVICE)),
    "start": Benchmark("start", ("benchmarks.start", *_SERVICE)),
    "start_packages": Benchmark("start --package", ("benchmarks.start", *_SERVICE), "a built package"),
}
"""Sections of the page by name, in its order."""


@dataclass(frozen=True, slots=True)
class Table:
    """Head and rows of cells."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """Return the table as Markdown, all columns but the first aligned right."""
        lines = [self.head, ("---", *("---:" for _ in self.head[1:])), *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its title, its paragraphs and tables in their order, and where they come from."""

    name: str
    title: str
    parts: tuple[str | Table, ...]
    provenance: Provenance

    @property
    def stale(self) -> bool:
        """True if the sources have changed since it was measured."""
        return self.provenance.sources != current_sources(self.name)

    def tables(self) -> Iterator[Table]:
        """Yield the tables."""
        yield from (part for part in self.parts if isinstance(part, Table))


def current_sources(name: str) -> str:
    """Return the hash of what a section depends on as it is now."""
    return sources_hash(BENCHMARKS[name].modules)


def parse(name: str, title: str, body: str, provenance: Provenance) -> Section:
    """Return a section of its Markdown."""
    return Section(name, title, parse_parts(body), provenance)


def parse_parts(body: str) -> tuple[str | Table, ...]:
    """Take Markdown apart into paragraphs and tables, in their order."""
    parts: list[str | Table] = []
    for block in re.split(r"((?:^\|.*\|$\n?)+)", body.strip(), flags=re.MULTILINE):
        if block.startswith("|"):
            head, _, *rows = (
                tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
                for line in block.strip().splitlines()
            )
            parts.append(Table(head, tuple(rows)))
        elif block.strip():
            parts.append(block.strip())
    return tuple(parts)


def read_sections(folder: Path = FOLDER) -> dict[str, Section]:
    """Return all sections by name."""
    path = folder / SECTIONS
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    found: dict[str, Section] = {}
    for entry in map(json.loads, lines):
        name = entry["section"]
        if "provenance" in entry:
            found[name] = Section(name, entry["title"], (), Provenance(**entry["provenance"]))
            continue
        found[name] = _continued(found[name], entry)
    return found


def _continued(section: Section, entry: Mapping[str, Any]) -> Section:
    """Return a section with one more paragraph, table or row."""
    if "text" in entry:
        return replace(section, parts=(*section.parts, str(entry["text"])))
    if "head" in entry:
        return replace(section, parts=(*section.parts, Table(tuple(entry["head"]), ())))
    *parts, table = section.parts
    assert isinstance(table, Table)
    longer = Table(table.head, (*table.rows, tuple(entry["cells"])))
    return replace(section, parts=(*parts, longer))


def write_sections(sections: Mapping[str, Section], folder: Path = FOLDER) -> None:
    """Replace all sections: a line for each section, for each paragraph, and for each row of its tables."""
    lines: list[dict[str, Any]] = []
    for section in sections.values():
        about = {"section": section.name}
        lines.append({**about, "title": section.title, "provenance": asdict(section.provenance)})
        for part in section.parts:
            if isinstance(part, Table):
                lines.append({**about, "head": part.head})
                lines += ({**about, "cells": row} for row in part.rows)
            else:
                lines.append({**about, "text": part})
    text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
    (folder / SECTIONS).write_text(text, encoding="utf-8")
