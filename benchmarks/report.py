"""The page of results, ``docs/benchmarks.md``: each benchmark replaces its own section only."""

from __future__ import annotations

import datetime
import platform
import re
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `script/bench`. Absolute figures belong to the machine named above each table; what counts is the
ratio beside them, measured in the same run.
"""


def publish(name: str, title: str, body: str, quick: bool) -> None:
    """Print a section, and write it to the page unless the run was a quick one."""
    print(body)
    if not quick:
        write_section(name, title, body)


def write_section(name: str, title: str, body: str, page: Path = PAGE) -> None:
    """Put a section between the markers ``<!-- name -->`` and ``<!-- /name -->``.

    Parameters
    ----------
    name
        The benchmark's module.
    body
        Markdown without the title.
    """
    text = page.read_text(encoding="utf-8") if page.exists() else HEAD
    section = f"<!-- {name} -->\n## {title}\n\n{body.strip()}\n<!-- /{name} -->"
    marked = re.compile(rf"<!-- {re.escape(name)} -->.*?<!-- /{re.escape(name)} -->", re.DOTALL)
    replaced, count = marked.subn(lambda _: section, text)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(replaced if count else f"{text.rstrip()}\n\n{section}\n", encoding="utf-8")


def write_block(name: str, body: str, page: Path) -> None:
    """Put Markdown between the markers ``<!-- name -->`` and ``<!-- /name -->`` of a page that has them."""
    marked = re.compile(rf"(<!-- {re.escape(name)} -->).*?(<!-- /{re.escape(name)} -->)", re.DOTALL)
    text, count = marked.subn(
        lambda found: f"{found[1]}\n{body}\n{found[2]}", page.read_text(encoding="utf-8")
    )
    if count != 1:
        raise ValueError(f"{page.name} has {count} blocks {name}")
    page.write_text(text, encoding="utf-8")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, all columns but the first aligned right."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def tables(text: str, section: str) -> Iterator[tuple[list[str], dict[str, list[str]]]]:
    """Yield head and rows, by their first cells, of each table of a section."""
    marked = re.search(rf"<!-- {section} -->(.*?)<!-- /{section} -->", text, re.DOTALL)
    blocks = re.findall(r"(?:^\|.*\|\n?)+", marked[1], re.MULTILINE) if marked else []
    for block in blocks:
        head, _, *rows = (
            [cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()
        )
        yield head, {row[0]: row for row in rows}


def machine(packages: Sequence[str]) -> str:
    """One paragraph: processor, kernel, Python, versions of `packages`, today."""
    versions = ", ".join(f"{package} {metadata.version(package)}" for package in packages)
    today = datetime.datetime.now(tz=datetime.UTC).date()
    return (
        f"{_processor()}; {platform.system()} {platform.release()} {platform.machine()}; "
        f"Python {platform.python_version()}; {versions}; {today}."
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    cores = sum(line.startswith("processor") for line in lines)
    models = [line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model"))]
    return f"{cores} x {models[0] if models else platform.machine()}"
