"""Every benchmark in its quick form, in three minutes altogether, and what they had to leave out.

Each runs in a process of its own, one after the other, and is ended when its share of the time that is
left is over: what it had printed by then stays.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

SECONDS = 175.0
"""For all of them; a process that is ended takes a moment to go."""
SHARES = 3.0
"""Most of them need less than an equal share of what is left: so many are lent to one."""
GRACE_SECONDS = 2.0


def run(names: Sequence[str], seconds: float = SECONDS) -> int:
    """Run all, say what was left out, and return 1 if one failed.

    Parameters
    ----------
    names
        The benchmarks.
    """
    ends = time.monotonic() + seconds
    left_out = []
    failed = []
    for number, name in enumerate(names):
        left = ends - time.monotonic()
        others = len(names) - number - 1
        share = left * min(SHARES, 1 + others / 2) / (1 + others)
        code = _code((sys.executable, "-m", "benchmarks", name, "--quick"), share)
        if code is None:
            left_out.append(f"script/bench {name} --quick: ended after {share:.0f} s")
        elif code:
            failed.append(f"script/bench {name} --quick: failed with {code}")
    for title, lines in (("Left out, each to be run by itself", left_out), ("Failed", failed)):
        if lines:
            print(f"\n{title}:", *lines, sep="\n  ", flush=True)
    return int(bool(failed))


def _code(command: Sequence[str], seconds: float) -> int | None:
    """Return the exit code of a process, None where it had to be ended; what it started ends with it."""
    if seconds <= 0:
        return None
    with subprocess.Popen(command, start_new_session=True) as process:
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            # As Ctrl-C does, so that services are stopped and folders removed.
            os.killpg(process.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_SECONDS)
            return None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
