"""Landlock: files, sockets and signals out of reach of this process, by rules of its own."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Iterable, Sequence
from glob import glob
from itertools import chain

from server.children.confinement import Profile

_CREATE = 444
"""Number of the system call landlock_create_ruleset(2) on every processor."""
_ADD = 445
"""Number of the system call landlock_add_rule(2) on every processor."""
_RESTRICT = 446
"""Number of the system call landlock_restrict_self(2) on every processor."""
_ASK_VERSION = 1
"""Flag of landlock_create_ruleset(2) with which it returns its version and creates nothing."""
_BENEATH = 1
"""Type of a rule of Landlock that is about a path and everything beneath it."""

_EXECUTE = 1 << 0
"""Right to execute a file."""
_WRITE_FILE = 1 << 1
"""Right to open a file for writing."""
_READ_FILE = 1 << 2
"""Right to open a file for reading."""
_READ_FOLDER = 1 << 3
"""Right to list a folder."""
_TRUNCATE = 1 << 14
"""Right to truncate a file."""
_IOCTL_DEVICE = 1 << 15
"""Right to call ioctl(2) on a device file."""
_CONNECT = 1 << 16
"""Right to connect to a UNIX socket that has a path."""
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE | _CONNECT
"""Rights that can be given for a path that is no folder."""
_READ = _READ_FILE | _READ_FOLDER
"""Rights to read files and to list folders."""
_CHANGE = ((1 << 16) - 1) & ~_EXECUTE
"""Rights to do anything but execute and connect. The right to make device files is among them: that takes a
capability anyway."""
_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16, 9: 17}
"""Number of rights on files that a version of Landlock knows, by the version that last added one; they are
the lowest bits."""
_NET_VERSION = 4
"""First version of Landlock that can refuse connections by TCP."""
_NET = 0b11
"""Rights of Landlock to bind and to connect by TCP."""
_SCOPE_VERSION = 6
"""First version of Landlock that knows scopes."""
_SCOPES = 0b11
"""Scopes of Landlock that keep abstract UNIX sockets and signals among the processes that are confined
together."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"  # from Python 3.14 on, what may be packed says so; without bit fields it is GCC's layout
    _fields_ = (("rights", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """Return the version of Landlock that this kernel offers; 0 if there is none."""
    try:
        return _call(_CREATE, None, 0, _ASK_VERSION)
    except OSError as exc:
        # Built without; switched off; or held back by the filter of an older systemd.
        if exc.errno in (errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM):
            return 0
        raise


def restrict(profile: Profile, libraries: Iterable[str], listed: Iterable[str]) -> None:
    """Hold this process, and all that it starts, to a profile, for good.

    It must have one thread, and have given up new privileges.

    Parameters
    ----------
    libraries
        Files and folders that it reads to load its code.
    listed
        Folders in which it may see names.
    """
    known = version()
    files = (1 << max(bits for first, bits in _RIGHTS.items() if first <= known)) - 1
    net = _NET if known >= _NET_VERSION and not {"AF_INET", "AF_INET6"} & set(profile.families) else 0
    asked = _Ruleset(files, net, _SCOPES if known >= _SCOPE_VERSION else 0)
    rules = _call(_CREATE, ctypes.byref(asked), _size(known), 0)
    try:
        run = _EXECUTE if profile.programs else 0
        for paths, rights in (
            (listed, _READ_FOLDER),
            (libraries, _READ | run),
            (profile.reads, _READ),
            (profile.writes, _CHANGE),
            (profile.sockets, _CONNECT),
        ):
            for path in chain.from_iterable(map(_met, paths)):
                _allow(rules, path, rights & files)
        _call(_RESTRICT, rules, 0)
    finally:
        os.close(rules)


def _size(known: int) -> int:
    """Bytes of `_Ruleset` that a version reads: an older kernel refuses what it does not know."""
    return 24 if known >= _SCOPE_VERSION else 16 if known >= _NET_VERSION else 8


def _met(pattern: str) -> Sequence[str]:
    """Return the paths that a pattern stands for; itself where it has none, as a path with brackets."""
    return glob(pattern) or (pattern,)  # noqa: PTH207 - it is absolute


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        file = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not there, or not for this account: then nothing is lost
        return
    try:
        if not stat.S_ISDIR(os.fstat(file).st_mode):
            rights &= _OF_FILES
        if rights:
            _call(_ADD, rules, _BENEATH, ctypes.byref(_Beneath(rights, file)), 0)
    finally:
        os.close(file)


def _call(number: int, *arguments: object) -> int:
    wide = (ctypes.c_long(one) if isinstance(one, int) else one for one in arguments)
    result: int = ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *wide)
    if result < 0:
        raise OSError(ctypes.get_errno(), f"Landlock: {os.strerror(ctypes.get_errno())}")
    return result
