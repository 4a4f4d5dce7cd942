"""The system's fonts; without any, Pillow's own, and without a Chinese one, English."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
MONO = ("NotoSansMonoCJK*Regular*", "DejaVuSansMono.ttf", "LiberationMono-Regular.ttf")


@dataclass(frozen=True, slots=True)
class Face:
    """A font file, or none for Pillow's own."""

    path: Path | None = None
    index: int = 0

    def at(self, pixels: float) -> Font:
        """The face with an em of `pixels`."""
        if self.path is None:
            return ImageFont.load_default(max(1.0, pixels))
        return ImageFont.truetype(self.path, max(1, round(pixels)), self.index)


@dataclass(frozen=True, slots=True)
class Typefaces:
    """The faces a document is set in.

    Attributes
    ----------
    chinese
        Whether all faces hold Chinese; if not, only English is set.
    """

    chinese: bool
    serif: Face
    sans: Face
    bold: Face
    mono: Face

    def pick(self, zh: str, en: str) -> str:
        """The wording these faces can show."""
        return zh if self.chinese else en


def typefaces() -> Typefaces:
    """What this machine has; looks through the font folders, a few milliseconds."""
    sans, serif = _face(SANS + SERIF), _face(SERIF + SANS)
    if sans is None or serif is None:
        latin = _face(LATIN) or Face()
        return Typefaces(False, latin, latin, latin, _face(MONO[1:]) or latin)
    return Typefaces(True, serif, sans, _face(BOLD) or serif, sans)


def _face(patterns: tuple[str, ...]) -> Face | None:
    for path in _files(patterns):
        try:
            return Face(path, _simplified(path))
        except OSError:  # FreeType cannot read it: the next one may do
            continue
    return None


def _files(patterns: tuple[str, ...]) -> Iterator[Path]:
    for pattern in patterns:
        for folder in FOLDERS:
            yield from sorted(folder.rglob(pattern))


def _simplified(path: Path) -> int:
    """Which face of a collection has the mainland's glyphs."""
    names = [ImageFont.truetype(path, 10, index).getname()[0] or "" for index in range(_faces(path))]
    chosen = next((index for index, name in enumerate(names) if name.endswith("SC")), 0)
    ImageFont.truetype(path, 10, chosen)
    return chosen


def _faces(path: Path) -> int:
    """How many faces a collection holds; 0 where the file is no collection."""
    with path.open("rb") as file:
        head = file.read(12)
    return min(64, int.from_bytes(head[8:12], "big")) if head[:4] == b"ttcf" else 0
