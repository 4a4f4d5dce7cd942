"""Fonts of this machine for text that is drawn into pictures.

A font is taken only if it has every character: what it lacks would be drawn as an empty box.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import PIL.ImageFont

from imgcore.output.watermark import Typeface
from server.errors import FontMissing

FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
"""Folders of the system and of the user in which fonts are searched."""
PREFERRED = (
    *(
        "notosanscjksc-regular",
        "notosanssc",
        "notosanscjk-regular",
        "sourcehansanssc-regular",
        "sourcehansans",
    ),
    *("wqy-microhei", "wqy-zenhei", "droidsansfallbackfull", "droidsansfallback", "notoserifcjk-regular"),
    *("simhei", "msyh", "simsun", "uming", "ukai", "dejavusans"),
)
"""Beginnings of the file names of fonts with Chinese, the best first, as distributions carry them."""

_SUFFIXES = (".ttf", ".ttc", ".otf")
"""Suffixes of the names of font files."""
_TRIAL_HEIGHT = 32
"""Pixels of the height at which a font is opened to see which characters it has."""
_FACES = 12
"""Most faces of a font collection that are looked at."""
_NO_CHARACTER = "\U0010fffe"
"""Character that no font has: it is drawn as whatever a font draws for what it lacks."""


def typeface(text: str, configured: str = "") -> Typeface:
    """Return a font that has all characters of a text; blocks while fonts are searched.

    Parameters
    ----------
    configured
        File that the configuration names; empty for the best of this machine.

    Raises
    ------
    server.errors.FontMissing
        There is none.
    """
    for font in _candidates(configured):
        if _has_all(font, text):
            return lambda height, font=font: font.font_variant(size=height)  # type: ignore[misc]
    raise FontMissing()


def _candidates(configured: str) -> Iterator[PIL.ImageFont.FreeTypeFont]:
    if configured:
        if (font := _opened(Path(configured).expanduser())) is not None:
            yield font
        return
    yield from filter(None, map(_opened, installed_fonts()))
    built_in = PIL.ImageFont.load_default(_TRIAL_HEIGHT)
    if isinstance(built_in, PIL.ImageFont.FreeTypeFont):
        yield built_in


def installed_fonts() -> list[Path]:
    """Return the font files of this machine, preferred ones first."""
    found = [path for folder in FOLDERS for path in _files(Path(folder).expanduser())]
    return sorted(found, key=lambda path: (_rank(path), path))


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)


def _rank(path: Path) -> int:
    name = path.name.lower()
    return next((rank for rank, start in enumerate(PREFERRED) if name.startswith(start)), len(PREFERRED))


@cache
def _opened(path: Path) -> PIL.ImageFont.FreeTypeFont | None:
    """Open a font, of a collection its face with simplified forms; None if it is damaged."""
    try:
        first = _face(path, 0)
    except OSError:
        return None
    return _simplified(path) or first


def _simplified(path: Path) -> PIL.ImageFont.FreeTypeFont | None:
    if path.suffix.lower() != ".ttc":
        return None
    for index in range(_FACES):
        try:
            font = _face(path, index)
        except OSError:
            return None
        if (font.getname()[0] or "").endswith(" SC"):
            return font
    return None


def _face(path: Path, index: int) -> PIL.ImageFont.FreeTypeFont:
    return PIL.ImageFont.truetype(str(path), _TRIAL_HEIGHT, index, layout_engine=PIL.ImageFont.Layout.BASIC)


def _has_all(font: PIL.ImageFont.FreeTypeFont, text: str) -> bool:
    lacking = _drawn(font, _NO_CHARACTER)
    return all(_drawn(font, character) != lacking for character in set(text) if not character.isspace())


def _drawn(font: PIL.ImageFont.FreeTypeFont, character: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(character)
    return mask.size, bytes(mask)
