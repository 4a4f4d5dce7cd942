"""Program that listens on a port which the service wants, as far as this account may see it."""

from __future__ import annotations

import pwd
from pathlib import Path

from server.access import socket_table
from server.access.sock_diag import SocketInfo
from server.errors import LocalizedText

PROC = Path("/proc")
SERVICE = "gaopai"
"""Name of our process."""


def holder_of(host: str, port: int, proc: Path = PROC) -> LocalizedText:
    """Return the program that listens at an address, else its user.

    Parameters
    ----------
    proc
        Folder of the kernel's tables.
    """
    try:
        found = socket_table.listening(host, port, proc / "net")
    except socket_table.SocketTableUnavailable:
        found = None
    if found is None:
        return LocalizedText("另一个程序", "another program")
    for process in proc.glob("[0-9]*"):
        if (name := _name(process, found)) is not None:
            return LocalizedText(f" {name}（进程 {process.name}）", f"{name} (process {process.name})")
    user = user_name(found.user)
    return LocalizedText(f"用户 {user} 的程序", f"a program of {user}")


def user_name(user: int) -> str:
    """Return the name of a user, or the number of one without a name."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def _name(process: Path, found: SocketInfo) -> str | None:
    """Return the name of a process that holds the socket, None if it does not, or may not be looked at."""
    try:
        name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
        if _holds(process, found.inode):
            return name
    except PermissionError:
        # The service shows its descriptors to nobody but root, not to its own account either.
        return name if name == SERVICE and _user_of(process) == found.user else None
    except OSError:  # gone by now
        pass
    return None


def _holds(process: Path, inode: int) -> bool:
    return any(str(link.readlink()) == f"socket:[{inode}]" for link in (process / "fd").iterdir())


def _user_of(process: Path) -> int | None:
    lines = (process / "status").read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("Uid:")), None)
