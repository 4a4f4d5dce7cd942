"""A target under libFuzzer, led by the coverage of our own modules; run by ``script/fuzz``.

``python -m tests.fuzz.led TARGET CORPUS [LIBFUZZER OPTION...]``. The seeds are written to the corpus first.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import atheris  # type: ignore[import-not-found]  # the extra `fuzz`, on x86-64 only

# What compares large buffers leaks under instrumentation; tests/fuzz/guided leads the JPEG kernels otherwise.
UNLED = ["imgcore.jpeg." + name for name in ("layout", "huffman", "scan", "splice", "turn", "workspace")]

with atheris.instrument_imports(include=["server", "imgcore"], exclude=UNLED):
    from tests.fuzz.table import TARGETS


def main(arguments: Sequence[str]) -> None:
    """Fuzz until libFuzzer's options or a finding end it."""
    name, folder, *options = arguments
    target = TARGETS[name]
    corpus = Path(folder)
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number:03d}").write_bytes(seed)
    if target.words:
        words = corpus.with_name(f"{corpus.name}.words")
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words))
        options.append(f"-dict={words}")
    # A memory or time far above what any input may cost is a finding, too.
    limits = ["-rss_limit_mb=2048", "-timeout=20", f"-max_len={target.longest}"]
    atheris.Setup([sys.argv[0], folder, *limits, *options], target.attack)
    atheris.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02X}" for byte in word)


if __name__ == "__main__":
    main(sys.argv[1:])
