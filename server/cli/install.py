"""``gaopai install``: the service of this account, which starts when it logs in, without root."""

from __future__ import annotations

import argparse
import os
import re
import sys
from importlib.resources import files
from pathlib import Path

from server import config as configuration
from server.children.program import Program
from server.children.spawn import environment
from server.config import ConfigError
from server.storage.atomic import write_private
from server.telemetry.printable import printable

SUMMARY = "Start the service whenever this account logs in, from where the program lies now."
UNIT = "gaopai.service"
MARK = "# Written by: gaopai install --user"
"""First line of a unit that this command may replace and remove."""
PACKAGED = Path("/usr/lib/systemd/user") / UNIT
SECONDS = 90.0
"""Time for systemd, which waits until the service serves."""


class InstallFailed(Exception):
    """The service cannot be installed or removed; the text says why, and what helps."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--user", action="store_true", required=True, help="for this account")
    parser.add_argument("--remove", action="store_true", help="stop it, and take it out again")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration in TOML")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return 1 on failure, 2 for an invalid configuration."""
    try:
        if arguments.remove:
            _remove(unit_path())
        else:
            _install(unit_path(), arguments.config)
    except ConfigError as exc:
        print(f"gaopai: {exc}", file=sys.stderr)
        return 2
    except InstallFailed as exc:
        print(f"gaopai: {exc}", file=sys.stderr)
        return 1
    return 0


def unit_path() -> Path:
    """Return where systemd looks for this account's own units."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "systemd/user" / UNIT


def unit(config: Path | None) -> str:
    """Return the unit of the package, for the program that runs now.

    Parameters
    ----------
    config
        The configuration it is started with; the service's defaults without one.
    """
    words = [sys.executable, "-I", "-m", "server", "serve"]
    words += ["--config", str(config)] if config else []
    start = f"ExecStart={' '.join(map(quoted, words))}"
    packaged = (files("server.cli") / UNIT).read_text(encoding="utf-8")
    # A function, because a path may hold what a replacement would read as a reference to a group.
    return f"{MARK}\n{re.sub('^ExecStart=.*$', lambda _: start, packaged, flags=re.MULTILINE)}"


def quoted(word: str) -> str:
    """Return a word as systemd reads it from a command line; see systemd.service(5)."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return escaped if re.fullmatch(r"[\w./%$+:=-]+", escaped) else f'"{escaped}"'


def _install(path: Path, config: Path | None) -> None:
    if PACKAGED.exists():
        raise InstallFailed(f"the package is installed and starts the service already: {PACKAGED}")
    if config is not None:
        configuration.load(config)
        config = config.absolute()
    _refuse_foreign(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, unit(config).encode())
    except OSError as exc:
        raise InstallFailed(f"{path}: cannot be written ({exc.strerror})") from exc
    print(f"wrote {path}")
    _systemctl("daemon-reload")
    _systemctl("enable", UNIT)
    _systemctl("restart", UNIT)
    print("the service runs, and starts whenever this account logs in; gaopai doctor tells what devices need")


def _remove(path: Path) -> None:
    if not path.exists():
        print(f"nothing to remove: {path} does not exist")
        return
    _refuse_foreign(path)
    _systemctl("disable", "--now", UNIT)
    path.unlink(missing_ok=True)
    _systemctl("daemon-reload")
    print(f"removed {path}")


def _refuse_foreign(path: Path) -> None:
    try:
        ours = not path.exists() or path.read_text(encoding="utf-8", errors="replace").startswith(MARK)
    except OSError as exc:
        raise InstallFailed(f"{path}: cannot be read ({exc.strerror})") from exc
    if not ours:
        raise InstallFailed(f"{path} was written by somebody else; move it away first")


def _systemctl(*words: str) -> None:
    command = ("systemctl", "--user", *words)
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
