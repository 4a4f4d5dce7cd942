"""Figures that the architecture is held to; `measure` prints them."""

from __future__ import annotations

from tests.architecture.measure import (
    code_lines,
    largest_folder,
    lines,
    lines_of_code,
    long_files,
    renamed_domains,
    shared_class_names,
    sources,
    touched,
)


def test_no_two_public_classes_have_one_name() -> None:
    assert shared_class_names("server", "imgcore", "models") == {}


def test_no_file_is_two_concepts() -> None:
    assert long_files("server", "imgcore") == []


def test_the_house_grows_no_further() -> None:
    """These bounds only fall: what is added makes room for itself.

    Lines are those of code: a bound on all of them was paid with docstrings.
    """
    assert len(list(sources("server"))) <= 405
    assert code_lines("server") <= 43_599
    assert lines("server/composition.py") <= 180
    assert largest_folder()[0] <= 23


def test_docstrings_comments_and_blanks_are_no_code() -> None:
    text = '"""Three\n\nlines."""\n\n# A comment.\nA = (\n    1,\n)\n"""A value."""\nB = """x\ny"""\n'
    assert lines_of_code(text) == 5


def test_a_domain_has_one_name() -> None:
    assert renamed_domains() == []


def test_a_function_of_the_protocol_lives_in_few_places() -> None:
    """All but the notice that everything sends, in which the name is that of the message."""
    spread = {
        name: (len(files), len({path.parent for path in files}))
        for name, files in touched().items()
        if name != "Notify"
    }
    assert {name: far for name, far in spread.items() if far[0] > 8 or far[1] > 4} == {}
    assert sum(far[0] > 3 for far in spread.values()) <= 5
