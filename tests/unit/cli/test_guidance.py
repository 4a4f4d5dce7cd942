"""What ``--help`` says, and what a shell completes."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from server.cli import COMMANDS, guidance, main, parsers

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
