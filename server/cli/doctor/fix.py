"""``gaopai doctor --fix`` and ``--undo``: steps that are listed, agreed to, and taken."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from server.children.program import Program, environment
from server.cli.doctor.steps import Command, MachineStep
from server.errors import Language, LocalizedText
from server.telemetry.printable import printable

SECONDS = 240.0
"""Time limit for one command, in seconds; the slowest start services."""
YES = ("y", "yes", "是")
NOTHING = LocalizedText("没有需要做的", "there is nothing to do")
BY_ROOT = LocalizedText("需要 root，请执行", "needs root; type")
COMMAND = LocalizedText("执行", "runs")
QUESTION = LocalizedText("要执行以上步骤吗？[y/N] ", "Take these steps? [y/N] ")
DECLINED = LocalizedText(
    "没有改动任何东西；--yes 不再询问", "nothing was changed; --yes does without the question"
)
DONE = LocalizedText("完成", "done")
FAILED = LocalizedText("失败", "FAILED")


def carry_out(steps: Sequence[MachineStep], language: Language, agreed: bool) -> bool:
    """List the steps, and take those that this account may if it agrees; return whether all were taken.

    Parameters
    ----------
    agreed
        True to ask nothing.
    """
    if not steps:
        print(NOTHING.fill(language, {}))
        return True
    mine = [step for step in steps if not step.root or os.geteuid() == 0]
    for step in steps:
        print(_listed(step, language, step in mine))
    if not mine:
        return False
    if not agreed and not _agrees(language):
        print(DECLINED.fill(language, {}))
        return False
    # A step may need the one before: after one that failed none is taken.
    return all(_take(step, language) for step in mine) and len(mine) == len(steps)


def _agrees(language: Language) -> bool:
    print(QUESTION.fill(language, {}), end="", flush=True)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        print()
    return answer.strip().lower() in YES


def _listed(step: MachineStep, language: Language, mine: bool) -> str:
    how = (COMMAND if mine else BY_ROOT).fill(language, {})
    return (
        f"- {step.what.fill(language, {})}: {step.why.fill(language, {})}\n        {how}: {step.typed(mine)}"
    )


def _take(step: MachineStep, language: Language) -> bool:
    failure = next(filter(None, map(_failure, step.commands)), "")
    state = (FAILED if failure else DONE).fill(language, {})
    print(f"{step.what.fill(language, {})}: {state}{f' ({printable(failure)})' if failure else ''}")
    return not failure


def _failure(command: Command) -> str:
    """Run a command; return why it failed, or nothing."""
    variables = environment("HOME", "XDG_*", "DBUS_SESSION_BUS_ADDRESS")
    try:
        ended = Program(command, variables).run(SECONDS)
    except TimeoutError:
        return f"{Path(command[0]).name}: {SECONDS:g} s"
    except OSError as exc:
        return f"{command[0]}: {exc.strerror}"
    if ended.code == 0:
        return ""
    said = (ended.errors or ended.output).decode(errors="replace").strip()
    return said.splitlines()[-1] if said else f"{Path(command[0]).name}: {ended.code}"
