"""Enforcement of a profile on this process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from server.children.confinement import Profile, landlock, seccomp

_SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/sbin",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/sys/devices/system/cpu",
)
"""Libraries and fonts of the distribution: anybody may have them from its server."""
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
"""Device files that any interpreter may need; none of them is hardware."""
_PACKAGES = ("server", "imgcore", "models", "synthetic")
"""Folders of our own packages below the folder that holds them."""


def enforce(profile: Profile, root: str) -> None:
    """Hold this process to a profile for good, as far as its kernel can; call it before threads start.

    Parameters
    ----------
    root
        Folder of our packages.

    Raises
    ------
    OSError
        The kernel can and does not.
    """
    if landlock.version():
        landlock.restrict(profile, _libraries(Path(root)), [root])
    if seccomp.available():
        seccomp.install(profile)


def lacking() -> list[str]:
    """Return which of ``Landlock`` and ``seccomp`` this machine has not; `enforce` does without it."""
    there = {"Landlock": landlock.version(), "seccomp": seccomp.available()}
    return [name for name, offered in there.items() if not offered]


def _libraries(root: Path) -> Iterator[str]:
    """Yield what the interpreter loads code from, some of which may lie in somebody's home."""
    yield from (*_SYSTEM, *_DEVICES)
    yield from (str(root / name) for name in _PACKAGES)
    for prefix in {sys.prefix, sys.exec_prefix, sys.base_prefix}:
        yield from (str(Path(prefix, name)) for name in ("lib", "lib64"))
    # A checkout holds more than code.
    yield from (path for path in sys.path if path != str(root) or not (root / "pyproject.toml").exists())
    yield from filter(os.path.isabs, os.environ.get("LD_LIBRARY_PATH", "").split(":"))
