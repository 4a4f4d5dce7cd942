"""The error table: both languages say the same, and no code is one that pages misread."""

from __future__ import annotations

from string import Formatter

import pytest

from server.errors import GaopaiError, LocalizedText, table

ERRORS = pytest.mark.parametrize("error", table().values(), ids=lambda error: error.__name__)


def placeholders(template: str) -> set[str]:
    """The names that a template's values are put in by."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


@ERRORS
def test_both_languages_take_the_same_values(error: type[GaopaiError]) -> None:
    for text in (error.what, error.remedy):
        assert placeholders(text.zh) == placeholders(text.en)


@ERRORS
def test_both_languages_are_complete_sentences(error: type[GaopaiError]) -> None:
    for text in (error.what, error.remedy):
        assert text.zh.endswith("。")
        assert text.en.endswith(".")


@ERRORS
def test_codes_have_four_digits_and_none_is_taken_for_success(error: type[GaopaiError]) -> None:
    assert 1000 <= error.code <= 8999


def test_a_placeholder_in_one_language_only_is_seen() -> None:
    text = LocalizedText("没有 {device}。", "There is no {number}.")
    assert placeholders(text.zh) != placeholders(text.en)
