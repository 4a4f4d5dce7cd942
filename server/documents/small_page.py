"""Small PDFs of pages: print in full resolution over paper in less, as mixed raster content."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pikepdf

from imgcore import codec
from imgcore.output.mixed_raster import MixedRaster, mixed_raster
from imgcore.output.watermark import is_bilevel
from imgcore.paper.layers_net import PageLayersNet
from imgcore.settings import Rect
from imgcore.types import Image
from server.archive.pdfa import saved
from server.documents.geometry import Dots, assumed_dots, page_size, swaps_sides
from server.documents.lossless import encode_group4
from server.documents.pdf_image import PdfImage

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_PAPER_QUALITY = 55
"""Quality of the JPEG of paper, on which there is no print."""
_INK_QUALITY = 45
"""Quality of the JPEG of the ink's colour, of which the mask shows strokes alone."""
_PICTURE_QUALITIES = (70, 80, 88, 94)
"""Qualities of the JPEGs of pictures, the first of which that is like the page is taken."""
_SEAM = 2
"""Pixels by which a picture lies over what is beside it."""
_ALIKE = 0.96
"""Least structural similarity of a picture to the page."""
_BRIGHTNESS = (0.01 * 255) ** 2
"""Constant of the structural similarity beside products of means."""
_CONTRAST = (0.03 * 255) ** 2
"""Constant of the structural similarity beside variances."""
_LESS = 0.9
"""Share of a page's bytes up to which it is worth being written otherwise."""


def small_page(image: Image, stored: PdfImage, net: PageLayersNet) -> bytes:
    """Return a PDF of a picture alone in mixed raster content; empty where it would not be smaller.

    Parameters
    ----------
    image
        Pixels of the picture, upright.
    stored
        The picture as a PDF stores it otherwise.
    """
    channels = 1 if image.ndim == 2 else image.shape[2]
    if stored.profile and stored.channels != channels:
        # Its profile explains other colours than those of its pixels here.
        return b""
    dots = stored.dots
    if dots and swaps_sides(stored.orientation):
        dots = dots[::-1]
    return small_page_within(image, dots, net, len(stored.data), stored.profile)


def small_page_within(
    image: Image, dots: Dots | None, net: PageLayersNet, size: int, profile: bytes = b""
) -> bytes:
    """Return a PDF of the page alone in mixed raster content; empty where it would not be smaller.

    Parameters
    ----------
    image
        BGR or grey.
    dots
        Its resolution; None for what is assumed of such a page.
    size
        Bytes that the page has otherwise.
    profile
        ICC profile of its colours; empty for those of the device.
    """
    if is_bilevel(image):
        return b""
    rows, cols = image.shape[:2]
    known = dots or assumed_dots(cols, rows)
    layers = mixed_raster(image, net, max(known))
    if layers is None:
        return b""
    made = bytes(_written(image, layers, page_size(cols, rows, dots), profile))
    return made if len(made) <= _LESS * size else b""


def _written(
    image: Image, layers: MixedRaster, points: tuple[float, float], profile: bytes
) -> bytes | memoryview:
    with pikepdf.new() as document:
        page = _PageWriter(document, points, image, profile)
        whole = Rect(0, 0, layers.paper.shape[1] * layers.factor, layers.paper.shape[0] * layers.factor)
        page.draw(page.picture(layers.paper, _jpeg(layers.paper, _PAPER_QUALITY)), whole)
        for picture in layers.pictures:
            rect = _overlapping(picture, image.shape)
            part = np.ascontiguousarray(image[rect.top : rect.bottom, rect.left : rect.right])
            page.draw(page.picture(part, _jpeg_alike(part)), rect)
        ink = page.picture(layers.ink, _jpeg(layers.ink, _INK_QUALITY))
        # The last squares of both may reach beyond the page, and the stencil with them.
        ink.Mask = page.stencil(_extended(layers.mask, whole))
        page.draw(ink, whole)
        page.finish()
        return saved(document)


class _PageWriter:
    """Writes the page of a document, on which pictures lie by their pixels on it."""

    def __init__(
        self, document: pikepdf.Pdf, points: tuple[float, float], image: Image, profile: bytes
    ) -> None:
        self._document = document
        self._page = document.add_blank_page(page_size=points)
        self._height = points[1]
        self._across = points[0] / image.shape[1]
        self._up = points[1] / image.shape[0]
        self._space: Any = pikepdf.Name.DeviceGray if image.ndim == 2 else pikepdf.Name.DeviceRGB
        if profile:
            channels = 1 if image.ndim == 2 else 3
            explained = document.make_stream(profile, N=channels)
            self._space = pikepdf.Array([pikepdf.Name.ICCBased, explained])
        self._drawn: list[pikepdf.Stream] = []
        self._content: list[bytes] = []

    def picture(self, image: Image, jpeg: bytes) -> pikepdf.Stream:
        """Add a picture, to be drawn."""
        return self._document.make_stream(
            jpeg,
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=image.shape[1],
            Height=image.shape[0],
            ColorSpace=self._space,
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
        )

    def stencil(self, mask: Mask) -> pikepdf.Stream:
        """Add a stencil through which a picture is seen where `mask` is True."""
        rows, cols = mask.shape
        return self._document.make_stream(
            encode_group4(np.where(mask, np.uint8(0), np.uint8(255))),
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=cols,
            Height=rows,
            ImageMask=True,
            BitsPerComponent=1,
            Filter=pikepdf.Name.CCITTFaxDecode,
            DecodeParms=pikepdf.Dictionary(K=-1, Columns=cols, Rows=rows),
        )

    def draw(self, picture: pikepdf.Stream, rect: Rect) -> None:
        """Draw a picture where it covers these pixels of the page."""
        wide = (rect.right - rect.left) * self._across
        high = (rect.bottom - rect.top) * self._up
        left = rect.left * self._across
        bottom = self._height - rect.bottom * self._up
        name = f"/Im{len(self._drawn)}"
        self._drawn.append(picture)
        self._content.append(f"q {wide:.4f} 0 0 {high:.4f} {left:.4f} {bottom:.4f} cm {name} Do Q\n".encode())

    def finish(self) -> None:
        """Put what was drawn onto the page."""
        named = {f"/Im{number}": picture for number, picture in enumerate(self._drawn)}
        self._page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(named))
        self._page.contents_add(b"".join(self._content))


def _extended(mask: Mask, whole: Rect) -> Mask:
    extended = np.zeros((whole.bottom, whole.right), np.bool_)
    extended[: mask.shape[0], : mask.shape[1]] = mask
    return extended


def _overlapping(rect: Rect, shape: tuple[int, ...]) -> Rect:
    """Return a picture with a seam that lies over its neighbours: viewers soften the rims of pictures."""
    return Rect(
        max(0, rect.left - _SEAM),
        max(0, rect.top - _SEAM),
        min(shape[1], rect.right + _SEAM),
        min(shape[0], rect.bottom + _SEAM),
    )


def _jpeg(image: Image, quality: int) -> bytes:
    # Colour as fine as brightness: these pictures are reduced already, or small.
    sampling = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1, *sampling]
    return cv2.imencode(".jpg", image, options)[1].tobytes()


def _jpeg_alike(part: Image) -> bytes:
    """Return a JPEG of a part of the page, of no more quality than it needs to look like it."""
    made = b""
    for quality in _PICTURE_QUALITIES:
        made = _jpeg(part, quality)
        if structural_similarity(part, codec.decode(made, part.size)) >= _ALIKE:
            break
    return made


def structural_similarity(one: Image, other: Image) -> float:
    """Return the structural similarity (SSIM) of two pictures of one shape, by their brightness.

    References
    ----------
    Z. Wang et al., "Image quality assessment: from error visibility to structural similarity", IEEE
    Transactions on Image Processing 13 (4), 2004.
    """
    a, b = (_brightness(each) for each in (one, other))
    mean_a = _blurred(a)
    mean_b = _blurred(b)
    varied = _blurred(a * a) - mean_a**2 + _blurred(b * b) - mean_b**2
    shared = _blurred(a * b) - mean_a * mean_b
    light = (2 * mean_a * mean_b + _BRIGHTNESS) / (mean_a**2 + mean_b**2 + _BRIGHTNESS)
    return float((light * (2 * shared + _CONTRAST) / (varied + _CONTRAST)).mean())


def _blurred(plane: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(plane, (11, 11), 1.5), np.float32)


def _brightness(image: Image) -> Floats:
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return np.asarray(grey, np.float32)
