"""``gaopai completion``: scripts with which a shell completes commands, options and their choices."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

SUMMARY = "Print a script with which bash or zsh completes the commands."

_BASH = """\
# Completion of gaopai in bash: gaopai completion bash > ~/.local/share/bash-completion/completions/gaopai
_gaopai() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words=""
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "{commands}" -- "$word"))
        return
    fi
    case "${{COMP_WORDS[1]}} $before" in
{choices}
    esac
    if [ -z "$words" ]; then
        case "${{COMP_WORDS[1]}}" in
{options}
        esac
        case "$word" in
            -*) ;;
            *) words="" ;;
        esac
    fi
    if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$word"))
    else COMPREPLY=($(compgen -f -- "$word")); compopt -o filenames 2>/dev/null
    fi
}}
complete -F _gaopai gaopai
"""
_ZSH = """\
#compdef gaopai
# Completion of gaopai in zsh, by that of bash: gaopai completion zsh > "${{fpath[1]}}/_gaopai"
autoload -Uz bashcompinit && bashcompinit
{bash}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("shell", choices=("bash", "zsh"))


def run(arguments: argparse.Namespace) -> int:
    """Print the script."""
    from server.cli import parsers  # noqa: PLC0415 - of which this command is one

    script = bash(parsers())
    print(_ZSH.format(bash=script) if arguments.shell == "zsh" else script, end="")
    return 0


def bash(parsers: Mapping[str, argparse.ArgumentParser]) -> str:
    """Return the script for bash, of the parser of each command."""
    options = [_case(name, " ".join(_options(parser))) for name, parser in parsers.items()]
    choices = [
        _case(f"'{name} {option}'", " ".join(map(str, action.choices or ())))
        for name, parser in parsers.items()
        for action in _actions(parser)
        for option in action.option_strings
        if action.choices
    ]
    return _BASH.format(
        commands=" ".join(parsers), options="\n".join(options), choices="\n".join(choices) or "        *) ;;"
    )


def _case(pattern: str, words: str) -> str:
    return f'        {pattern}) words="{words}" ;;'


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments of a parser and of the commands below it."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _actions(below)


def _options(parser: argparse.ArgumentParser) -> list[str]:
    """Return what may stand behind a command: options, and the commands below it."""
    words: dict[str, None] = {}
    for action in _actions(parser):
        below = action.choices if isinstance(action, argparse._SubParsersAction) else ()
        words.update(dict.fromkeys((*below, *action.option_strings)))
    return list(words)
