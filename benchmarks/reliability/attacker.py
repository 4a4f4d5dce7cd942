"""The process that attacks until it is ended; its arguments are an attack and the ports of its target."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys

from benchmarks.reliability.attacks import ATTACKS, Attack, Target

RETRY_SECONDS = 0.2
NICENESS = 10
"""Behind the service: measured is what the service does, and not who else needs the processors."""


async def attack(kind: Attack, target: Target) -> None:
    """Attack until cancelled."""
    async with asyncio.TaskGroup() as group:
        for _ in range(kind.connections):
            group.create_task(_go_on(kind, target))


async def _go_on(kind: Attack, target: Target) -> None:
    while True:
        # To be refused, cut off or answered with an error is what an attacker has to expect.
        with contextlib.suppress(OSError, EOFError, TimeoutError, StopIteration):
            await kind.client(target)
        await asyncio.sleep(RETRY_SECONDS)


if __name__ == "__main__":
    name, *ports = sys.argv[1:]
    os.nice(NICENESS)
    print("attacking", flush=True)
    asyncio.run(attack(ATTACKS[name], Target(*map(int, ports))))
