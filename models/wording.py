"""A sentence in both languages."""

from __future__ import annotations

from typing import NamedTuple


class Wording(NamedTuple):
    """Sentence in Chinese and in English."""

    zh: str
    en: str
