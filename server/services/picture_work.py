"""Work on one captured or scanned picture: from its pixels to the files of its documents."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from imgcore.barcode import read_codes
from imgcore.settings import Quad, Settings
from imgcore.types import Image, Points
from imgcore.verdict import judge
from server.errors import LocalizedText
from server.services.image_processing import process_image
from server.services.model_cache import ModelCache
from server.services.output import EncodedPicture, Output, encode
from server.storage.paths import PictureFormat


class FinishedPicture(NamedTuple):
    """File of one document, and its pixels without a watermark."""

    encoded: EncodedPicture
    image: Image


@dataclass(frozen=True, slots=True)
class PictureWork:
    """Processing and encoding, as the settings of a connection and the request say.

    Attributes
    ----------
    with_barcode
        True to read a barcode of each picture, for its name.
    with_verdict
        True to judge whether the text of each picture will be readable.
    """

    settings: Settings
    picture_format: PictureFormat
    output: Output
    cache: ModelCache = field(repr=False)
    with_barcode: bool = False
    with_verdict: bool = False

    def run(self, image: Image, label: str | LocalizedText, dots: float = 0.0) -> list[FinishedPicture]:
        """Process a picture and encode what it gives; blocks.

        Parameters
        ----------
        label
            Name of the picture in errors.
        dots
            Resolution of the device in dots per inch; 0 if unknown.

        Raises
        ------
        server.errors.PictureUnreadable, PictureTooLarge, ModelDamaged
        """
        result = process_image(image, self.settings, self.cache, label)
        parts = zip(result.pictures, result.plain, result.beyond, result.dots, strict=True)
        encoded = [
            self._finished(picture, plain, beyond, measured or dots)
            for picture, plain, beyond, measured in parts
        ]
        each = zip(encoded, result.outlines, result.pictures, strict=True)
        return [FinishedPicture(replace(one, quad=_quad(outline)), image) for one, outline, image in each]

    def described(self, encoded: EncodedPicture, image: Image, beyond: float = 0.0) -> EncodedPicture:
        """Add to a picture's file what is told of its pixels as they were before an enhancement."""
        return replace(
            encoded,
            barcode=barcode_of(image) if self.with_barcode else "",
            verdict=judge(image, beyond) if self.with_verdict else None,
        )

    @property
    def looks(self) -> bool:
        """True if `described` looks at pixels."""
        return self.with_barcode or self.with_verdict

    def _finished(self, picture: Image, plain: Image, beyond: float, dots: float) -> EncodedPicture:
        return self.described(encode(picture, self.picture_format, self.output, dots), plain, beyond)


def _quad(outline: Points | None) -> Quad | None:
    return None if outline is None else tuple((float(x), float(y)) for x, y in outline)


def barcode_of(image: Image) -> str:
    """Return the text of a picture's first barcode in reading order; empty if there is none."""
    codes = read_codes(image)
    return codes[0].text if codes else ""
