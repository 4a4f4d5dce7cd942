"""Steps that a package's scripts take on a machine, for a program that came without a package."""

from __future__ import annotations

import grp
import os
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from server.cli import install
from server.errors import LocalizedText

RULES = "69-gaopai.rules"
RULE_FOLDERS = ("etc/udev/rules.d", "run/udev/rules.d", "usr/lib/udev/rules.d", "lib/udev/rules.d")
CONFIGURATION = "gaopai.toml"
GROUP = "scanner"
"""The one group that the rules name and not every distribution has."""

Command = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MachineStep:
    """Change of the machine, as commands.

    Attributes
    ----------
    root
        True if it takes root's rights.
    """

    what: LocalizedText
    why: LocalizedText
    commands: tuple[Command, ...]
    root: bool = True

    def typed(self, by_root: bool) -> str:
        """Return what to type in a terminal."""
        sudo: Command = ("sudo",) if self.root and not by_root else ()
        return " && ".join(shlex.join((*sudo, *command)) for command in self.commands)


def carried(name: str) -> Path:
    """Return a file of the system that the program brings."""
    return Path(str(files("server.cli") / name))


def to_take(root: Path = Path("/")) -> Iterator[MachineStep]:
    """Return the steps that were not taken yet, for the account that asks."""
    rules = root / RULE_FOLDERS[0] / RULES
    if not any((root / folder / RULES).exists() for folder in RULE_FOLDERS):
        yield MachineStep(_RULES, _SEAT, install_rules(root))
    elif rules.exists() and rules.read_bytes() != carried(RULES).read_bytes():
        yield MachineStep(_RULES, _OTHER_RULES, install_rules(root))
    if not _has_group(GROUP):
        yield MachineStep(_GROUP, _SCANNERS, (("groupadd", "--system", "--force", GROUP),))
    yield from _service(root)


def to_undo(root: Path = Path("/")) -> Iterator[MachineStep]:
    """Return the steps that take out what `to_take` put in, and leave what somebody else wrote."""
    own = install.own().unit
    all_accounts = install.everybody().unit
    if install.is_ours(own) and os.geteuid() != 0:
        yield MachineStep(_OWN_SERVICE, _STOPPED, (_install("--user", "--remove"),), root=False)
    if install.is_ours(all_accounts):
        yield MachineStep(_ALL_SERVICES, _STOPPED, (_install("--all-users", "--remove"),))
    configuration = _configuration(root)
    if configuration.exists() and configuration.read_bytes() == carried(CONFIGURATION).read_bytes():
        remove = (
            ("rm", str(configuration)),
            ("rmdir", "--ignore-fail-on-non-empty", str(configuration.parent)),
        )
        yield MachineStep(_CONFIGURATION, _UNCHANGED, remove)
    rules = root / RULE_FOLDERS[0] / RULES
    if rules.exists():
        yield MachineStep(_RULES, _CLOSED, (("rm", str(rules)), *_reload(root)))


def install_rules(root: Path = Path("/")) -> tuple[Command, ...]:
    """Return the commands that install the rules for udev."""
    target = root / RULE_FOLDERS[0] / RULES
    return (("install", "-D", "-m", "644", str(carried(RULES)), str(target)), *_reload(root))


def _reload(root: Path) -> tuple[Command, ...]:
    # Without a running udev (a chroot, an image being made) there is nothing to tell.
    if not (root / "run/udev").is_dir() or shutil.which("udevadm", path=_PATH) is None:
        return ()
    return ("udevadm", "control", "--reload"), (
        "udevadm",
        "trigger",
        "--subsystem-match=usb",
        "--action=change",
    )


def _service(root: Path) -> Iterator[MachineStep]:
    """Return the steps to a service: for every account where all may trust the program, else for this one."""
    if install.PACKAGED.exists():
        return
    if install.is_roots():
        configuration = _configuration(root)
        if not configuration.exists():
            copy = ("install", "-D", "-m", "644", str(carried(CONFIGURATION)), str(configuration))
            yield MachineStep(_CONFIGURATION, _ORIGINS, (copy,))
        if not install.starts_this(install.everybody().unit):
            command = _install("--all-users", "--config", str(configuration))
            yield MachineStep(_ALL_SERVICES, _LOG_IN, (command,))
    elif os.geteuid() != 0 and not install.starts_this(install.own().unit):
        yield MachineStep(_OWN_SERVICE, _LOG_IN, (_install("--user"),), root=False)


def _install(*words: str) -> Command:
    return *install.program(), "install", *words


def _configuration(root: Path) -> Path:
    return root / "etc/gaopai" / CONFIGURATION


def _has_group(name: str) -> bool:
    try:
        grp.getgrnam(name)
    except KeyError:
        return False
    return True


_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
"""Programs for root, which the path of an ordinary account may not have."""
_RULES = LocalizedText("设备的 udev 规则", "rules for devices (udev)")
_SEAT = LocalizedText(
    "坐在电脑前的用户即可使用摄像头、扫描仪、阅读器和指纹仪",
    "who sits at the machine may then use its cameras, scanners, readers and sensors",
)
_OTHER_RULES = LocalizedText(
    "现有的规则属于另一版本或被修改过，将被替换",
    "those that are there are of another version, or were changed; they are replaced",
)
_CLOSED = LocalizedText("设备又只对用户组开放", "devices are then open to groups alone, as before")
_GROUP = LocalizedText(f"用户组 {GROUP}", f"the group {GROUP}")
_SCANNERS = LocalizedText(
    "规则把扫描仪交给它，用于远程会话；撤销时保留",
    "the rules give it scanners, for sessions from afar; it stays where the rest is undone",
)
_CONFIGURATION = LocalizedText("配置文件", "the configuration")
_ORIGINS = LocalizedText("在其中列出允许连接的网页", "in it you list the pages that may connect")
_UNCHANGED = LocalizedText("没有被修改过", "nobody changed it")
_OWN_SERVICE = LocalizedText("本账户的服务", "a service of this account")
_ALL_SERVICES = LocalizedText("每个账户的服务", "a service of every account")
_LOG_IN = LocalizedText(
    "登录时启动，现在也启动；程序须留在原处",
    "it starts with each log-in, and now; the program has to stay where it is",
)
_STOPPED = LocalizedText("停止，登录时不再启动", "it is stopped, and starts with no log-in any more")
