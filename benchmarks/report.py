"""Sections of results: their Markdown, and the record of them in the ledger and on other pages."""

from __future__ import annotations

import datetime
import os
import platform
import re
import subprocess
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from benchmarks.ledger import page as ledger_page
from benchmarks.ledger import sections
from benchmarks.ledger.rows import Provenance

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"


def publish(name: str, title: str, body: str, quick: bool) -> None:
    """Print a section, and put it into the ledger and on the page unless the run was a quick one."""
    print(body)
    if not quick:
        record(name, title, body)


def record(name: str, title: str, body: str) -> None:
    """Replace a section of the ledger, and render the page."""
    measured = provenance(
        sections.BENCHMARKS[name].command, sections.current_sources(name), time.process_time()
    )
    known = sections.read_sections()
    known[name] = sections.parse(name, title, body, measured)
    sections.write_sections(known)
    ledger_page.write()


def provenance(command: str, sources: str, seconds: float) -> Provenance:
    """Return where a figure that was measured just now comes from."""
    return Provenance(
        command=command,
        commit=_commit(),
        date=today(),
        sources=sources,
        machine=f"{_processor()}, {platform.machine()}, Python {platform.python_version()}",
        load=round(os.getloadavg()[0], 2),
        seconds=round(seconds, 1),
    )


def _commit() -> str:
    """Return the commit that is checked out, with ``+`` where files of code differ from it."""
    head = _git("rev-parse", "--short=8", "HEAD")
    changed = _git(
        "status", "--porcelain", "--", "benchmarks", "imgcore", "lab", "models", "server", "synthetic"
    )
    code = [line for line in changed.splitlines() if "benchmarks/ledger/" not in line]
    return f"{head}{'+' if code else ''}"


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ("git", *arguments), cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout.strip()


def today() -> str:
    """Return today's date, ISO 8601."""
    return datetime.datetime.now(tz=datetime.UTC).date().isoformat()


def write_section(name: str, title: str, body: str, page: Path) -> None:
    """Put a section between the markers ``<!-- name -->`` and ``<!-- /name -->``.

    Parameters
    ----------
    name
        The benchmark's module.
    body
        Markdown without the title.
    """
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    section = f"<!-- {name} -->\n## {title}\n\n{body.strip()}\n<!-- /{name} -->"
    marked = re.compile(rf"<!-- {re.escape(name)} -->.*?<!-- /{re.escape(name)} -->", re.DOTALL)
    replaced, count = marked.subn(lambda _: section, text)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(replaced if count else f"{text.rstrip()}\n\n{section}\n", encoding="utf-8")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, all columns but the first aligned right."""
    return sections.Table(tuple(head), tuple(map(tuple, rows))).markdown()


def machine(packages: Sequence[str]) -> str:
    """One paragraph: processor, kernel, Python, versions of `packages`, today."""
    versions = ", ".join(f"{package} {metadata.version(package)}" for package in packages)
    return (
        f"{_processor()}; {platform.system()} {platform.release()} {platform.machine()}; "
        f"Python {platform.python_version()}; {versions}; {today()}."
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    cores = sum(line.startswith("processor") for line in lines)
    models = [line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model"))]
    return f"{cores} x {models[0] if models else platform.machine()}"
