"""The first code of a child process of ours: ``python -I entry.py MODULE SETUP [ARGUMENT...]``.

It binds the process to its limits and calls ``MODULE.main(channel, *arguments)``. Started by its path and
isolated (``-I``), it finds modules in Python's own folders and in the one that holds this package, never in
the current folder nor where the environment says.

Standard library only, and written for Python 3.8 on: libfprint's child runs under the Python that the
distribution built its bindings for.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import importlib
import json
import os
import resource
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).parents[2])
"""The folder that holds our packages."""
_PR_SET_PDEATHSIG = 1
"""Option of prctl(2) that names the signal a process gets when its parent dies."""
_PR_SET_DUMPABLE = 4
"""Option of prctl(2) that says whether a process can be dumped and traced by its own user."""
_PR_SET_NO_NEW_PRIVS = 38
"""Option of prctl(2) after which no program that is executed can bring new privileges."""


def main() -> None:
    """Serve as the arguments say; SETUP is a JSON object made by `server.children.child.start`."""
    module, setup, *arguments = sys.argv[1:]
    given: dict[str, Any] = json.loads(setup)
    _report_to(given["report"])
    _limit(given["limits"])
    if given["untrusted"]:
        _end_first(given["parent"])
    _prctl(_PR_SET_DUMPABLE, 0)
    _find_our_packages(given["ours_last"])
    if given["profile"] is not None:
        _confine(given["profile"])
    # Only now, under the limits.
    channel = importlib.import_module("server.children.channel")
    line = channel.Channel(socket.socket(fileno=given["line"]))
    importlib.import_module(module).main(line, *arguments)


def _report_to(file: int) -> None:
    """Note in `file` how and where this process fails, without words, which may be of what it works on."""
    faulthandler.enable(file)

    def note(kind: type[BaseException], exc: BaseException, trace: Any) -> None:
        frames = reversed(traceback.extract_tb(trace))
        places = [f'  File "{frame.filename}", line {frame.lineno}\n' for frame in frames]
        os.write(file, "".join([f"{kind.__name__}\n", *places]).encode("utf-8", "backslashreplace"))

    sys.excepthook = note


def _limit(limits: dict[str, int]) -> None:
    """Set limits by name, such as ``AS``. A core dump would be a copy of what was read last."""
    for name, limit in {"CORE": 0, **limits}.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (limit, limit))


def _end_first(parent: int) -> None:
    """Live no longer than `parent`, gain no privileges, and be the first to go when memory runs out."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    if os.getppid() != parent:
        os._exit(0)
    # Where there is no /proc, memory is bounded by the limits all the same.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _confine(rights: dict[str, Any]) -> None:
    """Hold this process to a `server.children.confinement.Profile`."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    # It may change no file, and would try.
    sys.dont_write_bytecode = True
    profile = importlib.import_module("server.children.confinement").Profile(**rights)
    importlib.import_module("server.children.confinement.enforcement").enforce(profile, ROOT)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl {option}")


def _find_our_packages(last: bool) -> None:
    """Let modules be imported from `ROOT`, before those of others or behind all."""
    if ROOT not in sys.path:
        installed = (at for at, path in enumerate(sys.path) if path.endswith("-packages"))
        sys.path.insert(len(sys.path) if last else next(installed, len(sys.path)), ROOT)


if __name__ == "__main__":
    main()
