"""View of a finger as in all standard formats, and its conversion to a template."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from imgcore.fingerprint.formats import extension
from imgcore.fingerprint.formats.errors import FormatError
from imgcore.fingerprint.formats.fields import FieldReader, packed
from imgcore.fingerprint.template import DOTS, Minutia, Template, build

CENTIMETRE = 2.54
"""Centimetres in an inch."""
DENSITY = round(DOTS / CENTIMETRE)
"""Pixels a centimetre of written records: 197, which is 500 dpi rounded, and read as 500 dpi again."""

LARGEST = 2000
"""Pixels of 500 dpi on a side of the largest picture."""

UNKNOWN_QUALITY = 0.5
"""Quality, 0..1, of a minutia whose record reports none."""
ISO_STEP = 360 / 256
"""Degrees of one unit of an angle in records of ISO: 1/256 turn."""
ANSI_STEP = 2.0
"""Degrees of one unit of an angle in records of ANSI."""


@dataclass(frozen=True, slots=True, repr=False)
class RecordMinutia:
    """Minutia in pixels of its picture."""

    x: int
    y: int
    degrees: float
    ending: bool
    quality: float


@dataclass(frozen=True, slots=True)
class FingerView:
    """One view of a record.

    Attributes
    ----------
    size
        Width and height of the picture, in its pixels.
    density
        Pixels a centimetre across and down.
    points
        The minutiae.
    extended
        The block of extended data.
    """

    size: tuple[int, int]
    density: tuple[int, int]
    points: tuple[RecordMinutia, ...] = field(repr=False)
    extended: bytes = field(repr=False)

    def template(self) -> Template:
        """Build the template at 500 dpi.

        Raises
        ------
        FormatError
            The picture is no finger's, by its size or density.
        """
        across, down = (_factor(density) for density in self.density)
        sides = [self.size, *((point.x + 1, point.y + 1) for point in self.points)]
        width = round(max(side[0] for side in sides) * across)
        height = round(max(side[1] for side in sides) * down)
        if max(width, height) > LARGEST:
            raise FormatError("its picture is larger than any finger's")
        minutiae = [
            Minutia(point.x * across, point.y * down, point.degrees, point.ending, point.quality)
            for point in self.points
        ]
        return build((width, height), minutiae, extension.read(self.extended))


def _factor(density: int) -> float:
    if not 39 <= density <= 800:
        raise FormatError("its picture has less than 100 or more than 2000 dots an inch")
    return 1.0 if density == DENSITY else DOTS / CENTIMETRE / density


def read_points(reader: FieldReader, count: int, step: float, length: int = 6) -> tuple[RecordMinutia, ...]:
    """Read `count` minutiae of 6 bytes, or of 5 without their quality; `step` degrees to a unit of angle."""
    return tuple(_read_point(reader, step, length) for _ in range(count))


def _read_point(reader: FieldReader, step: float, length: int) -> RecordMinutia:
    first = reader.short()
    second = reader.short()
    angle = reader.byte()
    quality = reader.byte() if length == 6 else 0
    reported = quality / 100 if 1 <= quality <= 100 else UNKNOWN_QUALITY
    return RecordMinutia(first & 0x3FFF, second & 0x3FFF, angle * step % 360, first >> 14 == 1, reported)


def write_points(template: Template, step: float) -> bytes:
    """Write the minutiae, six bytes each."""
    turns = np.rint(template.angles / step).astype(int) % round(360 / step)
    rows = zip(template.points.astype(int), turns, template.endings, template.quality, strict=True)
    return b"".join(
        packed("HHBB", (1 if ending else 2) << 14 | int(x), int(y), int(turn), round(float(quality) * 100))
        for (x, y), turn, ending, quality in rows
    )


def write_extension(template: Template) -> bytes:
    """Write the length and the block of extended data, with the ridge pattern if there is room for it."""
    block = b"" if template.ridges is None else extension.write(template.ridges)
    return packed("H", len(block)) + block
