"""Figures that the architecture is held to; `measure` prints them."""

from __future__ import annotations

from tests.architecture.measure import long_files, shared_class_names, sources


def test_no_two_public_classes_have_one_name() -> None:
    assert shared_class_names("server", "imgcore", "models") == {}


def test_no_file_is_two_concepts() -> None:
    assert long_files("server", "imgcore") == []


def test_the_rooms_do_not_fill_up() -> None:
    """A new adapter or domain brings files; the bound is raised with it, in a commit that says so."""
    assert len(list(sources("server"))) <= 545
