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

PRODUCT = ("server", "imgcore", "models", "synthetic", "lab", "benchmarks")
PICTURES = ("imgcore", "models", "benchmarks")
LONGEST = 5
"""Number of files that are named as the longest."""
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


def longest_files(*packages: str) -> list[tuple[int, str]]:
    """The longest files with their lines, longest first."""
    lengths = (
        (len(path.read_text(encoding="utf-8").splitlines()), shown(path)) for path in sources(*packages)
    )
    return sorted(lengths, reverse=True)[:LONGEST]


def packed_assignments(text: str) -> list[int]:
    """Return the lines of a module that assign to several names at once: ``A, B = 1, 2`` or ``A = B = 0``.

    An exchange (``a, b = b, a``) is none, for it cannot be written another way.
    """
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign):
            target = node.targets[0]
            packed = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
            if packed:
                names = {each.id for each in ast.walk(target) if isinstance(each, ast.Name)}
                values = {each.id for each in ast.walk(node.value) if isinstance(each, ast.Name)}
                packed = not names & values
            if packed or len(node.targets) > 1:
                found.append(node.lineno)
    return found


def shared_constants(text: str) -> list[int]:
    """Return the line of each numeric constant of a module without a docstring that is its own."""
    found = []
    body = ast.parse(text).body
    for node, follower in itertools.pairwise([*body, ast.Pass()]):
        if not isinstance(node, ast.Assign):
            continue
        constants = [
            each.id
            for target in node.targets
            for each in ast.walk(target)
            if isinstance(each, ast.Name) and each.id.lstrip("_").isupper()
        ]
        numbers = [each for each in ast.walk(node.value) if isinstance(each, ast.Constant)]
        numeric = any(isinstance(each.value, int | float) for each in numbers)
        told = isinstance(follower, ast.Expr) and isinstance(getattr(follower.value, "value", None), str)
        if numeric and (len(constants) > 1 or not told):
            found.extend([node.lineno] * len(constants))
    return found


def pointing_docstrings(text: str) -> list[int]:
    """Return the lines of docstrings that open with "The same" and so need the one before them."""
    strings = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Expr))
    return sorted(
        node.lineno
        for node in strings
        if isinstance(node.value, ast.Constant) and str(node.value.value).startswith("The same")
    )


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
    for package in ("server", "imgcore"):
        texts = [path.read_text(encoding="utf-8") for path in sources(package)]
        faults = {
            fault: sum(len(lines_of(text)) for text in texts)
            for fault, lines_of in (
                ("assignments of several names", packed_assignments),
                ("constants without a sentence of their own", shared_constants),
                ("docstrings that need their neighbour", pointing_docstrings),
            )
        }
        thousands = code_lines(package) / 1000
        for fault, count in faults.items():
            print(f"{fault} in {package}: {count}, {count / thousands:.1f} in 1,000 lines of code")
    print(f"longest files of server/, imgcore/: {longest_files('server', 'imgcore')}")
    if arguments:
        entered = (f"{name}: {file}" for name, found in followed.items() for file in sorted(found.files))
        print("\n".join([*entered, *map(str, shared.items()), *itertools.chain(*clauses.values())]))


if __name__ == "__main__":
    main(sys.argv[1:])
