"""Messages that nobody should send, made by Hypothesis: many kinds, the same ones each time."""

from __future__ import annotations

import json
from functools import cache
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from server.protocol.catalogue import CATALOGUE
from server.protocol.parameters import parameters

EXAMPLES = 300
KEYS = sorted({name for f in CATALOGUE.values() for p in parameters(f.request) for name in p.names})
LASTING = {"Scan", "GetScanEndStatue", "ReadIDCardInfo", "ReadFingerInfo", "GetCameraVideoBuff"}
QUIET = sorted(name for name in set(CATALOGUE) - LASTING if not CATALOGUE[name].pushes)
"""Functions whose right use takes no seconds, begins no stream and ends with one answer."""
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=8), inner, max_size=6),
    max_leaves=20,
)
REQUESTS = st.builds(
    lambda name, fields: json.dumps({"func": name, **fields}, ensure_ascii=False),
    st.sampled_from(QUIET) | st.text(max_size=70),
    st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), VALUES, max_size=6),
)
MESSAGES = (
    st.binary(max_size=200)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
    | VALUES.map(json.dumps)
    | REQUESTS
    | REQUESTS.map(lambda text: text[: len(text) // 2])
)


def corpus(count: int, chance: Random) -> list[str | bytes]:
    """`count` messages: some hundred of Hypothesis's, and damaged copies of them."""
    made = hypothesis_made()
    return [*made[:count], *(_damaged(chance.choice(made), chance) for _ in range(count - len(made)))]


@cache
def hypothesis_made() -> tuple[str | bytes, ...]:
    """Some hundred messages of every kind."""
    made: list[str | bytes] = []

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(MESSAGES)
    def collect(message: str | bytes) -> None:
        made.append(message)

    collect()
    return tuple(made)


def _damaged(message: str | bytes, chance: Random) -> bytes:
    data = bytearray(message.encode() if isinstance(message, str) else message) or bytearray(b"{")
    for _ in range(chance.randint(1, 4)):
        data[chance.randrange(len(data))] = (
            chance.choice(b'{}[]":,\\0aN\xff') if chance.random() < 0.5 else chance.randrange(256)
        )
    return bytes(data)
