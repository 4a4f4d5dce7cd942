"""What ``--help`` says, and what a shell completes."""

from __future__ import annotations

import argparse
import shlex
import subprocess

import pytest

from server.cli import COMMANDS, guidance, main, parsers
from server.cli.chinese import OPTIONS

TYPED = [name for name in COMMANDS if name in guidance.EXAMPLES]


def helped(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", TYPED)
def test_a_command_shows_two_lines_that_it_understands(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(guidance.EXAMPLES[name]) == 2
    parser = parsers()[name]
    said = helped(name, capsys)
    for line, _ in guidance.EXAMPLES[name]:
        assert line in said
        words = shlex.split(line.partition(" > ")[0])
        assert words[:2] == ["gaopai", name]
        parser.parse_args(words[2:])


def test_the_summaries_are_those_of_all_commands() -> None:
    assert set(guidance.SUMMARIES) - {""} == set(COMMANDS)


def test_help_is_chinese_where_the_terminal_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    said = helped("merge", capsys)
    for words in ("用法：", "选项", "把图片和 PDF 合成", "按此顺序", "显示此帮助"):
        assert words in said
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert "usage: " in helped("merge", capsys)


def said_by(parser: argparse.ArgumentParser) -> set[str | None]:
    """The headings and what each option says, of a parser and those below it."""
    said = {group.title for group in parser._action_groups} | {action.help for action in parser._actions}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            said |= {choice.help for choice in action._choices_actions}
            said |= {words for sub in action.choices.values() for words in said_by(sub)}
    return said - {None, argparse.SUPPRESS}


@pytest.mark.parametrize("name", COMMANDS)
def test_each_option_is_said_and_said_in_chinese(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options = [action for action in parsers()[name]._actions if action.option_strings]
    assert [action.option_strings[0] for action in options if not action.help] == []
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    english = {words for words in said_by(parsers()[name]) if words and words.isascii()}
    assert english == set()


def test_no_option_has_chinese_that_no_command_says() -> None:
    said = {words for parser in parsers().values() for words in said_by(parser)}
    assert set(OPTIONS) - said == set()


@pytest.mark.parametrize(
    ("words", "english", "chinese"),
    [
        (["merje", "a.jpg"], "did you mean merge?", "是否为 merge？"),
        (["enhance", "a", "-o", "b", "--image-type", "recipt"], "did you mean receipt?", "是否为 receipt？"),
        (["merge"], "arguments are required: FILE, -o/--output", "缺少参数：FILE, -o/--output"),
        (["merge", "a", "-o"], "-o/--output: expected one argument", "-o/--output 需要一个值"),
        (["merge", "a", "-o", "b", "--joyn"], "unrecognized arguments: --joyn", "不认识的参数：--joyn"),
    ],
)
def test_a_slip_is_told_in_both_languages_with_how_to_go_on(
    words: list[str],
    english: str,
    chinese: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for locale, told, more in (("C.UTF-8", english, "--help shows"), ("zh_CN.UTF-8", chinese, "--help 有")):
        monkeypatch.setenv("LC_ALL", locale)
        with pytest.raises(SystemExit) as ended:
            main(words)
        said = capsys.readouterr().err
        assert ended.value.code == 2
        assert told in said and more in said


def test_the_first_help_leads_from_photographs_to_one_pdf(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    assert said.index("gaopai enhance photos/ -o clean/") < said.index("gaopai merge clean/ -o case-17.pdf")


def test_a_default_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    said = " ".join(helped("enhance", capsys).split())
    assert "trusted (default: whole)" in said
    assert "default: 92 (default" not in said


COMPLETE = """eval "$1"; COMP_WORDS=("${@:2}"); COMP_CWORD=$(($# - 2)); _gaopai; echo "${COMPREPLY[@]}" """


def completed(*words: str) -> list[str]:
    """What bash would offer for the last of these words."""
    script = subprocess.run(
        ["bash", "-c", COMPLETE, "bash", bash_script(), *words],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return script.stdout.split()


def bash_script() -> str:
    from server.cli.completion import bash

    return bash(parsers())


def test_bash_completes_commands_options_and_choices() -> None:
    assert set(completed("gaopai", "en")) == {"enhance"}
    assert set(completed("gaopai", "enhance", "--de")) == {"--deskew"}
    assert set(completed("gaopai", "enhance", "--format", "p")) == {"pdf", "png"}
    assert {"compare", "live"} <= set(bash_script().split('face) words="')[1].split('"')[0].split())


def test_the_script_is_printed_for_both_shells(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    assert "complete -F _gaopai gaopai" in capsys.readouterr().out
    assert main(["completion", "zsh"]) == 0
    assert capsys.readouterr().out.startswith("#compdef gaopai")
