"""What a thing to be fuzzed is: bytes go in, and nothing but its declared errors comes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """One decoder of foreign bytes.

    Attributes
    ----------
    attack
        Feeds it; returns for whatever is answered as it should be, and lets anything else through.
    seeds
        Wholesome inputs to begin with.
    longest
        Bytes of an input.
    words
        What generators do not guess.
    """

    attack: Callable[[bytes], None]
    seeds: Callable[[], Sequence[bytes]]
    longest: int = 4096
    words: Sequence[bytes] = ()
