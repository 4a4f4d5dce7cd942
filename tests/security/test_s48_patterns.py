"""S48: every regular expression costs a matcher steps in proportion to the text that it meets."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from imgcore.fields import labels, papers
from tests.architecture.tree import ROOT, shown
from tests.security.patterns import MOST_STEPS, hostile, steps

OURS = ("server", "imgcore", "models")
SEARCHES = frozenset({"search", "finditer", "findall", "sub", "subn", "split"})
FIELD_ROWS = "imgcore.fields.rows"
ROWS = frozenset({"search", "searches", "labelled", "_first", "_after"})
"""Functions that take rows, of `FIELD_ROWS`, and a pattern."""
FUNCTIONS = SEARCHES | {"compile", "match", "fullmatch"}
MADE_OF: dict[str, tuple[str, ...]] = {
    "atomic._sweep": (r"\.grants\.json\.([1-9]\d{0,6})",),
    "gs1._rules": (r"[0-9]{14}", r"[!-z]{1,20}", r"[0-9]{3}[!-z]{0,27}", r"[A-Z]{2}[0-9]{0,15}"),
    "forms._version": (r"loan@([0-9]{1,9})\.png",),
    "paths.highest": (r"scan\-(\d{1,15})\.jpg", r"scan(?:-(\d{1,15}))?\.jpg"),
    "invoice._labelled": (
        r"(?:^|\D)(?:[№]|N[oO0º°])[.]?[:：]?(\d{8}(?:\d{12})?)(?!\d)",
        r"开票日期[:：]?([12].{7,20})(?!\d)",
        "发票号码|票号码[:：]?$",
    ),
    "invoice._copies": (r"(?:N[oO0º°]|№)?[.:：]?(\d{8})",),
    "invoice_sums._total": (r"小写|[(（]小", "价税合计"),
    "business_licence._labelled": ("(?:^|\t)(?:名称|住所)[:：]?\t?([^\t]+)",),
    "foreigner_card._beside": (
        "国籍[/A-Za-z.]*[:：]?\t?([^\t/A-Z]{2,20})(?=\t|/|$|[A-Z])",
        "性别[/A-Za-z.]*[:：]?\t?([男女])(?=\t|/|$|[A-Z])",
    ),
    "resident_card.read_front": ("姓名",),
    "labels._is_labelled": (labels.ENGLISH, *(form.labels for form in papers._FORMS)),
    "papers._of_form": tuple(form.marks for form in papers._FORMS),
    "papers._field": tuple(papers._pattern(form, name) for form in papers._FORMS for name in form.fields),
    "papers._both": tuple(papers._PEOPLE.values()),
    # Their callers' patterns are found there.
    **dict.fromkeys(("invoice._first", "labels.labelled", "resident_card._after", "rows.searches"), ()),
}
"""Patterns made in functions, by module and function, with examples of what they come to."""
SIZE = 100
LINEAR = 3
"""Growth of the steps for twice the text, above which they are in no proportion to it; 4 is quadratic."""


class Use(NamedTuple):
    """Pattern, and whether it is looked for anywhere in a text."""

    place: str
    pattern: re.Pattern[Any]
    anywhere: bool


@cache
def uses() -> tuple[Use, ...]:
    """Return every pattern of the project; one that cannot be told is a failure."""
    files = [path for name in OURS for path in sorted((ROOT / name).rglob("*.py"))]
    read = {path: path.read_text(encoding="utf-8") for path in files if "training" not in path.parts}
    texts = {path: text for path, text in read.items() if "import re\n" in text or FIELD_ROWS in text}
    searched = {name for text in texts.values() for name in _searched(text)}
    return tuple(
        use
        for path, text in texts.items()
        for use in _uses_in(path, text, _searched(text) | {name for name in searched if name[0] != "_"})
    )


def _searched(text: str) -> set[str]:
    return set(re.findall(rf"\b(\w+)\.(?:{'|'.join(SEARCHES)})\(", text))


def _uses_in(path: Path, text: str, searched: set[str]) -> Iterator[Use]:
    tree = ast.parse(text)
    assigned = {
        id(node.value): node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    inside = {
        id(node): function.name
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        call = node.func if isinstance(node, ast.Call) else None
        if isinstance(call, ast.Attribute) and call.attr in FUNCTIONS and ast.unparse(call.value) == "re":
            assert isinstance(node, ast.Call)
            name = assigned.get(id(node))
            anywhere = name is None or name in searched if call.attr == "compile" else call.attr in SEARCHES
            for pattern in _patterns(path, node, inside.get(id(node), "")):
                yield Use(f"{shown(path)}: {pattern.pattern!r}", pattern, anywhere)
        elif (
            isinstance(node, ast.Call)
            and "imgcore.fields.rows" in text
            and getattr(node.func, "id", "") in ROWS
        ):
            yield from (
                Use(f"{shown(path)}: {one.pattern!r}", one, True)
                for one in _patterns(path, node, inside[id(node)], 1)
            )
        # A compiled pattern is a thing by itself: map(re.compile, ...) would hide what it is made of.
        elif isinstance(node, ast.Attribute) and _is_compile(node) and id(node) not in called:
            yield from (Use(f"{shown(path)}: {one.pattern!r}", one, True) for one in _constants(path))


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _is_compile(node: ast.Attribute) -> bool:
    return node.attr == "compile" and isinstance(node.value, ast.Name) and node.value.id == "re"


def _patterns(path: Path, call: ast.Call, function: str, at: int = 0) -> Iterator[re.Pattern[Any]]:
    flags = [ast.unparse(one.value) for one in call.keywords if one.arg == "flags"]
    flags += [ast.unparse(one) for one in call.args[at + 1 :] if "re." in ast.unparse(one)]
    expression = ast.unparse(call.args[at])
    module = vars(import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)))
    kept = eval(flags[0], module) if flags else 0
    examples = MADE_OF.get(f"{path.stem}.{function}")
    try:
        sources = (eval(expression, module),) if examples is None else examples
    except NameError:
        pytest.fail(f"{shown(path)}: name in MADE_OF what {expression} in {function} may be")
    yield from (re.compile(source, kept) for source in sources)


def _constants(path: Path) -> Iterator[re.Pattern[Any]]:
    module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    for value in vars(module).values():
        for each in value.values() if isinstance(value, dict) else [value]:
            for one in each if isinstance(each, tuple) else [each]:
                if isinstance(one, re.Pattern):
                    yield one


def worst(pattern: re.Pattern[Any], anywhere: bool) -> tuple[float, str]:
    """Return the largest growth of the steps when a hostile text is made twice as long, and that text."""
    found = (0.0, "")
    for short, long in zip(hostile(pattern, SIZE), hostile(pattern, 2 * SIZE), strict=True):
        many = steps(pattern, long, anywhere)
        if many > 20 * len(long):
            few = steps(pattern, short, anywhere)
            found = max(found, (many / few if few < MOST_STEPS else float("inf"), long))
        if found[0] > LINEAR:
            break
    return found


@pytest.mark.long
def test_the_steps_of_every_pattern_are_in_proportion_to_the_text() -> None:
    slow = {
        use.place: (round(growth, 1), text[:40])
        for use in dict.fromkeys(uses())
        if (found := worst(use.pattern, use.anywhere))
        and (growth := found[0]) > LINEAR
        and (text := found[1])
    }
    assert slow == {}


@pytest.mark.parametrize(
    "source",
    [
        r"\s*([A-Za-z][A-Za-z0-9]{0,63})\s*(?:\((.*)\))?[\s;]*",
        r"[0-9]+,?[0-9]+;",
        "(a+)+b",
        "(a|a)*b",
        r"(\w+\s?)*:",
    ],
)
def test_a_pattern_that_goes_back_is_noticed(source: str) -> None:
    assert worst(re.compile(source, re.DOTALL), False)[0] > LINEAR


@pytest.mark.parametrize("source", [r"[0-9]+,[0-9]+", '"[^"]*"', r"(?:[^\"\\]++|\\.)*+", r"\d{1,4}(?:,\d)*"])
def test_one_that_does_not_is_let_pass(source: str) -> None:
    assert worst(re.compile(source), False)[0] <= LINEAR
