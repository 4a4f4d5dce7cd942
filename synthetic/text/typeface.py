"""The fonts of the system; without any, Pillow's own, and without a Chinese one, English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))

SERIF = ("NotoSerifCJK-Regular*", "NotoSerifSC-Regular*", "SourceHanSerif*Regular*", "uming*")
SANS = (
    "NotoSansCJK-Regular*",
    "NotoSansSC-Regular*",
    "SourceHanSans*Regular*",
    "wqy-*",
    "DroidSansFallback*",
)
BOLD = ("NotoSerifCJK-Bold*", "NotoSansCJK-Bold*", "NotoSansSC-Bold*", "SourceHanSans*Bold*")
LATIN = ("DejaVuSerif.ttf", "LiberationSerif-Regular.ttf", "DejaVuSans.ttf", "LiberationSans-Regular.ttf")
MONO = ("DejaVuSansMono.ttf", "LiberationMono-Regular.ttf")

STYLES = tuple(
    f"DejaVu{style}.ttf"
    for style in (
        *("Sans", "Serif", "SansMono", "SansCondensed", "SerifCondensed"),
        *("Serif-Bold", "Sans-Oblique", "Serif-BoldItalic", "Sans-Bold"),
    )
)
"""Latin fonts that random pages are set in, from upright to bold and slanted."""
WEIGHTS = tuple(
    f"Noto{family}CJK-{weight}.ttc" for family in ("Sans", "Serif") for weight in ("Regular", "Bold")
)
"""Chinese fonts that random pages are set in."""

SIMPLIFIED = ("uming", "ukai", "wqy", "wenkai")
SYMBOLS = ("math", "symbol", "d050000l", "hairline", "unsmry", "caps", "cw", "ipa", "dotgothic")
FAMILY = 8
"""Fonts of one family at most."""


@dataclass(frozen=True, slots=True)
class Face:
    """A font file, or none for Pillow's own."""

    path: Path | None = None
    index: int = 0

    def at(self, pixels: float) -> Font:
        """Return the face with an em of `pixels`."""
        if self.path is None:
            return ImageFont.load_default(max(1.0, pixels))
        return _loaded(self.path, max(1, round(pixels)), self.index)


class Faces(NamedTuple):
    """Faces for either script; those for Chinese have Latin letters of their own."""

    latin: tuple[Face, ...]
    chinese: tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class Typefaces:
    """The faces a document is set in.

    Attributes
    ----------
    chinese
        True if all faces hold Chinese; if not, only English is set.
    """

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
    sans, serif = find(SANS + SERIF), find(SERIF + SANS)
    if sans is None or serif is None:
        latin = find(LATIN) or Face()
        return Typefaces(False, latin, latin, latin, find(MONO) or latin)
    return Typefaces(True, serif, sans, find(BOLD) or serif, sans)


@lru_cache(maxsize=4)
def system_faces(more: Path | None = None) -> Faces:
    """Find the faces of `STYLES` and `WEIGHTS`, and a few of each family in the folder `more`.

    Pillow's own stands in where none is installed.
    """
    latin, chinese = (tuple(face for name in names if (face := find((name,)))) for names in (STYLES, WEIGHTS))
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
    """Latin and Chinese faces of a folder, `FAMILY` of each Latin family at most."""
    found = sorted(path for path in folder.rglob("*.[to]t[fc]") if not _names(path, SYMBOLS))
    families: dict[str, list[Path]] = {}
    for path in found:
        if not _names(path, SIMPLIFIED):
            families.setdefault(path.stem.lower()[:6], []).append(path)
    latin = (path for family in families.values() for path in family[:: -(-len(family) // FAMILY)])
    return tuple(_readable(latin)), tuple(_readable(path for path in found if _names(path, SIMPLIFIED)))


def _names(path: Path, parts: tuple[str, ...]) -> bool:
    return any(part in path.stem.lower() for part in parts)


@lru_cache(maxsize=256)
def _loaded(path: Path, pixels: int, index: int) -> Font:
    return ImageFont.truetype(path, pixels, index)


def _simplified(path: Path) -> int:
    """Return which face of a collection has the mainland's glyphs."""
    names = [ImageFont.truetype(path, 10, index).getname()[0] or "" for index in range(_count(path))]
    chosen = next((index for index, name in enumerate(names) if name.endswith("SC")), 0)
    ImageFont.truetype(path, 10, chosen)
    return chosen


def _count(path: Path) -> int:
    """Return how many faces a collection holds; 0 for a file that is no collection."""
    with path.open("rb") as file:
        head = file.read(12)
    return min(64, int.from_bytes(head[8:12], "big")) if head[:4] == b"ttcf" else 0
