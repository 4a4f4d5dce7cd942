"""Covering of what a copy should not tell: numbers, names, addresses and portraits, beyond recovery."""

from imgcore.privacy.copy import CopiedPage, Copier, UnreadablePage
from imgcore.privacy.cover import black_out
from imgcore.privacy.patterns import Hidden

__all__ = ["CopiedPage", "Copier", "Hidden", "UnreadablePage", "black_out"]
