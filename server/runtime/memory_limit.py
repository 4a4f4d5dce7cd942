"""Memory that this process and its children may take together."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

CGROUPS = Path("/sys/fs/cgroup")


def memory_bytes() -> int:
    """Return the memory of the machine, or what a control group such as a unit of systemd leaves of it."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        groups = Path("/proc/self/cgroup").read_text(encoding="utf-8")
    except OSError:
        return machine
    return min([machine, *group_limits(groups, CGROUPS)])


def group_limits(groups: str, root: Path) -> Iterator[int]:
    """Yield the limits of control groups, as ``/proc/self/cgroup`` names them, and of those around them."""
    for line in groups.splitlines():
        _, controllers, name = line.split(":", 2)
        if controllers == "":
            yield from _limits(root, name, "memory.max")
            yield from _limits(root, name, "memory.high")
        elif "memory" in controllers.split(","):
            yield from _limits(root / "memory", name, "memory.limit_in_bytes")


def _limits(root: Path, name: str, file: str) -> Iterator[int]:
    group = PurePosixPath(name.lstrip("/"))
    for folder in (group, *group.parents):
        # The root has no such file, and "max" is no number.
        with contextlib.suppress(OSError, ValueError):
            yield int((root / folder / file).read_text(encoding="ascii"))


MEMORY_BYTES = memory_bytes()
"""Read at the start: where it is needed, nothing may block."""
