"""Names that the architecture is held to, and the figures that `measure` prints, which no test bounds."""

from __future__ import annotations

from tests.architecture.measure import (
    lines_of_code,
    packed_assignments,
    pointing_docstrings,
    renamed_domains,
    shared_class_names,
    shared_constants,
)


def test_no_two_public_classes_have_one_name() -> None:
    assert shared_class_names("server", "imgcore", "models") == {}


def test_docstrings_comments_and_blanks_are_no_code() -> None:
    text = '"""Three\n\nlines."""\n\n# A comment.\nA = (\n    1,\n)\n"""A value."""\nB = """x\ny"""\n'
    assert lines_of_code(text) == 5


def test_a_domain_has_one_name() -> None:
    assert renamed_domains() == []


def test_packed_assignments_are_found() -> None:
    text = "A, B = 1, 2\nC = D = 0\nE, F = split()\nfirst, last = last, first\n"
    assert packed_assignments(text) == [1, 2]


def test_constants_without_a_sentence_of_their_own_are_found() -> None:
    text = '"""Module."""\n\nA = 1\n"""Pixels."""\nB = 2\nC, D = 3, 4\n"""Both of them."""\nname = "x"\n'
    assert shared_constants(text) == [5, 6, 6]


def test_docstrings_that_need_their_neighbour_are_found() -> None:
    text = 'A = 1\n"""Pixels."""\nB = 2\n"""The same of columns."""\n'
    assert pointing_docstrings(text) == [4]
