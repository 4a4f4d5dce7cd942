"""``gaopai install``: the service of this account, or of every account, without a package."""

from __future__ import annotations

import argparse
import os
import pwd
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import server
from server import config as configuration
from server.children.program import Program, environment
from server.config import ConfigError
from server.storage.atomic import write_private
from server.storage.private_file import is_trusted
from server.telemetry.printable import printable

SUMMARY = "Start the service whenever accounts log in, from where the program lies now."
UNIT = "gaopai.service"
MARK = "# Written by: gaopai install"
"""Beginning of a unit that this command may replace and remove."""
PACKAGED = Path("/usr/lib/systemd/user") / UNIT
EVERYBODY = Path("/etc/systemd/user") / UNIT
SESSIONS = Path("/run/user")
SECONDS = 90.0
"""Time limit for systemd, in seconds, which waits until the service serves."""


class InstallFailed(Exception):
    """The service cannot be installed or removed; the text says why, and what helps."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Scope:
    """Accounts that have the service: one, or all that log in.

    Attributes
    ----------
    manager
        Option of systemctl for them.
    """

    unit: Path
    manager: str
    mode: int


def own() -> Scope:
    """Return the scope of this account."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Scope(Path(home) / "systemd/user" / UNIT, "--user", 0o600)


def everybody() -> Scope:
    """Return the scope of all accounts, which is for root."""
    return Scope(EVERYBODY, "--global", 0o644)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--user", action="store_true", help="for this account")
    whose.add_argument("--all-users", action="store_true", help="for every account that logs in; for root")
    parser.add_argument("--remove", action="store_true", help="stop it, and take it out again")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration in TOML")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return 1 on failure, 2 for an invalid configuration."""
    scope = everybody() if arguments.all_users else own()
    if arguments.all_users and os.geteuid() != 0:
        raise ConfigError("--all-users is for root")
    if arguments.remove:
        _remove(scope)
    else:
        _install(scope, arguments.config)
    return 0


def program() -> list[str]:
    """Return the words that start this program from anywhere."""
    prefix = Path(sys.prefix)
    # A folder with a Python of its own has a command that finds the system's certificates, too.
    if (prefix / "lib/gaopai.py").exists():
        return [str(prefix / "bin/gaopai")]
    return [sys.executable, "-I", "-m", "server"]


def typed() -> list[str]:
    """Return the words that a person types for this program, in a shell of any folder."""
    command = shutil.which("gaopai")
    beside = Path(sys.executable).with_name("gaopai")
    if command is not None and Path(command).resolve() == beside.resolve():
        return ["gaopai"]
    return [str(beside)] if beside.exists() else program()


def starts_this(unit: Path) -> bool:
    """Return whether a unit is there that starts this very program."""
    try:
        return f"\nExecStart={_command('serve')}" in unit.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def is_ours(unit: Path) -> bool:
    """Return whether a unit is there that this command wrote."""
    try:
        return unit.read_text(encoding="utf-8", errors="replace").startswith(MARK)
    except OSError:
        return False


def is_roots() -> bool:
    """Return whether nobody but root can exchange this program, which all accounts would run."""
    parts = (Path(sys.prefix), Path(sys.executable), Path(server.__file__).parent)
    return all(is_trusted(part.resolve(), ()) for part in parts)


def unit(config: Path | None) -> str:
    """Return the unit of the package, for the program that runs now.

    Parameters
    ----------
    config
        The configuration it is started with; the service's defaults without one.
    """
    start = f"ExecStart={_command('serve', *(('--config', str(config)) if config else ()))}"
    packaged = (files("server.cli") / UNIT).read_text(encoding="utf-8")
    # A function, because a path may hold what a replacement would read as a reference to a group.
    return f"{MARK}\n{re.sub('^ExecStart=.*$', lambda _: start, packaged, flags=re.MULTILINE)}"


def _own_or_roots(scope: Scope, config: Path) -> Path:
    """Return the whole path of a configuration; of every account's service, one that is root's alone."""
    if scope.manager != "--global" or not config.exists():
        return config.absolute()
    # The file itself is judged: a link on the way may be another's.
    real = config.resolve()
    if not is_trusted(real, ()):
        raise InstallFailed(
            f"{config}: others than root can change it, or a folder above it, and every account's service "
            "would follow; lay it below /etc first"
        )
    return real


def _command(*words: str) -> str:
    return " ".join(map(quoted, (*program(), *words)))


def quoted(word: str) -> str:
    """Return a word as systemd reads it from a command line; see systemd.service(5)."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return escaped if re.fullmatch(r"[\w./%$+:=-]+", escaped) else f'"{escaped}"'


def _install(scope: Scope, config: Path | None) -> None:
    _refuse_second(scope)
    if config is not None:
        config = _own_or_roots(scope, config)
        configuration.load(config)
    _refuse_foreign(scope.unit)
    try:
        scope.unit.parent.mkdir(parents=True, exist_ok=True)
        write_private(scope.unit, unit(config).encode(), scope.mode)
    except OSError as exc:
        raise InstallFailed(f"{scope.unit}: cannot be written ({exc.strerror})") from exc
    print(f"wrote {scope.unit}")
    if scope.manager == "--global":
        _systemctl("--global", "enable", UNIT)
        _in_sessions(("daemon-reload",), ("restart", UNIT))
    else:
        _systemctl("--user", "daemon-reload")
        _systemctl("--user", "enable", UNIT)
        _systemctl("--user", "restart", UNIT)
    print("it starts whenever an account logs in; gaopai doctor --fix does what devices need")


def _remove(scope: Scope) -> None:
    if not scope.unit.exists():
        print(f"nothing to remove: {scope.unit} does not exist")
        return
    _refuse_foreign(scope.unit)
    if scope.manager == "--global":
        _systemctl("--global", "disable", UNIT)
        _in_sessions(("stop", UNIT))
        scope.unit.unlink(missing_ok=True)
        _in_sessions(("daemon-reload",))
    else:
        _systemctl("--user", "disable", "--now", UNIT)
        scope.unit.unlink(missing_ok=True)
        _systemctl("--user", "daemon-reload")
    print(f"removed {scope.unit}")


def _refuse_second(scope: Scope) -> None:
    for other in {PACKAGED, EVERYBODY} - {scope.unit}:
        if other.exists():
            raise InstallFailed(f"the service of every account is installed already: {other}")
    if scope.manager == "--global" and not is_roots():
        raise InstallFailed(
            f"others than root can change {sys.prefix}, or a folder above it; lay it below /opt first"
        )


def _refuse_foreign(path: Path) -> None:
    if path.exists() and not is_ours(path):
        raise InstallFailed(f"{path} was written by somebody else; move it away first")


def _systemctl(*words: str) -> None:
    command = ("systemctl", *words)
    try:
        ended = Program(command, environment("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")).run(SECONDS)
    except FileNotFoundError:
        raise InstallFailed("systemctl is not installed; start the service by hand: gaopai serve") from None
    except TimeoutError:
        raise InstallFailed(f"{' '.join(command)}: no answer in {SECONDS:g} seconds") from None
    if ended.code != 0:
        lines = ended.errors.decode(errors="replace").strip().splitlines() or [f"exit {ended.code}"]
        raise InstallFailed(
            f"{' '.join(command)}: {printable(lines[0])}; journalctl --user -u {UNIT} tells more"
        )


def _in_sessions(*commands: tuple[str, ...]) -> None:
    """Give commands to the service manager of each account that is logged in, with its rights alone."""
    for account, runtime in _sessions():
        rights = (f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--init-groups", "--no-new-privs")
        for words in commands:
            command = ("setpriv", *rights, "systemctl", "--user", *words)
            try:
                done = Program(command, environment(XDG_RUNTIME_DIR=str(runtime))).run(SECONDS).code == 0
            except (OSError, TimeoutError):
                done = False
            if not done:
                print(f"{account.pw_name}: only with its next log-in: systemctl --user {' '.join(words)}")
                break


def _sessions() -> Iterator[tuple[pwd.struct_passwd, Path]]:
    for runtime in sorted(SESSIONS.glob("[0-9]*")):
        # Root's manager does not serve a counter.
        if runtime.name != "0" and (runtime / "systemd/private").is_socket():
            yield pwd.getpwuid(int(runtime.name)), runtime
