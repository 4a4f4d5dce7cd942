"""Puts faults at each call of a writer, in children of a process without threads, and says what came.

``python -m tests.faults.points WRITER FOLDER``: a JSON object a line.
"""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.extent import COUNTED, extent
from tests.faults.tracer import Course, Fault, hindrance, trace
from tests.faults.writers import WRITERS

ERRORS = (errno.ENOSPC, errno.EROFS, errno.EIO)
"""Of calls that bring data to the disk; to the others they come in turn."""
DATA = frozenset({"create", "write", "pwrite", "writev"})
EVERY = extent(2, 1)


def faults(clean: Course) -> Iterator[Fault]:
    """All that can be put at each call of a course that went well, or a sample: one of them at every few."""
    for at, (call, tearable) in enumerate(zip(clean.calls, clean.tearable, strict=True)):
        errors = ERRORS if call in DATA else (ERRORS[at % len(ERRORS)],)
        possible = [Fault(at), *(Fault(at, error) for error in errors)]
        if tearable:
            possible.append(Fault(at, torn=True))
        if COUNTED:
            yield from possible
        elif at % EVERY == 0:
            yield Random(at).choice(possible)


def main(name: str, base: Path) -> None:
    """Print what happened, fault by fault."""
    reason = hindrance()
    if reason is not None:
        print(json.dumps({"hindrance": reason}))
        return
    writer = WRITERS[name]

    def run(number: int, fault: Fault | None) -> Course:
        folder = base / str(number)
        folder.mkdir()
        writer.prepare(folder)
        return trace(writer.write, folder, fault)

    clean = run(0, None)
    _say(0, "nothing", clean)
    for number, fault in enumerate(faults(clean), 1):
        _say(number, str(fault), run(number, fault))


def _say(number: int, fault: str, course: Course) -> None:
    last = course.calls[-1] if course.calls else ""
    line = {"folder": number, "fault": fault, "notes": course.notes, "killed": course.killed, "last": last}
    print(json.dumps({**line, "status": course.status, "calls": len(course.calls)}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
