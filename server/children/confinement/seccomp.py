"""Filters of system calls, assembled for the kernel's packet-filter machine and installed by prctl(2)."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct
from collections.abc import Iterator
from typing import NamedTuple

from server.children.confinement.profile import Profile
from server.children.confinement.system_calls import COMPUTING, MEDDLING, Architecture, native

_PR_GET_SECCOMP, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 21, 22, 2
_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
"""Of a word of the call's data into the accumulator; of the accumulator and a constant; of a verdict."""
_IF_EQUAL, _IF_GREATER, _IF_AT_LEAST = 0x15, 0x25, 0x35
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
"""Offsets in ``struct seccomp_data``."""
_ALLOW = 0x7FFF0000
_REFUSE, _UNKNOWN = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
"""A library has another way where a call is unknown; where it is forbidden it gives up."""

_CLONE_THREAD, _CLONE_NEW = 0x00010000, 0x7E020080
_CHANGES_FILES = os.O_ACCMODE | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
"""They type into a terminal."""
_HARMLESS_IOCTLS = (0x5401, 0x541B, 0x5421, 0x5450, 0x5451)
"""Is it a terminal, how much is there to read, do not block, and keep or close at exec."""
_HARMLESS_PRCTLS = (15, 16, 0x53564D41)
"""Names of threads and of memory."""
_WORD = 0xFFFFFFFF


class Rule(NamedTuple):
    """A verdict on a call, and another one where the low word of an argument is none of some values.

    All arguments that are looked at are 32 bits wide for the kernel, too.
    """

    name: str
    verdict: int = _ALLOW
    otherwise: int = _ALLOW
    argument: int = -1
    mask: int = _WORD
    values: tuple[int, ...] = ()


class Step(NamedTuple):
    """An instruction: how far to jump where it is true and where not, and its constant."""

    operation: int
    if_true: int
    if_false: int
    constant: int


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def available() -> bool:
    """Return whether this kernel filters system calls, and this processor's are known."""
    # EINVAL where the kernel was built without.
    return native() is not None and _libc().prctl(_PR_GET_SECCOMP, 0, 0, 0, 0) >= 0


def install(profile: Profile) -> None:
    """Hold this process, and all that it starts, to the calls of a profile, for good.

    It must have one thread, and have given up new privileges.

    Raises
    ------
    OSError
    """
    architecture = native()
    assert architecture is not None
    instructions = assembled(profile, architecture, os.getpid(), os.getppid())
    code = b"".join(struct.pack("HBBI", *one) for one in instructions)
    program = _Program(len(instructions), code)
    libc = _libc()
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "no filter of system calls")


def assembled(profile: Profile, architecture: Architecture, own: int, parent: int) -> list[Step]:
    """Return the filter of a profile, for the process `own` that `parent` started."""
    calls, end = (
        (_computing(own), [Step(_IF_GREATER, 0, 1, architecture.last), _verdict(_UNKNOWN), _verdict(_REFUSE)])
        if profile.computes_only
        else (_driving(profile, own, parent), [_verdict(_ALLOW)])
    )
    start = [Step(_LOAD, 0, 0, _ARCHITECTURE), Step(_IF_EQUAL, 1, 0, architecture.audit), _verdict(_REFUSE)]
    start.append(Step(_LOAD, 0, 0, _NUMBER))
    if architecture.foreign:
        start += [Step(_IF_AT_LEAST, 0, 1, architecture.foreign), _verdict(_REFUSE)]
    known = (rule for rule in calls if rule.name in architecture.numbers)
    checks = [step for rule in known for step in _check(rule, architecture.numbers[rule.name])]
    return [*start, *checks, *end]


def _computing(own: int) -> Iterator[Rule]:
    """Allow what works on memory, on files that are open, and on this process; all else is refused."""
    particular = {
        "open": Rule("open", _ALLOW, _REFUSE, 1, _CHANGES_FILES, (os.O_RDONLY,)),
        "openat": Rule("openat", _ALLOW, _REFUSE, 2, _CHANGES_FILES, (os.O_RDONLY,)),
        "ioctl": Rule("ioctl", _ALLOW, _REFUSE, 1, _WORD, _HARMLESS_IOCTLS),
        "prctl": Rule("prctl", _ALLOW, _REFUSE, 0, _WORD, _HARMLESS_PRCTLS),
        "kill": Rule("kill", _ALLOW, _REFUSE, 0, _WORD, (own,)),
        "tgkill": Rule("tgkill", _ALLOW, _REFUSE, 0, _WORD, (own,)),
        "clone": Rule("clone", _ALLOW, _REFUSE, 0, _CLONE_THREAD | _CLONE_NEW, (_CLONE_THREAD,)),
        **_of_both(own),
    }
    return (particular.get(name, Rule(name)) for name in COMPUTING)


def _driving(profile: Profile, own: int, parent: int) -> Iterator[Rule]:
    """Refuse what meddles with others; drivers need too many of the rest to be counted."""
    yield from (Rule(name, _REFUSE) for name in MEDDLING)
    yield from _of_both(own).values()
    yield Rule("ioctl", _REFUSE, _ALLOW, 1, _WORD, (_TIOCSTI, _TIOCLINUX))
    families = tuple(int(getattr(socket, name)) for name in profile.families)
    yield Rule("socket", _ALLOW, _REFUSE, 0, _WORD, families)
    if profile.programs:
        # Its own children are its to end; the service, and all at once, are not.
        yield Rule("kill", _REFUSE, _ALLOW, 0, _WORD, (parent, -1 & _WORD))
        yield Rule("tgkill", _REFUSE, _ALLOW, 0, _WORD, (parent,))
        yield Rule("clone", _ALLOW, _REFUSE, 0, _CLONE_NEW, (0,))
        return
    yield from (Rule(name, _REFUSE) for name in ("execve", "execveat", "fork", "vfork"))
    yield Rule("clone", _ALLOW, _REFUSE, 0, _CLONE_THREAD | _CLONE_NEW, (_CLONE_THREAD,))
    yield from (Rule(name, _ALLOW, _REFUSE, 0, _WORD, (own,)) for name in ("kill", "tgkill"))


def _of_both(own: int) -> dict[str, Rule]:
    return {
        # Its arguments lie in memory, where a filter does not see them: libraries take clone instead.
        "clone3": Rule("clone3", _UNKNOWN),
        "prlimit64": Rule("prlimit64", _ALLOW, _REFUSE, 0, _WORD, (0, own)),
    }


def _check(rule: Rule, number: int) -> list[Step]:
    """Return a verdict if the accumulator, which holds the call's number, is `number`; else keep it."""
    steps = [_verdict(rule.verdict)]
    if rule.argument >= 0:
        count = len(rule.values)
        load = [Step(_LOAD, 0, 0, _ARGUMENTS + 8 * rule.argument), Step(_AND, 0, 0, rule.mask)]
        compared = [Step(_IF_EQUAL, count - at, 0, value) for at, value in enumerate(rule.values)]
        steps = [*load, *compared, _verdict(rule.otherwise), *steps]
    return [Step(_IF_EQUAL, 0, len(steps), number), *steps]


def _verdict(number: int) -> Step:
    return Step(_RETURN, 0, 0, number)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
