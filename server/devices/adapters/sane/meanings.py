"""Meanings of drivers' own words: which word of the interface standard stands for a source or a mode.

Drivers call one thing by many words: a feeder is ``ADF Front`` or ``Automatic Document Feeder``, and both
sides are a source, or a value of ``adf-mode``, ``duplex`` or ``ScanMode``. The tables hold what published
option lists of scanners say, the patterns what drivers may say that nobody has listed; what neither knows
keeps its own word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.devices.adapters.sane.area import Options

FLATBED = "Flatbed"
SIMPLEX = "Simplex"
DUPLEX = "Duplex"
ERROR_DIFFUSION = "Error Diffusion"

MODES: Mapping[str, tuple[str, ...]] = {
    "Color": (
        "Color", "Colour", "24bit Color", "24bit Color[Fast]", "Color24", "RGB", "Farbe", "Couleur", "彩色",
    ),
    "Gray": (
        "Gray", "Grey", "Grayscale", "True Gray", "Gray8", "8 Bit Gray", "Graustufen", "Grau", "灰度",
    ),
    "Black & White": (
        "Black & White", "Black and White", "Lineart", "Binary", "Monochrome", "B/W", "Schwarzweiß", "黑白",
    ),
    ERROR_DIFFUSION: (
        "Error Diffusion", "Gray[Error Diffusion]", "Diffusion", "Halftone", "Dithered", "Dither", "半色调",
    ),
    "ATEII": ("ATEII", "ATE II", "Advanced Text Enhancement II", "Advanced Text Enhancement"),
}  # fmt: skip
"""Modes of the standard, and what drivers call them, the best first."""
SOURCES: Mapping[str, tuple[str, ...]] = {
    FLATBED: ("Flatbed", "Normal", "Document Table", "Platen", "Reflective", "平板"),
    SIMPLEX: (
        "Simplex", "ADF Front", "ADF Simplex", "ADF", "ADF Front Side", "Automatic Document Feeder",
        "Automatic Document Feeder(left aligned)", "Document Feeder", "Feeder", "进纸器",
    ),
    DUPLEX: (
        "Duplex", "ADF Duplex", "ADF Both", "ADF Both Sides", "Automatic Document Feeder(Duplex)",
        "Automatic Document Feeder(left aligned,Duplex)", "进纸器（双面）",
    ),
}  # fmt: skip
"""Sources of the standard, and what drivers call them, the best first."""

_BOTH = re.compile(r"duplex|both|(two|double|2)[ _-]?sided?|recto|beid|双面|两面", re.IGNORECASE)
"""Pattern of a source or value that stands for both sides."""
_BACK = re.compile(r"back|rear|verso|rück|背面|反面", re.IGNORECASE)
"""Pattern of a source that is the back alone."""
_FEEDER = re.compile(r"adf|feed|sheet|simplex|duplex|einzug|chargeur|进纸|输稿", re.IGNORECASE)
"""Pattern of a source that is a feeder."""
_APART = re.compile(r"card|film|transp|negativ|positiv|slide|tpu|xpa|carrier|manual|卡|胶片", re.IGNORECASE)
"""Pattern of a source that is neither the glass nor the feeder for sheets."""
_GLASS = re.compile(r"flat|platen|glass|table|normal|reflect|vorlage|平板", re.IGNORECASE)
"""Pattern of a source that is the glass."""
_DEEP = re.compile(r"(?<!\d)(10|12|14|16|30|36|42|48) ?bit|(?:16|48)$|48 bits|infra", re.IGNORECASE)
"""Pattern of a mode with more than eight bits a colour, or of other light."""
_MODE_PATTERNS: Mapping[str, re.Pattern[str]] = {
    ERROR_DIFFUSION: re.compile(r"diffus|half ?tone|dither|半色调|误差", re.IGNORECASE),
    "ATEII": re.compile(r"\bate\b|text enhanc", re.IGNORECASE),
    "Black & White": re.compile(
        r"line ?art|black|binary|bitonal|mono|1[ -]?bit|schwarz|noir|黑白", re.IGNORECASE
    ),
    "Gray": re.compile(r"gr[ae]y|grau|gris|灰", re.IGNORECASE),
    "Color": re.compile(r"colou?r|couleur|farb|rgb|彩", re.IGNORECASE),
}
"""Patterns of modes that no table has; the first that fits counts."""


def is_fed(word: str) -> bool:
    """Return whether a source takes sheet after sheet, or a card, by its name."""
    return bool(_FEEDER.search(word) or re.search("card", word, re.IGNORECASE))


def is_both(word: str) -> bool:
    """Return whether a source or a value stands for both sides, by its name."""
    return bool(_BOTH.search(word))


def is_back(word: str) -> bool:
    """Return whether a source is the back of sheets alone, by its name."""
    return bool(_BACK.search(word)) and not is_both(word)


def named_modes(words: Sequence[str]) -> dict[str, str]:
    """Return the driver's modes by the names that they are offered by, in the driver's order."""
    return _named(words, MODES, _mode_by_pattern)


def named_sources(words: Sequence[str]) -> dict[str, str]:
    """Return the driver's sources by the names that they are offered by, in the driver's order."""
    return _named(words, SOURCES, _source_by_pattern)


def _named(
    words: Sequence[str], table: Mapping[str, tuple[str, ...]], by_pattern: Callable[[str], str | None]
) -> dict[str, str]:
    plain = {_plain(word): word for word in reversed(words)}
    chosen: dict[str, str] = {}
    for standard, known in table.items():
        listed = next((plain[_plain(each)] for each in known if _plain(each) in plain), None)
        guessed = next((word for word in words if by_pattern(word) == standard), None)
        if (own := listed or guessed) is not None:
            chosen[own] = standard
    return {chosen.get(word, word): word for word in words}


def _plain(word: str) -> str:
    """Return a word without case, blanks and signs, which drivers of one maker write in several ways."""
    return re.sub(r"[\W_]", "", word).casefold()


def _mode_by_pattern(word: str) -> str | None:
    if _DEEP.search(word):
        return None
    return next((standard for standard, pattern in _MODE_PATTERNS.items() if pattern.search(word)), None)


def _source_by_pattern(word: str) -> str | None:
    if _APART.search(word) or is_back(word):
        return None
    if is_fed(word):
        return DUPLEX if is_both(word) else SIMPLEX
    return FLATBED if _GLASS.search(word) else None


@dataclass(frozen=True, slots=True)
class SidesOption:
    """Option of a driver that says whether one side of a sheet is scanned or both."""

    name: str
    one: Any
    both: Any

    def value(self, both: bool) -> Any:
        """Return the value for both sides, or for one."""
        return self.both if both else self.one


SIDES_SWITCHES = frozenset({"duplex", "adf_duplex", "duplex_scan", "double_sided", "two_sided", "both_sides"})
"""Options that are switched on for both sides."""
_NO_SIDES = frozenset({"source", "mode"})
"""Options with a meaning of their own, whatever their values say."""
_OFF = re.compile(r"off|none|no|simplex|single|one|front|aus|1", re.IGNORECASE)
"""Pattern of the value of a list that stands for one side."""


def sides_option(options: Options) -> SidesOption | None:
    """Return the option for both sides that is there now; setting a source may bring or remove it.

    It is a switch of a known name, or any list of which one value stands for both sides and another does not.
    """
    for name in options.names():
        if name in _NO_SIDES or not options.has(name):
            continue
        words = options.words(name)
        if words is None:
            if name in SIDES_SWITCHES:
                return SidesOption(name, False, True)
            continue
        values = [word for word in words if isinstance(word, str)]
        both = next((word for word in values if is_both(word)), None)
        if both is None and name in SIDES_SWITCHES:
            both = next((word for word in values if not _OFF.match(word)), None)
        one = next((word for word in values if word != both and _OFF.match(word)), None)
        if both is not None and one is not None:
            return SidesOption(name, one, both)
    return None
