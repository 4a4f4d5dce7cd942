"""The attack on damaged JPEGs, led by the coverage of the kernels: libFuzzer through atheris.

Run by ``tests/fuzz/guided``.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from random import Random

from imgcore.jpeg import Workspace
from tests.fuzz.damage import damaged, wholesome
from tests.fuzz.jpeg import attack

LONGEST = 1 << 16


def main(arguments: Sequence[str]) -> None:
    """Fuzz until stopped; the first of `arguments` is the folder of the corpus, all go to libFuzzer."""
    import atheris  # type: ignore[import-not-found]  # only where the script installed it

    used = Workspace()

    def mutated(data: bytes, size: int, seed: int) -> bytes:
        blind: bytes = atheris.Mutate(data, size)
        return blind if seed & 1 else damaged(data, Random(seed))[:size]

    corpus = Path(arguments[0])
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(wholesome()):
        (corpus / f"whole-{number:02d}").write_bytes(data)
    options = [sys.argv[0], f"-max_len={LONGEST}", *arguments]
    atheris.Setup(options, lambda data: attack(data, Random(zlib.crc32(data)), used), custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
