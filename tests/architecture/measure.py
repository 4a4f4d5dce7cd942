"""Figures of the architecture: ``python -m tests.architecture.measure``."""

from __future__ import annotations

import ast
import asyncio
import io
import itertools
import re
import sys
import threading
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from server.protocol.catalogue import CATALOGUE
from tests.architecture import docstrings
from tests.architecture.trail import Trail, trails
from tests.architecture.tree import CODE, ROOT, parsed, shown, text_files

PRODUCT = ("server", "imgcore", "models", "synthetic", "benchmarks")
PICTURES = ("imgcore", "models", "benchmarks")
LONGEST = 400
NO_CODE = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE),
    *(tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER),
}
MESSAGES = {"cameras": ("captures", "camera_controls"), "faces": ("face_matching",), "upload": ("files",)}
"""Further files of messages, by the folder of the domain."""


def sources(*packages: str) -> Iterator[Path]:
    """Python files of packages."""
    for package in packages:
        path = ROOT / package
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def shared_class_names(*packages: str) -> dict[str, list[str]]:
    """Public classes whose name another one has, with their files."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sources(*packages):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(shown(path))
    return {name: files for name, files in found.items() if len(files) > 1}


def public_classes(*packages: str) -> int:
    """Number of public classes."""
    trees = (parsed(path) for path in sources(*packages))
    classes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return sum(not node.name.startswith("_") for node in classes)


def long_files(*packages: str) -> list[tuple[int, str]]:
    """Files over the limit, longest first."""
    lengths = ((len(path.read_text().splitlines()), path) for path in sources(*packages))
    return sorted(((count, shown(path)) for count, path in lengths if count > LONGEST), reverse=True)


def lines(*packages: str) -> int:
    """Number of lines of Python."""
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in sources(*packages))


def code_lines(*packages: str) -> int:
    """Number of lines of Python that hold code: neither blank nor comments nor docstrings."""
    return sum(lines_of_code(path.read_text(encoding="utf-8")) for path in sources(*packages))


def lines_of_code(text: str) -> int:
    """Number of lines of a module that hold code."""
    rows: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in NO_CODE:
            rows.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str):
            rows.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(rows)


def largest_folder() -> tuple[int, str]:
    """Number of code files at one level, kernels aside, and the folder that has most of them."""
    files = (path for path in text_files() if path.suffix in CODE and "kernels" not in path.parts)
    folders = Counter(
        shown(path.parent) for path in files if shown(path).split("/")[0] in ("server", "imgcore")
    )
    folder, count = max(folders.items(), key=lambda each: each[1])
    return count, folder


def renamed_domains() -> list[str]:
    """Handlers whose functions lie in a file of messages with another name than their domain."""
    found = []
    for path in sources("server/services"):
        text = path.read_text(encoding="utf-8")
        used = set(re.findall(r"^from server\.protocol\.messages(?:\.| import )(\w+)", text, re.MULTILINE))
        domain = path.relative_to(ROOT / "server/services").with_suffix("").parts
        if "@handles(" in text and not used & {*domain, *MESSAGES.get(domain[0], ())}:
            found.append(shown(path))
    return found


def touched() -> dict[str, set[Path]]:
    """Files of the server that name a function of the protocol, or its request or answer."""
    words = {
        path: {*re.findall(r'\w+|"\w+"', path.read_text(encoding="utf-8"))} for path in sources("server")
    }
    names = {
        each.name: {each.request.__name__, each.answer.__name__, f'"{each.name}"'}
        for each in CATALOGUE.values()
    }
    return {name: {path for path in words if words[path] & own} for name, own in names.items()}


def main(arguments: Sequence[str]) -> None:
    """Print every figure; with an argument also what stands behind it."""
    trail = Trail()
    threading.setprofile(trail)
    sys.setprofile(trail)
    followed = asyncio.run(trails(trail))
    sys.setprofile(None)
    threading.setprofile(None)  # type: ignore[arg-type]
    shared = shared_class_names("server", "imgcore", "models")
    classes = public_classes("server", "imgcore", "models")
    sharing = sum(map(len, shared.values()))
    clauses = {
        package: [fault for path in docstrings.sources(package) for fault in docstrings.faults(path)]
        for package in PRODUCT
    }
    print(f"source files in server/: {len(list(sources('server')))}")
    print(f"lines in server/: {lines('server')}, of code: {code_lines('server')}")
    print(f"lines of composition.py: {lines('server/composition.py')}")
    print("largest folder: {} files in {}".format(*largest_folder()))
    print(f"handlers under another name than their messages: {renamed_domains() or 'none'}")
    named = max(touched().items(), key=lambda each: len(each[1]) * (each[0] != "Notify"))
    print(f"a function of the protocol is named in at most {len(named[1])} files ({named[0]})")
    for name, found in followed.items():
        print(f"{name}: {len(found.files)} files of server/ entered, {found.changes} changes of folder")
    print(f"public classes that share a name: {sharing} of {classes} ({100 * sharing / classes:.1f} %)")
    print(f"public classes that share a name in {', '.join(PICTURES)}: {len(shared_class_names(*PICTURES))}")
    counts = ", ".join(f"{package} {len(found)}" for package, found in clauses.items())
    print(f"docstrings that open with a noun clause: {counts}")
    print(f"files over {LONGEST} lines in server/, imgcore/: {long_files('server', 'imgcore') or 'none'}")
    if arguments:
        entered = (f"{name}: {file}" for name, found in followed.items() for file in sorted(found.files))
        print("\n".join([*entered, *map(str, shared.items()), *itertools.chain(*clauses.values())]))


if __name__ == "__main__":
    main(sys.argv[1:])
