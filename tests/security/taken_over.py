"""A child whose code is a stranger's: it tries what could be of use to one, and tells how each went."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import os
import resource
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from server.children.channel import Channel

DONE = "done"
LIBC = ctypes.CDLL(None, use_errno=True)
_ATTACH = 16
_UNSHARE_USER = 0x10000000
_TYPE = 0x5412
_PIDFD_OPEN = 434
_IO_URING_SETUP = 425
_OTHER_INTERFACE = 0x40000000 | 39


class _Piece(ctypes.Structure):
    _fields_ = (("start", ctypes.c_void_p), ("length", ctypes.c_size_t))


def main(channel: Channel, given: str) -> None:
    """Try all, and answer with the outcome of each: `DONE` or the name of an error."""
    target = json.loads(given)
    channel.send(json.dumps({name: _tried(name, target) for name in ATTEMPTS}).encode())


def _tried(name: str, target: Mapping[str, Any]) -> str:
    try:
        ATTEMPTS[name](target)
    except OSError as exc:
        return errno.errorcode[exc.errno or 0]
    return DONE


def _called(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), "")


def _memory(name: str, target: Mapping[str, Any]) -> None:
    here = ctypes.create_string_buffer(target["length"])
    own = _Piece(ctypes.addressof(here), target["length"])
    other = _Piece(target["address"], target["length"])
    call = getattr(LIBC, name)
    _called(call(target["service"], ctypes.byref(own), 1, ctypes.byref(other), 1, 0))


def _forked(_: Mapping[str, Any]) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _program(_: Mapping[str, Any]) -> None:
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)


def _connected(family: int, kind: int, address: Any) -> None:
    with socket.socket(family, kind) as line:
        line.connect(tuple(address) if isinstance(address, list) else address)


ATTEMPTS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "read the token": lambda target: Path(target["token"]).read_bytes(),
    "list the home": lambda target: next(Path(target["home"]).iterdir()),
    "write in the home": lambda target: Path(target["home"], "written").write_bytes(b"x"),
    "change the token": lambda target: Path(target["token"]).open("r+b").close(),
    "empty a file": lambda target: os.truncate(target["token"], 0),
    "remove a file": lambda target: Path(target["home"], "victim").unlink(),
    "move a file": lambda target: Path(target["home"], "other").rename(Path(target["home"], "moved")),
    "open a file's rights": lambda target: Path(target["token"]).chmod(0o666),
    "read the environment": lambda target: Path(f"/proc/{target['service']}/environ").read_bytes(),
    "read the arguments": lambda target: Path(f"/proc/{target['service']}/cmdline").read_bytes(),
    "open the memory": lambda target: Path(f"/proc/{target['service']}/mem").open("rb").close(),
    "read the memory": lambda target: _memory("process_vm_readv", target),
    "write the memory": lambda target: _memory("process_vm_writev", target),
    "trace": lambda target: _called(LIBC.ptrace(_ATTACH, target["service"], 0, 0)),
    "end the service": lambda target: os.kill(os.getppid(), 0),
    "hold the service": lambda target: _called(LIBC.syscall(_PIDFD_OPEN, target["service"], 0)),
    "limit the service": lambda target: resource.prlimit(target["service"], resource.RLIMIT_CORE, (0, 0)),
    "run a program": _program,
    "fork": _forked,
    "connect by TCP": lambda target: _connected(socket.AF_INET, socket.SOCK_STREAM, target["server"]),
    "open UDP": lambda target: _connected(socket.AF_INET, socket.SOCK_DGRAM, target["server"]),
    "connect to a socket": lambda target: _connected(socket.AF_UNIX, socket.SOCK_STREAM, target["socket"]),
    "hear the kernel": lambda _: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
    "type into a terminal": lambda _: fcntl.ioctl(0, _TYPE, b"x"),
    "become another user": lambda _: _called(LIBC.unshare(_UNSHARE_USER)),
    "queue calls": lambda _: _called(LIBC.syscall(_IO_URING_SETUP, 1, None)),
    "call by another interface": lambda _: _called(LIBC.syscall(_OTHER_INTERFACE)),
}
