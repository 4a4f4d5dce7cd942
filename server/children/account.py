"""Work done with another account's rights, in a copy of this process that has nothing else of it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import resource
import select
import signal
import sys
from collections.abc import Callable, Collection
from typing import TextIO

from server.children import memory
from server.children.program import ERROR_BYTES, Completed

OUTPUT_BYTES = 1 << 20
"""Most bytes that are kept of what the copy prints; the rest is cut off."""
REAP_SECONDS = 5.0
"""Seconds within which a killed copy is expected to be gone, before its exit code is given up."""
LIMITS = {"CORE": 0, "CPU": 60, "AS": 2 << 30, "FSIZE": 256 << 20, "NOFILE": 256}
"""Most that the copy and each program it starts may take, by the names of ``setrlimit``."""
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
"""Folders in which the copy finds programs, whatever ``PATH`` the service was started with."""
_PR_SET_PDEATHSIG = 1
"""Option of prctl(2) that names the signal a process gets when its parent dies."""
_PR_SET_DUMPABLE = 4
"""Option of prctl(2) that says whether a process can be dumped and traced by its own user."""
_PR_SET_NO_NEW_PRIVS = 38
"""Option of prctl(2) after which no program that is executed can bring new privileges."""


def call_as(
    account: pwd.struct_passwd, action: Callable[[], int], seconds: float, keep: Collection[int] = ()
) -> Completed:
    """Call `action` with that account's rights only, and return its exit code and what it printed; for root.

    The account's files may lead anywhere, and what reads them may be made to do anything that the account
    may. The copy therefore has no terminal and none of our descriptors, environment or privileges. No
    other thread may run, since none of them is in the copy.

    Parameters
    ----------
    action
        An exception ends the copy with the exit code 1 and is told in the errors.
    seconds
        Time that it has, after which it is killed.
    keep
        Descriptors that it gets.
    """
    files = (memory.bounded(OUTPUT_BYTES), memory.bounded(ERROR_BYTES))
    try:
        copy = os.fork()
        if copy == 0:
            _work(account, action, files, keep)
        return Completed(_wait(copy, seconds), *map(memory.written, files))
    finally:
        for file in files:
            os.close(file)


def _wait(copy: int, seconds: float) -> int:
    """Return the exit code of the copy, and see it and its session gone, also if we are interrupted."""
    handle = os.pidfd_open(copy)
    try:
        if not _ended(handle, seconds):
            raise TimeoutError
    finally:
        # The account may have stopped it, and left others in its session.
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError):
                kill(copy, signal.SIGKILL)
        ended = _ended(handle, REAP_SECONDS)
        os.close(handle)
        code = os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]) if ended else -signal.SIGKILL
    return code


def _ended(handle: int, seconds: float) -> bool:
    waiting = select.poll()
    waiting.register(handle, select.POLLIN)
    return bool(waiting.poll(seconds * 1000))


def _work(
    account: pwd.struct_passwd, action: Callable[[], int], files: tuple[int, int], keep: Collection[int]
) -> None:
    """Become the account, act and end; in the copy."""
    code = 1
    try:
        _let_go(files, keep)
        _become(account)
        code = action()
    except Exception as exc:  # noqa: BLE001 - the copy must end here
        sys.stderr.write(f"gaopai: {account.pw_name}: {str(exc) or type(exc).__name__}\n")
    finally:
        # Output that does not fit into the files is cut off.
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _let_go(files: tuple[int, int], keep: Collection[int]) -> None:
    """Leave the terminal and every descriptor but those kept, and print into these files."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for number, file in enumerate((nothing, *files)):
        os.dup2(file, number)
    for number in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208 - names, not paths
        if number not in (0, 1, 2, *keep):
            # The one by which they were listed is closed already.
            with contextlib.suppress(OSError):
                os.close(number)
    sys.stdout = _printing_to(1)
    sys.stderr = _printing_to(2)


def _printing_to(number: int) -> TextIO:
    return os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace", closefd=False)


def _become(account: pwd.struct_passwd) -> None:
    parent = os.getppid()
    language = os.environ.get("LANG", "C.UTF-8")
    os.environ.clear()
    os.environ.update(PATH=PATH, LANG=language, HOME=account.pw_dir, USER=account.pw_name)
    for name, limit in LIMITS.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (limit, limit))
    os.setgroups([])
    os.setresgid(*[account.pw_gid] * 3)
    os.setresuid(*[account.pw_uid] * 3)
    os.umask(0o077)
    os.chdir("/")
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    # A debugger of the account's may not attach to what still holds root's memory.
    _prctl(_PR_SET_DUMPABLE, 0)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel does not confine the copy")


def user_name(number: int) -> str:
    """Return the name of a user, or the number of one without a name."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
