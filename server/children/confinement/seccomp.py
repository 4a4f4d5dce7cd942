"""Filters of system calls, assembled for the kernel's packet-filter machine and installed by prctl(2)."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from server.children.confinement import Profile

_PR_GET_SECCOMP = 21
"""Option of prctl(2) that tells the mode of seccomp; a kernel built without fails with ``EINVAL``."""
_PR_SET_SECCOMP = 22
"""Option of prctl(2) that restricts the system calls of a process."""
_SECCOMP_MODE_FILTER = 2
"""Mode of seccomp in which a filter decides on each system call."""
_LOAD = 0x20
"""Instruction that loads a word of the call's data into the accumulator."""
_AND = 0x54
"""Instruction that keeps those bits of the accumulator that a constant has, too."""
_RETURN = 0x06
"""Instruction that ends the filter with a verdict."""
_IF_EQUAL = 0x15
"""Instruction that jumps by whether the accumulator is equal to a constant."""
_IF_GREATER = 0x25
"""Instruction that jumps by whether the accumulator is greater than a constant."""
_IF_AT_LEAST = 0x35
"""Instruction that jumps by whether the accumulator is at least a constant."""
_NUMBER = 0
"""Offset of the call's number in ``struct seccomp_data``, in bytes."""
_ARCHITECTURE = 4
"""Offset of the processor's number in ``struct seccomp_data``, in bytes."""
_ARGUMENTS = 16
"""Offset of the first argument in ``struct seccomp_data``, in bytes; each argument takes 8."""
_ALLOW = 0x7FFF0000
"""Verdict that lets a call through."""
_REFUSE = 0x00050000 | errno.EPERM
"""Verdict that lets a call fail with ``EPERM``, as one that is forbidden: a library gives up then."""
_UNKNOWN = 0x00050000 | errno.ENOSYS
"""Verdict that lets a call fail with ``ENOSYS``, as one that the kernel does not know: a library goes another
way then."""

_CLONE_THREAD = 0x00010000
"""Flag of clone(2) that makes a thread of this process, and no new one."""
_CLONE_NEW = 0x7E020080
"""All flags of clone(2) that make a new namespace."""
_CHANGES_FILES = os.O_ACCMODE | os.O_CREAT | os.O_TRUNC | os.O_APPEND
"""Flags of open(2) of which none may be set where a file is only read."""
_TIOCSTI = 0x5412
"""Request of ioctl(2) that types a character into a terminal."""
_TIOCLINUX = 0x541C
"""Request of ioctl(2) that can paste a selection into a Linux console, and so type into it."""
_HARMLESS_IOCTLS = (0x5401, 0x541B, 0x5421, 0x5450, 0x5451)
"""Requests of ioctl(2) that do no harm: whether it is a terminal, how much there is to read, not to block,
and to keep or close at exec."""
_HARMLESS_PRCTLS = (15, 16, 0x53564D41)
"""Options of prctl(2) that do no harm: they set and get names of threads, and name memory."""
_WORD = 0xFFFFFFFF
"""Mask that keeps all 32 bits of a word."""


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


_COMPUTING = """
brk 12 214, mmap 9 222, munmap 11 215, mprotect 10 226, mremap 25 216, madvise 28 233, mincore 27 232,
membarrier 324 283, mbind 237 235, get_mempolicy 239 236, memfd_create 319 279
read 0 63, write 1 64, readv 19 65, writev 20 66, pread64 17 67, pwrite64 18 68, preadv 295 69,
pwritev 296 70, lseek 8 62, close 3 57, close_range 436 436, dup 32 23, dup2 33 -, dup3 292 24,
fcntl 72 25, fstat 5 80, newfstatat 262 79, stat 4 -, lstat 6 -, statx 332 291, fstatfs 138 44,
statfs 137 43, ftruncate 77 46, fallocate 285 47, getdents64 217 61, ioctl 16 29, open 2 -, openat 257 56,
readlink 89 -, readlinkat 267 78, access 21 -, faccessat 269 48, faccessat2 439 439, getcwd 79 17
poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72, epoll_create1 291 20, epoll_ctl 233 21,
epoll_wait 232 -, epoll_pwait 281 22, epoll_pwait2 441 441, eventfd2 290 19, pipe 22 -, pipe2 293 59,
sendmsg 46 211, recvmsg 47 212, sendto 44 206, recvfrom 45 207, getsockname 51 204, getpeername 52 205,
getsockopt 55 209, shutdown 48 210
getpid 39 172, getppid 110 173, gettid 186 178, getuid 102 174, geteuid 107 175, getgid 104 176,
getegid 108 177, getgroups 115 158, getresuid 118 148, getresgid 120 150, getpgid 121 155, getsid 124 156,
getpgrp 111 -, uname 63 160, sysinfo 99 179, getrusage 98 165, times 100 153, getcpu 309 168,
prlimit64 302 261, setrlimit 160 164, getrlimit 97 163, getpriority 140 141, arch_prctl 158 -,
prctl 157 167, getrandom 318 278, exit 60 93, exit_group 231 94
clock_gettime 228 113, clock_getres 229 114, clock_nanosleep 230 115, nanosleep 35 101,
gettimeofday 96 169, time 201 -, rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139,
rt_sigpending 127 136, rt_sigtimedwait 128 137, sigaltstack 131 132, kill 62 129, tgkill 234 131,
restart_syscall 219 128, pause 34 -
futex 202 98, set_robust_list 273 99, get_robust_list 274 100, set_tid_address 218 96, rseq 334 293,
clone 56 220, clone3 435 435, sched_yield 24 124, sched_getaffinity 204 123, sched_getparam 143 121,
sched_getscheduler 145 120, sched_get_priority_max 146 125, sched_get_priority_min 147 126
"""
"""Calls that work on memory, on open files and files to be read, on waiting, on the process itself, on time
and signals, and on threads: each with its numbers."""
_MEDDLING = """
ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271, process_madvise 440 440,
process_mrelease 448 448, kcmp 312 272, pidfd_open 434 434, pidfd_getfd 438 438,
pidfd_send_signal 424 424, perf_event_open 298 241, tkill 200 130, rt_sigqueueinfo 129 138,
rt_tgsigqueueinfo 297 240
bpf 321 280, userfaultfd 323 282, io_uring_setup 425 425, io_uring_enter 426 426,
io_uring_register 427 427, keyctl 250 219, add_key 248 217, request_key 249 218
mount 165 40, umount2 166 39, pivot_root 155 41, chroot 161 51, setns 308 268, unshare 272 97,
move_mount 429 429, open_tree 428 428, fsopen 430 430, fsconfig 431 431, fsmount 432 432, fspick 433 433,
mount_setattr 442 442, open_by_handle_at 304 265, name_to_handle_at 303 264
init_module 175 105, finit_module 313 273, delete_module 176 106, kexec_load 246 104,
kexec_file_load 320 294, reboot 169 142, swapon 167 224, swapoff 168 225, acct 163 89, syslog 103 116,
quotactl 179 60, settimeofday 164 170, clock_settime 227 112, clock_adjtime 305 266, adjtimex 159 171,
sethostname 170 161, setdomainname 171 162, vhangup 153 58, lookup_dcookie 212 18, migrate_pages 256 238,
move_pages 279 239, fanotify_init 300 262
chmod 90 -, fchmodat 268 53, fchmodat2 452 452, chown 92 -, lchown 94 -, fchownat 260 54,
setxattr 188 5, lsetxattr 189 6
"""
"""Calls for other processes, ways around a filter, namespaces, mounts, the machine, and rights and owners of
files, which are nothing to Landlock; each with its numbers. No driver needs them."""
_STARTING = """
execve 59 221, execveat 322 281, fork 57 -, vfork 58 -, socket 41 198
"""
"""Calls that start processes and programs or open sockets, each with its numbers."""
_X86_64 = 1
"""Column of the tables that has the numbers of x86-64."""
_GENERIC = 2
"""Column of the tables that has the numbers of processors that came after Linux had agreed on one list for
all. A call that they lack has a dash there, not the number of another call."""


class Architecture(NamedTuple):
    """The calls of one processor.

    Attributes
    ----------
    audit
        Its number in a filter's data.
    numbers
        Calls by name; those that it lacks are not among them.
    last
        The highest number that is known here.
    foreign
        The lowest number of another interface that has the same `audit`; 0 if there is none.
    """

    audit: int
    numbers: Mapping[str, int]
    last: int
    foreign: int


def native() -> Architecture | None:
    """Return this processor's calls; None where they are not known."""
    return ARCHITECTURES.get(platform.machine())


def _names(table: str) -> tuple[str, ...]:
    return tuple(entry.split()[0] for entry in table.replace("\n", ",").split(",") if entry.strip())


def _numbers(column: int) -> Mapping[str, int]:
    table = ",".join((_COMPUTING, _MEDDLING, _STARTING)).replace("\n", ",")
    rows = (entry.split() for entry in table.split(",") if entry.strip())
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


COMPUTING = _names(_COMPUTING)
"""Names of the calls that are left to a process that only computes, some with certain arguments only."""
MEDDLING = _names(_MEDDLING)
"""Names of the calls that no confined process may make."""
_LAST = 462
"""Highest number of a call known here: that of ``mseal``, of Linux 6.10. From 424 on numbers are the same for
all processors."""
ARCHITECTURES = {
    "x86_64": Architecture(0xC000003E, _numbers(_X86_64), _LAST, 0x40000000),
    "aarch64": Architecture(0xC00000B7, _numbers(_GENERIC), _LAST, 0),
    "loongarch64": Architecture(0xC0000102, _numbers(_GENERIC), _LAST, 0),
}
"""Processors whose calls are known, by the name that `platform.machine` gives them."""
