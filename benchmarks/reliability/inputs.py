"""Inputs tried: randomly mutated files and messages against every decoder of foreign bytes."""

from __future__ import annotations

import importlib
import sys
import time
from random import Random

from benchmarks import report
from server.errors import LocalizedText

HEADS = (("decoder", "inputs", "not answered as they should be"), ("解码器", "输入数", "处理不当"))


def section(quick: bool) -> tuple[LocalizedText, bool]:
    """Return the table in both languages, and True if an input was not answered as it should be."""
    targets = importlib.import_module("tests.fuzz.table").TARGETS
    rows = []
    failed = False
    for name, target in targets.items():
        chance = Random(name)
        seeds = list(target.seeds())
        end = time.monotonic() + (0.5 if quick else 6.0)
        tried = 0
        bad = 0
        while time.monotonic() < end:
            try:
                target.attack(damaged(chance.choice(seeds), chance)[: target.longest])
            except Exception as exc:  # noqa: BLE001 - counted, and told
                print(f"{name}: {type(exc).__name__}", file=sys.stderr)
                bad += 1
            tried += 1
        failed = failed or bad > 0
        rows.append([name, str(tried), str(bad)])
    return LocalizedText(report.table(HEADS[1], rows), report.table(HEADS[0], rows)), failed


def damaged(data: bytes, chance: Random) -> bytes:
    """Return data with some bytes changed, removed or inserted."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(made) + 1)
        match chance.randrange(4):
            case 0 if place < len(made):
                made[place] ^= 1 << chance.randrange(8)
            case 1:
                del made[place : place + chance.randint(1, 40)]
            case 2:
                made[place:place] = chance.randbytes(chance.randint(1, 8))
            case _:
                made[place : place + 4] = chance.choice((b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff"))
    return bytes(made)
