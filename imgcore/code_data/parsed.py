"""Fields of a code's text."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field


class Scheme(enum.StrEnum):
    """Schemes by which texts of codes have fields."""

    GS1 = "gs1"
    AAMVA = "aamva"
    BCBP = "bcbp"


@dataclass(frozen=True, eq=False)
class ParsedData:
    """Text of a code, field by field.

    Attributes
    ----------
    fields
        By the scheme's own identifiers; dates are year-month-day where the scheme tells their century.
    problems
        Field and rule that it breaks, as ``01.check``; never what a field holds.
    """

    scheme: Scheme
    fields: Mapping[str, str] = field(repr=False)
    problems: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """True if all rules of the scheme that are checked hold."""
        return not self.problems
