"""The project's own files, as they are in the working tree."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
CODE = {".py", ".pyx", ".pxd", ".js", ".ts", ".css", ".html"}
TEXT = CODE | {"", ".json", ".jsonl", ".md", ".svg", ".toml", ".txt"}


@cache
def text_files() -> tuple[Path, ...]:
    """Every text file that git tracks or would track, without the licence, which is not ours."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("the project's files are listed by git, and this is no git repository")
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return tuple(path for path in paths if path.suffix in TEXT and path.is_file() and path.name != "LICENSE")


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file, for all checks that look at one; none of them changes it."""
    return ast.parse(path.read_text(encoding="utf-8"))


def shown(path: Path) -> str:
    """The path as a message names it."""
    return str(path.relative_to(ROOT))
