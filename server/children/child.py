"""A module of ours that runs as a child process, and that process as seen from here; calls may block."""

from __future__ import annotations

import json
import logging
import mmap
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeVar

from server.children import entry, memory
from server.children.channel import Channel
from server.children.confinement import Profile
from server.children.program import environment, reap, spawn

log = logging.getLogger(__name__)

C = TypeVar("C", bound="Child")

REPORT_BYTES = 1 << 14
"""Most bytes that a failing child can write about where it failed."""
_FRAMES = 4
"""Most lines of Python of a report that are kept, the innermost first."""
_FRAME = re.compile(r'File "(?:[^"]*/)?([^"/]+)", line (\d+)')
"""Pattern of a line of Python in a report: the name of the file, without its folder, and the line number."""


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """The code of a child, and the terms on which it runs.

    Attributes
    ----------
    module
        Its ``main(channel, *arguments)`` is called.
    variables
        Names of environment variables that it gets beside the usual ones; see `server.children.program`.
    added
        Further variables with their values.
    limits
        Most that it may take, by the names of ``setrlimit`` without ``RLIMIT_``.
    untrusted
        True if it works on what strangers made: it then gains no privileges, is killed with this process,
        and first of all when memory runs out.
    profile
        Files, sockets and system calls that are left to it; None for all that this process has.
    python
        Another interpreter than ours, which may be as old as 3.8.
    """

    module: str
    variables: tuple[str, ...] = ()
    added: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    untrusted: bool = False
    profile: Profile | None = None
    python: Path | None = None


@dataclass(frozen=True, slots=True)
class Exit:
    """The end of a process, for programmers.

    Attributes
    ----------
    code
        Negative for a signal; None where the kernel does not let go of it.
    place
        Lines of Python in which it failed, the innermost first; empty where it did not, or could not tell.
    """

    code: int | None
    place: str = ""

    @property
    def how(self) -> str:
        """The name of a signal, or the number of the exit code."""
        if self.code is None:
            return "still there"
        return signal.Signals(-self.code).name if self.code < 0 else f"exit {self.code}"

    def __str__(self) -> str:
        return f"{self.how}, {self.place}" if self.place else self.how


class Message(NamedTuple):
    """A packet of a child, and the content of the file that came along, if one did."""

    data: bytes
    content: mmap.mmap | None


class Child:
    """A process that `start` started.

    Attributes
    ----------
    process, channel
        For as long as it has not ended.
    """

    def __init__(self, process: subprocess.Popen[bytes], channel: Channel, report: memory.MemoryFile) -> None:
        self.process = process
        self.channel = channel
        self._report = report
        self._ending = threading.Lock()
        self._exit: Exit | None = None

    @property
    def pid(self) -> int:
        """The process's number."""
        return self.process.pid

    @property
    def alive(self) -> bool:
        """True while it runs and was not hung up."""
        return self.channel.fileno() >= 0 and self.process.poll() is None

    def send(self, data: bytes, file: int | None = None) -> bool:
        """Send a packet; return whether the child took it. Never blocks."""
        try:
            self.channel.send(data, file)
        except OSError:
            return False
        return True

    def receive(self) -> Message:
        """Return the next packet; never blocks.

        Raises
        ------
        BlockingIOError
            There is none now.
        EOFError
            The child is gone, or does not keep to the rules.
        """
        data, file = self.channel.receive()
        if file is None:
            return Message(data, None)
        try:
            return Message(data, memory.mapped(file))
        except (OSError, ValueError) as exc:
            raise EOFError from exc
        finally:
            os.close(file)

    def hang_up(self) -> None:
        """Close the channel, at which most children end by themselves."""
        self.channel.close()

    def end(self, grace: float = 0.0) -> Exit:
        """Hang up and see the process gone, by itself within `grace` seconds or else killed; blocks."""
        with self._ending:
            if self._exit is None:
                self.hang_up()
                code = reap(self.process, grace)
                if code is None:
                    log.error("process %d does not end: the kernel waits for a device", self.pid)
                self._exit = Exit(code, _place(memory.written(self._report.descriptor)))
                self._report.close()
            return self._exit


def start(kind: type[C], spec: ChildSpec, *arguments: object) -> C:
    """Start a child, as it is to be seen from here; blocks for some milliseconds.

    Parameters
    ----------
    arguments
        Handed to its ``main`` as text.

    Raises
    ------
    OSError
        No process can be started.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    try:
        with theirs:
            report = memory.MemoryFile(memory.bounded(REPORT_BYTES))
            command = _command(spec, theirs.fileno(), report.descriptor, *arguments)
            variables = environment(*spec.variables, **spec.added)
            process = spawn(command, variables, descriptors=(theirs.fileno(), report.descriptor))
    except BaseException:
        ours.close()
        raise
    return kind(process, Channel(ours), report)


def _command(spec: ChildSpec, line: int, report: int, *arguments: object) -> list[str]:
    setup = {
        "line": line,
        "report": report,
        "limits": dict(spec.limits),
        "untrusted": spec.untrusted,
        "profile": None if spec.profile is None else spec.profile._asdict(),
        "parent": os.getpid(),
        # Beside our packages may lie others that were built for our own Python.
        "ours_last": spec.python is not None,
    }
    # Another Python's bytecode is not left among ours.
    python = [sys.executable, "-I"] if spec.python is None else [str(spec.python), "-I", "-B"]
    return [*python, str(Path(entry.__file__)), spec.module, json.dumps(setup), *map(str, arguments)]


def _place(report: bytes) -> str:
    text = report.decode("utf-8", "replace")
    frames = [f"{name}:{line}" for name, line in _FRAME.findall(text)[:_FRAMES]]
    return " < ".join([text.partition("\n")[0], *frames]) if text else ""
