"""The docstrings of the project's sources, and those that open with a noun clause."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import parsed, shown, text_files

CLAUSE = r"(?:What|Whether|Where|How|Which|Who|Whom|Whose|Why|When|That|Those|Whatever|Whoever)\b"
OPENS = re.compile(rf"\A\s*(?:One that\b|{CLAUSE})")
# The description of a parameter, attribute or returned value in a NumPy section: indented below its name.
ENTRY = re.compile(rf"^( *)\S[^\n]*\n\1    ({CLAUSE}[^\n]*)", re.MULTILINE)
SECTION = re.compile(r"^ *(?:Attributes|Parameters|Returns|Yields|Raises)\n *---+\n", re.MULTILINE)
CYTHON_DOCSTRING = re.compile(r'^ *"""(.*?)"""', re.MULTILINE | re.DOTALL)

Found = tuple[int, str]  # line, docstring


def of_python(tree: ast.Module) -> Iterator[Found]:
    """Each module, class, function and attribute docstring of Python source."""
    for node in ast.walk(tree):
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
    found = of_python(parsed(path)) if path.suffix == ".py" else of_cython(path.read_text(encoding="utf-8"))
    return [f"{shown(path)}:{line}: {clause}" for line, text in found for clause in noun_clauses(text)]


def sources(folder: str) -> list[Path]:
    """The Python and Cython files of a folder."""
    files = (path for path in text_files() if path.suffix in {".py", ".pyx", ".pxd"})
    return [path for path in files if shown(path).startswith(f"{folder}/")]
