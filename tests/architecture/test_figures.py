"""Figures that the architecture is held to; `measure` prints them."""

from __future__ import annotations

from tests.architecture.measure import (
    largest_folder,
    lines,
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
    """These bounds only fall: what is added makes room for itself."""
    assert len(list(sources("server"))) <= 450
    assert lines("server") <= 65_000
    assert lines("server/composition.py") <= 300
    assert largest_folder()[0] <= 24


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
