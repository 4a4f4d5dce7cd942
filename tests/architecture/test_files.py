"""Files stay readable: one concept each, named by what it is, speaking of the project only."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

from server.protocol.export import TYPES
from tests.architecture.tree import ROOT, parsed, shown, text_files

OURS = ("server", "imgcore", "models", "synthetic")
GENERATED = {ROOT / "server" / "web" / "client" / TYPES}
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc"}
FORBIDDEN = re.compile(
    "|".join(
        (
            r"/(?:work|root|Users)/\w",  # folders of a developer's machine
            r"/home/\w",
            r"co-authored-by",
            r"language model",
            r"(?:ai|machine)[- ]generated",
            r"\bissues? #?\d",
            r"\bpypi\.org",
            r"\bregistry\.npmjs\.org",
            r"^(?:<{7}|>{7}) ",  # a conflict that nobody resolved
        )
    ),
    re.IGNORECASE,
)
EXCUSED = {
    Path(__file__).resolve(): "it holds the pattern",
    ROOT / "tests/hardware/guest/init": "/root is where the guest kernel mounts its disk",
    ROOT / "tests/unit/storage/test_paths.py": "a storage folder named root",
    ROOT / "tests/security/hostile_paths.py": "paths that a hostile page may try",
}


def source_files() -> list[Path]:
    """Every source file of the service and the picture core that a person wrote."""
    written = (path for path in text_files() if path not in GENERATED)
    return [path for path in written if path.relative_to(ROOT).parts[0] in OURS]


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = [path for path in source_files() if SAYS_NOTHING & {path.stem, path.parent.name}]
    assert [shown(path) for path in named] == []


def test_the_project_speaks_of_itself_only() -> None:
    found = [
        f"{shown(path)}:{number}: {line.strip()[:100]}"
        for path in text_files()
        if path not in EXCUSED
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if FORBIDDEN.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line", ["see /work/notes", "cd /home/someone", "fixes issue #12", f"{7 * '<'} HEAD"]
)
def test_the_pattern_finds_what_it_is_for(line: str) -> None:
    assert FORBIDDEN.search(line)


def test_no_docstring_follows_a_docstring() -> None:
    """One that has slid says of a value what belongs to another."""
    found = [
        f"{shown(path)}:{second.lineno}"
        for path in source_files()
        if path.suffix == ".py"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Module | ast.ClassDef)
        for first, second in pairwise(node.body)
        if is_text(first) and is_text(second)
    ]
    assert found == []


def is_text(node: ast.stmt) -> bool:
    """Return whether a statement is a text alone."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
