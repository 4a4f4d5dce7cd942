"""The ledger: what a figure depends on, what is stale, and a page that says so."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.ledger import page, sections
from benchmarks.ledger.looks import MOST, HalfUsedUp, count_look, looks
from benchmarks.ledger.rows import (
    Best,
    Provenance,
    Row,
    read_outcomes,
    read_rows,
    with_best,
    write_outcomes,
    write_rows,
)
from benchmarks.ledger.sections import Table, parse, read_sections, write_sections
from benchmarks.ledger.sources import closure, sources_hash

HERE = Provenance("gate desks/shared", "12345678", "2026-12-02", "abc", "2 x A", 0.5, 10.0)
ROW = Row(
    probe="desks/shared",
    figure="single: IoU",
    value=0.9,
    noise=0.01,
    pictures=70,
    better="higher",
    goal=0.93,
    unit="",
    best=Best(0.9, "12345678", "2026-12-02"),
    accepted="",
    provenance=HERE,
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository of one benchmark, one stage with a kernel, and weights."""
    files = {
        "benchmarks/__init__.py": "",
        "benchmarks/stage.py": "from imgcore.stage import run\n",
        "imgcore/__init__.py": "",
        "imgcore/judge/__init__.py": "",
        "imgcore/judge/weights.py": "",
        "imgcore/judge/weights.npz": "weights",
        "imgcore/stage.py": (
            "import imgcore.judge.weights\ndef run():\n    from imgcore.kernels import fold\n"
        ),
        "imgcore/other.py": "",
        "imgcore/kernels/__init__.py": "",
        "imgcore/kernels/fold.py": "",
        "imgcore/kernels/_fold.pyx": "",
        "models/own/net.npz": "weights",
        "models/own/else.npz": "weights",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_sources_are_what_is_imported_with_kernels_and_weights(repository: Path) -> None:
    found = {str(path.relative_to(repository)) for path in closure("benchmarks.stage", repository)}
    assert found == {
        "benchmarks/stage.py",
        "imgcore/__init__.py",
        "imgcore/stage.py",
        "imgcore/judge/__init__.py",
        "imgcore/judge/weights.py",
        "imgcore/judge/weights.npz",
        "imgcore/kernels/__init__.py",
        "imgcore/kernels/fold.py",
        "imgcore/kernels/_fold.pyx",
    }


@pytest.mark.parametrize(
    ("changed", "is_stale"),
    [
        ("imgcore/stage.py", True),
        ("imgcore/kernels/_fold.pyx", True),
        ("imgcore/judge/weights.npz", True),
        ("models/own/net.npz", True),
        ("models/own/else.npz", False),
        ("imgcore/other.py", False),
    ],
)
def test_a_hash_changes_with_its_sources_alone(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, changed: str, is_stale: bool
) -> None:
    before = sources_hash(["benchmarks.stage"], ["net.*"], repository)
    # Contents are read once a process: the change is seen in another folder.
    copy = tmp_path_factory.mktemp("copy") / "repository"
    shutil.copytree(repository, copy)
    with (copy / changed).open("a") as file:
        file.write("CHANGED = 1\n")
    assert (sources_hash(["benchmarks.stage"], ["net.*"], copy) != before) is is_stale


def test_words_are_no_code(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    before = sources_hash(["benchmarks.stage"], (), repository)
    copy = tmp_path_factory.mktemp("copy") / "repository"
    shutil.copytree(repository, copy)
    with (copy / "imgcore/stage.py").open("a") as file:
        file.write('# A comment.\n"""A text."""\n')
    assert sources_hash(["benchmarks.stage"], (), copy) == before


def test_a_module_that_is_not_there_is_no_source(repository: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"benchmarks\.missing"):
        sources_hash(["benchmarks.missing"], (), repository)


def test_rows_and_outcomes_come_back(tmp_path: Path) -> None:
    write_rows([ROW, replace(ROW, figure="several")], tmp_path)
    assert read_rows(tmp_path) == [ROW, replace(ROW, figure="several")]
    write_outcomes("desks/shared", {"single: IoU": {"a.jpg": 0.5, "b.jpg": float("nan")}}, tmp_path)
    kept = read_outcomes("desks/shared", tmp_path)["single: IoU"]
    assert kept["a.jpg"] == 0.5
    assert kept["b.jpg"] != kept["b.jpg"]
    assert read_outcomes("desks/open", tmp_path) == {}


def test_the_best_value_is_remembered(tmp_path: Path) -> None:
    lower = replace(ROW, value=0.8, best=Best(0.8, "2", "2026-12-03"))
    after = with_best(lower, ROW)
    assert after.best == ROW.best
    assert after.below_best
    assert not with_best(replace(ROW, value=0.95, best=Best(0.95, "3", "d")), ROW).below_best


def test_a_row_on_the_wrong_side_of_its_goal_is_missed() -> None:
    assert ROW.missed
    assert not replace(ROW, value=0.94).missed
    assert replace(ROW, better="lower", goal=0.0, value=0.1).missed
    assert not replace(ROW, goal=None).missed


def test_sections_come_back_with_their_tables(tmp_path: Path) -> None:
    body = "A text.\n\n| a | b |\n| --- | ---: |\n| one | 1 |\n| two | 2 |\n\nAnd another."
    section = parse("outline", "Outlines", body, HERE)
    assert section.parts == ("A text.", Table(("a", "b"), (("one", "1"), ("two", "2"))), "And another.")
    write_sections({"outline": section}, tmp_path)
    assert read_sections(tmp_path) == {"outline": section}
    lines = [json.loads(line) for line in (tmp_path / sections.SECTIONS).read_text().splitlines()]
    assert {"section": "outline", "cells": ["two", "2"]} in lines


def test_a_kept_half_is_used_up_by_looking(tmp_path: Path) -> None:
    assert [count_look("kept9", tmp_path) for _ in range(MOST)] == [1, 2, 3]
    with pytest.raises(HalfUsedUp, match="kept9"):
        count_look("kept9", tmp_path)
    assert looks(tmp_path) == {"kept9": MOST}


def test_a_stale_row_is_marked_and_is_no_goal(tmp_path: Path) -> None:
    write_rows([replace(ROW, provenance=replace(HERE, sources="of another day"))], tmp_path)
    text = page.render(tmp_path)
    assert "**stale**" in text
    goals = text.partition("## Finding the document")[0]
    assert "single: IoU" not in goals
    assert "desks/shared" in page.stale_names(tmp_path)


def test_the_page_is_what_the_ledger_says_today() -> None:
    told = page.PAGE.read_text(encoding="utf-8")
    assert told == page.render(), "figures went stale or were measured: script/bench page renders the page"


@pytest.mark.parametrize("path", page.FEATURES, ids=lambda path: path.name)
def test_what_is_missed_is_told_to_those_who_choose(path: Path) -> None:
    assert page.missed() in path.read_text(encoding="utf-8"), "script/bench page writes it anew"
