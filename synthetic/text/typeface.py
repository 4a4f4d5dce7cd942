"""The fonts of the system; without any, Pillow's own, and without a Chinese one, English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, TypeAlias

import PIL.ImageFont

Font: TypeAlias = "PIL.ImageFont.FreeTypeFont | PIL.ImageFont.ImageFont"

FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))

SERIF = ("NotoSerifCJK-Regular*", "NotoSerifSC-Regular*", "SourceHanSerif*Regular*", "uming*")
SANS = ("NotoSansCJK-Regular*", "NotoSansSC-Regular*", "SourceHanSans*Regular*", "wqy-*", "Droid*Fallback*")
SERIF_BOLD = ("NotoSerifCJK-Bold*", "NotoSerifSC-Bold*", "SourceHanSerif*Bold*")
SANS_BOLD = ("NotoSansCJK-Bold*", "NotoSansSC-Bold*", "SourceHanSans*Bold*")
LATIN = ("DejaVuSerif.ttf", "LiberationSerif-Regular.ttf", "DejaVuSans.ttf", "LiberationSans-Regular.ttf")
MONO = ("DejaVuSansMono.ttf", "LiberationMono-Regular.ttf")
STYLES = (
    *("DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf", "DejaVuSansCondensed.ttf"),
    *("DejaVuSerifCondensed.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSans-Oblique.ttf"),
    *("DejaVuSerif-BoldItalic.ttf", "DejaVuSans-Bold.ttf", "Liberation*-Regular.ttf"),
)
"""Latin fonts that random pages are set in."""

SIMPLIFIED = ("uming", "ukai", "wqy", "wenkai")
SYMBOLS = ("math", "symbol", "d050000l", "hairline", "unsmry", "caps", "cw", "ipa", "dotgothic")
FAMILY = 8
"""Fonts of one family at most."""


class Face(NamedTuple):
    """A font file, or none for Pillow's own, and which member of a collection it is."""

    path: Path | None = None
    member: int = 0

    def at(self, pixels: float) -> Font:
        """Return the face with an em of `pixels`."""
        if self.path is None:
            return PIL.ImageFont.load_default(max(1.0, pixels))
        return _loaded(self.path, max(1, round(pixels)), self.member)


class Faces(NamedTuple):
    """Faces for either script; those for Chinese have Latin letters of their own."""

    latin: tuple[Face, ...]
    chinese: tuple[Face, ...]


class Typefaces(NamedTuple):
    """The faces a document is set in; `chinese` if all of them hold Chinese."""

    chinese: bool
    serif: Face
    sans: Face
    bold: Face
    mono: Face

    def pick(self, zh: str, en: str) -> str:
        """Return the wording these faces can show."""
        return zh if self.chinese else en


def typefaces() -> Typefaces:
    """Choose from this machine's fonts; looks through their folders, a few milliseconds."""
    sans = find(SANS + SERIF)
    serif = find(SERIF + SANS)
    if sans is None or serif is None:
        latin = find(LATIN) or Face()
        return Typefaces(False, latin, latin, latin, find(MONO) or latin)
    return Typefaces(True, serif, sans, find(SERIF_BOLD + SANS_BOLD) or serif, sans)


@lru_cache(maxsize=4)
def system_faces(more: Path | None = None) -> Faces:
    """Find faces for random pages, also a few of each family in the folder `more`; if none, Pillow's."""
    latin = tuple(face for name in STYLES if (face := find((name,))))
    kinds = (SANS, SANS_BOLD, SERIF, SERIF_BOLD)
    chinese = tuple(face for names in kinds if (face := find(names)))
    others, simplified = _families(more) if more else ((), ())
    return Faces((*latin, *chinese, *others, *simplified) or (Face(),), (*chinese, *simplified))


def find(patterns: tuple[str, ...]) -> Face | None:
    """Return the first font that one of the patterns names, and FreeType can read."""
    files = (path for pattern in patterns for folder in FOLDERS for path in sorted(folder.rglob(pattern)))
    return next(_readable(files), None)


def _readable(paths: Iterable[Path]) -> Iterator[Face]:
    for path in paths:
        try:
            yield Face(path, _simplified(path))
        except OSError:  # FreeType cannot read it: the next one may do
            continue


def _families(folder: Path) -> tuple[tuple[Face, ...], tuple[Face, ...]]:
    """Return Latin and Chinese faces of a folder, `FAMILY` of each Latin family at most."""
    found = sorted(path for path in folder.rglob("*.[to]t[fc]") if not _names(path, SYMBOLS))
    chinese = [path for path in found if _names(path, SIMPLIFIED)]
    latin: list[Path] = []
    others = sorted((path for path in found if path not in chinese), key=_family)
    for _, members in groupby(others, key=_family):
        family = list(members)
        latin += family[:: -(-len(family) // FAMILY)]
    return tuple(_readable(latin)), tuple(_readable(chinese))


def _family(path: Path) -> str:
    return path.stem.lower()[:6]


def _names(path: Path, parts: tuple[str, ...]) -> bool:
    return any(part in path.stem.lower() for part in parts)


@lru_cache(maxsize=256)
def _loaded(path: Path, pixels: int, index: int) -> Font:
    return PIL.ImageFont.truetype(path, pixels, index)


def close_fonts() -> None:
    """Close the files of all fonts; those that are needed again are opened again."""
    _loaded.cache_clear()


def _simplified(path: Path) -> int:
    """Return which face of a collection has the mainland's glyphs; 0 for a file that is no collection."""
    with path.open("rb") as file:
        head = file.read(12)
    count = min(64, int.from_bytes(head[8:12], "big")) if head[:4] == b"ttcf" else 0
    names = [PIL.ImageFont.truetype(path, 10, index).getname()[0] or "" for index in range(count)]
    chosen = next((index for index, name in enumerate(names) if name.endswith("SC")), 0)
    PIL.ImageFont.truetype(path, 10, chosen)
    return chosen
