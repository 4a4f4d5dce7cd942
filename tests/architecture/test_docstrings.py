"""Docstrings say what a thing is or does: none opens with a noun clause ("What ...", "Whether ...")."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import shown, text_files

FOLDERS = ("imgcore", "models", "benchmarks")
CLAUSE = r"(?:What|Whether|Where|How|Which|Who|Whom|Whose|Why|When|That|Those|Whatever|Whoever)\b"
OPENS = re.compile(rf"\A\s*(?:One that\b|{CLAUSE})")
# The description of a parameter, attribute or returned value in a NumPy section: indented below its name.
ENTRY = re.compile(rf"^( *)\S[^\n]*\n\1    ({CLAUSE}[^\n]*)", re.MULTILINE)
SECTION = re.compile(r"^ *(?:Attributes|Parameters|Returns|Yields|Raises)\n *---+\n", re.MULTILINE)
CYTHON_DOCSTRING = re.compile(r'^ *"""(.*?)"""', re.MULTILINE | re.DOTALL)

Found = tuple[int, str]  # line, docstring


def of_python(source: str) -> Iterator[Found]:
    """Each module, class, function and attribute docstring of Python source."""
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        for at, statement in enumerate(body):
            described = at == 0 or isinstance(body[at - 1], ast.Assign | ast.AnnAssign)
            if described and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                text = statement.value.value
                if isinstance(text, str):
                    yield statement.lineno, text


def of_cython(source: str) -> Iterator[Found]:
    """Each docstring of Cython source, which Python's parser does not read."""
    for match in CYTHON_DOCSTRING.finditer(source):
        yield source.count("\n", 0, match.start(1)) + 1, match[1]


def noun_clauses(text: str) -> Iterator[str]:
    """The lines of one docstring that open with a noun clause: its first, and the entries of its sections."""
    if OPENS.search(text):
        yield text.strip().splitlines()[0]
    section = SECTION.search(text)
    if section:
        yield from (match[2] for match in ENTRY.finditer(text, section.end()))


def faults(path: Path) -> list[str]:
    """Each noun clause of the docstrings of one file, as `file:line: text`."""
    found = of_python if path.suffix == ".py" else of_cython
    return [
        f"{shown(path)}:{line}: {clause}"
        for line, text in found(path.read_text(encoding="utf-8"))
        for clause in noun_clauses(text)
    ]


def checked_files() -> list[Path]:
    """The Python and Cython files that are held to it."""
    return [
        path
        for path in text_files()
        if path.suffix in {".py", ".pyx", ".pxd"}
        and shown(path).startswith(tuple(f"{folder}/" for folder in FOLDERS))
    ]


def test_no_docstring_opens_with_a_noun_clause() -> None:
    files = checked_files()
    assert [
        folder for folder in FOLDERS if not any(shown(path).startswith(f"{folder}/") for path in files)
    ] == []
    assert [fault for path in files for fault in faults(path)] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('"""What is drawn."""', ["What is drawn."]),
        ('class A:\n    """One that follows."""', ["One that follows."]),
        ('def a():\n    """Whether it is so."""', ["Whether it is so."]),
        ('class A:\n    b: int\n    """Where it lies."""', ["Where it lies."]),
        ('"""A thing.\n\nAttributes\n----------\nb\n    How much.\n"""', ["How much."]),
        ('"""Return whether it is so.\n\nWhen it rains, it is.\n"""', []),
        ('print("What")', []),
    ],
)
def test_the_check_finds_what_it_is_for(source: str, found: list[str]) -> None:
    assert [clause for _, text in of_python(source) for clause in noun_clauses(text)] == found


def test_cython_is_read_too() -> None:
    source = 'cdef int a(int b) nogil:\n    """Whether it is so."""\n'
    assert list(of_cython(source)) == [(2, "Whether it is so.")]
