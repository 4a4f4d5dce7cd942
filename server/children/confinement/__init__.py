"""Confinement of a child process by the kernel: Landlock for files, seccomp for system calls.

Standard library only, and written for Python 3.8 on; see `server.children.entry`. It imports nothing of ours.
"""

from __future__ import annotations

from typing import NamedTuple


class Profile(NamedTuple):
    """Rights of a confined child; the default is none: it computes, and answers on its channel.

    Every profile refuses to trace, read or write another process, to end the service, and to gain privileges.

    Attributes
    ----------
    reads, writes
        Folders and files whose content it may read; and those that it may change too, devices among them.
        Patterns as the shell's; what is not there when it starts is left out.
    families
        Names of the address families in which it may open sockets, such as ``AF_INET``.
    sockets
        Folders of the UNIX sockets that it may connect to, where the kernel can tell (Landlock 9).
    programs
        True if it may start processes and programs of the system; they are confined as it is.
    """

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    sockets: tuple[str, ...] = ()
    programs: bool = False

    @property
    def computes_only(self) -> bool:
        """True if it needs no device, socket or program: the system calls that remain can be counted."""
        return not (self.writes or self.families or self.programs)
