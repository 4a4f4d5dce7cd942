"""Docstrings say what a thing is or does: none opens with a noun clause ("What ...", "Whether ...")."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.docstrings import faults, noun_clauses, of_cython, of_python, sources

FOLDERS = ("server", "imgcore", "models", "synthetic", "lab", "benchmarks")


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_docstring_opens_with_a_noun_clause(folder: str) -> None:
    files = sources(folder)
    assert files
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
    assert [clause for _, text in of_python(ast.parse(source)) for clause in noun_clauses(text)] == found


def test_cython_is_read_too() -> None:
    source = 'cdef int a(int b) nogil:\n    """Whether it is so."""\n'
    assert list(of_cython(source)) == [(2, "Whether it is so.")]
