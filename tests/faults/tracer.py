"""Ends a child, or lets the disk fail it, at any one of the calls by which it changes files.

The kernel stops the child at each of its system calls (ptrace), whatever library makes them: the
interpreter, SQLite or glibc. So a fault can be put at every point there is, in turn, instead of at those
somebody thought of.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

Note = Callable[[str], None]
"""Tells the tracer what has been promised by now."""
Work = Callable[[Path, Note], None]

_TRACEME = 0
_GETREGS = 12
_SETREGS = 13
_SYSCALL = 24
_SETOPTIONS = 0x4200
_GET_SYSCALL_INFO = 0x420E
_SYSGOOD = 1
_CLONE = 8
_EXITKILL = 0x100000
_WALL = 0x40000000
_RAX = 10
_RDX = 12
_ORIG_RAX = 15
_AT_FDCWD = -100

_BY_DESCRIPTOR = {
    1: "write",
    18: "pwrite",
    20: "writev",
    74: "fsync",
    75: "fdatasync",
    77: "ftruncate",
    91: "fchmod",
    190: "fsetxattr",
}
_BY_PATH = {82: "rename", 83: "mkdir", 84: "rmdir", 86: "link", 87: "unlink", 90: "chmod"}
_BY_PATH |= {258: "mkdir", 263: "unlink", 264: "rename", 265: "link", 316: "rename", 268: "chmod"}
_OPEN = {2: 1, 257: 2}
"""Of the calls that open, which argument has the flags."""
TORN = frozenset({1, 18})
"""Writes that can be cut in half by changing their length."""


class _Entry(ctypes.Structure):
    _fields_ = (("nr", ctypes.c_uint64), ("args", ctypes.c_uint64 * 6))


class _Info(ctypes.Structure):
    _fields_ = (
        ("op", ctypes.c_uint8),
        ("pad", ctypes.c_uint8 * 3),
        ("arch", ctypes.c_uint32),
        ("ip", ctypes.c_uint64),
        ("sp", ctypes.c_uint64),
        ("entry", _Entry),
    )


@dataclass(frozen=True)
class Fault:
    """What happens at one of the calls.

    Attributes
    ----------
    at
        Its number, from 0.
    error
        What the call answers, without being done; None for a kill.
    torn
        Half of a write is done before the kill.
    """

    at: int
    error: int | None = None
    torn: bool = False

    def __str__(self) -> str:
        what = (
            ("torn and killed" if self.torn else "killed")
            if self.error is None
            else errno.errorcode[self.error]
        )
        return f"{what} at call {self.at}"


@dataclass
class Course:
    """How a child went.

    Attributes
    ----------
    calls
        The names of its calls that change files, as far as it came.
    notes
        What it promised.
    status
        As `os.waitpid` gives it.
    """

    calls: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    status: int = 0
    tearable: list[bool] = field(default_factory=list)

    @property
    def killed(self) -> bool:
        """Whether the fault ended it."""
        return os.WIFSIGNALED(self.status)


def hindrance() -> str | None:
    """Why nothing can be traced here, or None."""
    if platform.machine() != "x86_64":
        return "the numbers of system calls are known for x86-64 only"
    try:
        trace(lambda folder, note: None, Path("/"), None)
    except OSError as exc:
        return f"processes cannot be traced here: {exc.strerror}"
    return None


def trace(work: Work, folder: Path, fault: Fault | None) -> Course:
    """Do `work` in a child of this process, which should have no threads.

    Raises
    ------
    OSError
        Tracing is not allowed here.
    """
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        _child(work, folder, theirs)
    os.close(theirs)
    try:
        course = _Tracer(pid, folder, fault).follow()
        with os.fdopen(ours, encoding="utf-8") as notes:
            course.notes = notes.read().splitlines()
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, _WALL)
        raise
    return course


def _child(work: Work, folder: Path, pipe: int) -> None:
    try:
        if _libc().ptrace(_TRACEME, 0, None, None) != 0:
            os._exit(77)
        os.kill(os.getpid(), signal.SIGSTOP)
        work(folder, lambda text: _tell(pipe, text))
        os._exit(0)
    except BaseException as exc:  # noqa: BLE001 - told, and the child is at its end
        _tell(pipe, f"!{type(exc).__name__}: {exc}")
        os._exit(1)


def _tell(pipe: int, text: str) -> None:
    os.write(pipe, f"{text}\n".encode())


class _Tracer:
    def __init__(self, pid: int, folder: Path, fault: Fault | None) -> None:
        self._pid = pid
        self._folder = str(folder)
        self._fault = fault
        self._course = Course()
        self._failing: set[int] = set()
        self._dying: set[int] = set()

    def follow(self) -> Course:
        """See the child through to its end."""
        _, status = os.waitpid(self._pid, _WALL)
        if not os.WIFSTOPPED(status):
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))
        self._ask(_SETOPTIONS, self._pid, _SYSGOOD | _CLONE | _EXITKILL)
        self._ask(_SYSCALL, self._pid, 0)
        while True:
            thread, status = os.waitpid(-1, _WALL)
            if os.WIFSTOPPED(status):
                self._stopped(thread, status)
            elif thread == self._pid:
                self._course.status = status
                return self._course

    def _stopped(self, thread: int, status: int) -> None:
        number = os.WSTOPSIG(status)
        if number == signal.SIGTRAP | 0x80:
            self._at_call(thread)
            number = 0
        elif number in (signal.SIGTRAP, signal.SIGSTOP):
            # A thread began.
            number = 0
        if os.WIFSTOPPED(status):
            _libc().ptrace(_SYSCALL, thread, None, ctypes.c_void_p(number))

    def _at_call(self, thread: int) -> None:
        info = _Info()
        if (
            _libc().ptrace(
                _GET_SYSCALL_INFO, thread, ctypes.c_void_p(ctypes.sizeof(info)), ctypes.byref(info)
            )
            < 0
        ):
            return
        if info.op == 1:
            self._enters(thread, int(info.entry.nr), [int(one) for one in info.entry.args])
        elif thread in self._dying:
            os.kill(self._pid, signal.SIGKILL)
        elif thread in self._failing:
            self._failing.discard(thread)
            assert self._fault is not None and self._fault.error is not None
            self._change(thread, {_RAX: -self._fault.error})

    def _enters(self, thread: int, number: int, args: list[int]) -> None:
        name = self._name(number, args)
        if name is None:
            return
        self._course.calls.append(name)
        self._course.tearable.append(number in TORN and args[2] > 1)
        fault = self._fault
        if fault is None or fault.at != len(self._course.calls) - 1:
            return
        if fault.error is not None:
            self._failing.add(thread)
            self._change(thread, {_ORIG_RAX: -1})
        elif fault.torn:
            self._dying.add(thread)
            self._change(thread, {_RDX: args[2] // 2})
        else:
            os.kill(self._pid, signal.SIGKILL)

    def _name(self, number: int, args: list[int]) -> str | None:
        if number in _OPEN:
            return "create" if args[_OPEN[number]] & os.O_CREAT else None
        if number in _BY_DESCRIPTOR:
            try:
                target = str(Path(f"/proc/{self._pid}/fd/{args[0] & 0xFFFFFFFF}").readlink())
            except OSError:
                return None
            return _BY_DESCRIPTOR[number] if target.startswith(self._folder) else None
        return _BY_PATH.get(number)

    def _change(self, thread: int, changes: dict[int, int]) -> None:
        registers = (ctypes.c_uint64 * 27)()
        self._ask(_GETREGS, thread, registers)
        for index, value in changes.items():
            registers[index] = value % (1 << 64)
        self._ask(_SETREGS, thread, registers)

    def _ask(self, what: int, thread: int, data: object) -> None:
        given = ctypes.c_void_p(data) if isinstance(data, int) else data
        if _libc().ptrace(what, thread, None, given) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


@cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.restype = ctypes.c_long
    libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    return libc
