"""The error table: both languages say the same, and no code is one that pages misread."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from string import Formatter

import pytest

from server.errors import GaopaiError, LocalizedText, table
from tests.architecture.measure import sources
from tests.architecture.tree import parsed

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


def spoken_once(tree: ast.AST) -> Iterator[str]:
    """Reasons of a device's error that are given in one language only."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("DeviceFailed"):
            for reason in (keyword.value for keyword in call.keywords if keyword.arg == "reason"):
                by_call = isinstance(reason, ast.Call) and ast.unparse(reason.func) in ("str", "os.strerror")
                if by_call or isinstance(reason, ast.Constant | ast.JoinedStr):
                    yield ast.unparse(reason)


def test_what_a_device_did_is_said_in_both_languages() -> None:
    said = {str(path): list(spoken_once(parsed(path))) for path in sources("server")}
    assert {path: reasons for path, reasons in said.items() if reasons} == {}


def test_a_reason_in_one_language_is_seen() -> None:
    assert list(spoken_once(ast.parse("raise errors.DeviceFailed(device=name, reason=str(exc))")))
    assert list(spoken_once(ast.parse("DeviceFailed(device=name, reason=f'{a} broke')")))
    assert not list(spoken_once(ast.parse("DeviceFailed(device=name, reason=exc.reason)")))
