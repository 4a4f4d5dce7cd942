"""Check of one requirement of the service, and texts for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from server.devices.access import NodeAccess
from server.errors import Language, LocalizedText
from server.telemetry.printable import printable

NOTHING = LocalizedText("", "")
PACKAGED = Path(__file__).is_relative_to("/usr/lib/gaopai")
"""True in the distribution's package, whose libraries are not installed one by one."""
REINSTALL = "sudo apt install --reinstall ./gaopai_*.deb"


@dataclass(frozen=True, slots=True)
class Check:
    """Result of checking one requirement.

    Attributes
    ----------
    reason
        Finding.
    remedy
        Command or instruction; empty if the check succeeded.
    optional
        True if the service runs without it, lacking one function only.
    """

    name: str
    ok: bool
    reason: LocalizedText
    remedy: LocalizedText = NOTHING
    optional: bool = False

    @property
    def command(self) -> str:
        """The command in the remedy, as a shell takes it; empty where the remedy is advice alone."""
        if self.remedy.zh == self.remedy.en:
            return self.remedy.en
        found = _COMMAND.search(self.remedy.en)
        return found[1] if found else ""

    def as_json(self) -> dict[str, object]:
        """Return the check for JSON: in English, with Chinese under the key ``zh``."""
        return {
            "name": self.name,
            "ok": self.ok,
            "reason": self.reason.en,
            "remedy": self.remedy.en,
            "command": self.command,
            "optional": self.optional,
            "zh": {"name": self.title("zh"), "reason": self.reason.zh, "remedy": self.remedy.zh},
        }

    def title(self, language: Language) -> str:
        """Return the name of what is checked; those of programs and files are the same everywhere."""
        if language == "en":
            return self.name
        kind, _, model = self.name.partition(" ")
        return f"扫描仪 {model}" if kind == "scanner" else _CHINESE.get(self.name, self.name)

    def lines(self, language: Language) -> str:
        """Return the check as lines for a terminal."""
        mark = _MARKS[language][0 if self.ok else 1 if self.optional else 2]
        # Not formatted, as a rule for polkit has braces.
        reason, remedy = (text.zh if language == "zh" else text.en for text in (self.reason, self.remedy))
        line = f"{mark} {printable(self.title(language))}: {printable(reason)}"
        return f"{line}\n        -> {remedy}" if remedy else line


_COMMAND = re.compile(r"\brun: ([^,;]+)")
"""The name of a command in a remedy that is prose."""

_MARKS: dict[Language, tuple[str, str, str]] = {
    "en": ("ok     ", "without", "MISSING"),
    "zh": ("正常   ", "未启用 ", "缺少   "),
}


_CHINESE = {
    "kernels": "图像内核",
    "configuration": "配置",
    "time": "时间",
    "storage": "存储",
    "port": "端口",
    "sharing": "共享",
    "open files": "打开的文件数",
    "service": "服务",
    "background work": "后台工作",
    "event loop": "事件循环",
    "audit trail": "审计记录",
    "users": "其他用户",
    "token": "令牌",
    "certificate": "证书",
    "desktop": "桌面提示",
    "confinement": "进程限制",
    "udev rules": "udev 规则",
    "cameras": "摄像头",
    "scanners": "扫描仪",
    "buttons": "按键",
    "face comparison": "人脸比对",
    "face liveness": "活体检测",
    "text": "文字识别",
}


def of_node(node: NodeAccess, optional: bool = False) -> Check:
    """Return the check of a device's node."""
    return Check(node.path, node.ok, node.reason, node.remedy, optional)


def same(words: str) -> LocalizedText:
    """Return a text that is the same in both languages: a version, a path, a command."""
    return LocalizedText(words, words)


def type_this(command: str) -> LocalizedText:
    """Return a remedy that is a command and nothing else."""
    return same(command)


def library(pip: str, apt: str = "") -> LocalizedText:
    """Return the remedy for a missing Python library.

    Parameters
    ----------
    pip
        Name of the library for pip.
    apt
        Packages of the distribution that it needs.
    """
    if PACKAGED:
        return type_this(REINSTALL)
    return type_this(f"sudo apt install {apt} && pip install {pip}" if apt else f"pip install {pip}")
