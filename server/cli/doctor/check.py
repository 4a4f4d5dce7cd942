"""One thing that the service needs, and how it was found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from server.devices.access import NodeAccess
from server.errors import Language, LocalizedText

NOTHING = LocalizedText("", "")
PACKAGED = Path(__file__).is_relative_to("/usr/lib/gaopai")
"""Whether this is the distribution's package, whose libraries nobody installs one by one."""
REINSTALL = "sudo apt install --reinstall ./gaopai_*.deb"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the service needs.

    Attributes
    ----------
    reason
        What was found.
    remedy
        What to type; empty when all is well.
    optional
        Whether the service runs without it, and only lacks what it is for.
    """

    name: str
    ok: bool
    reason: LocalizedText
    remedy: LocalizedText = NOTHING
    optional: bool = False

    def as_json(self) -> dict[str, object]:
        """For programs: English first, as ever, and Chinese below a key of its own."""
        return {
            "name": self.name,
            "ok": self.ok,
            "reason": self.reason.en,
            "remedy": self.remedy.en,
            "optional": self.optional,
            "zh": {"reason": self.reason.zh, "remedy": self.remedy.zh},
        }

    def lines(self, language: Language) -> str:
        """For people."""
        mark = _MARKS[language][0 if self.ok else 1 if self.optional else 2]
        # As they stand: a rule for polkit holds braces.
        reason, remedy = (text.zh if language == "zh" else text.en for text in (self.reason, self.remedy))
        line = f"{mark} {self.name}: {reason}"
        return f"{line}\n        -> {remedy}" if remedy else line


_MARKS: dict[Language, tuple[str, str, str]] = {
    "en": ("ok     ", "without", "MISSING"),
    "zh": ("正常   ", "未启用 ", "缺少   "),
}


def of_node(node: NodeAccess, optional: bool = False) -> Check:
    """What was found of a device's node."""
    return Check(node.path, node.ok, node.reason, node.remedy, optional)


def same(words: str) -> LocalizedText:
    """What reads alike in both languages: a version, a path, a command."""
    return LocalizedText(words, words)


def type_this(command: str) -> LocalizedText:
    """A remedy that is a command and nothing else."""
    return same(command)


def library(pip: str, apt: str = "") -> LocalizedText:
    """What to type where a library of Python is missing.

    Parameters
    ----------
    pip
        The library's name there.
    apt
        The distribution's packages that it needs.
    """
    if PACKAGED:
        return type_this(REINSTALL)
    return type_this(f"sudo apt install {apt} && pip install {pip}" if apt else f"pip install {pip}")
