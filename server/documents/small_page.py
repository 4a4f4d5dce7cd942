"""Small PDFs of pages: print in full resolution over paper in less, as mixed raster content."""

from __future__ import annotations

import io
from collections.abc import Iterator

import cv2
import numpy as np
import pikepdf

from imgcore import codec
from imgcore.output.mixed_raster import MixedRaster, mixed_raster
from imgcore.output.watermark import is_bilevel
from imgcore.paper.layers_net import PageLayersNet
from imgcore.settings import Rect
from imgcore.types import Image
from server.archive.pdfa import saved
from server.documents.geometry import Dots, assumed_dots, page_size
from server.documents.lossless import encode_group4

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
_LESS = 0.9
"""Share of a page's bytes up to which it is worth being written otherwise."""


def small_page(image: Image, dots: Dots | None, net: PageLayersNet, size: int) -> bytes:
    """Return a PDF of the page alone in mixed raster content; empty where it would not be smaller.

    Parameters
    ----------
    image
        BGR or grey.
    dots
        Its resolution; None for what is assumed of such a page.
    size
        Bytes that the page has otherwise.
    """
    if is_bilevel(image):
        return b""
    rows, cols = image.shape[:2]
    known = dots or assumed_dots(cols, rows)
    layers = mixed_raster(image, net, max(known))
    if layers is None:
        return b""
    made = bytes(_written(image, layers, page_size(cols, rows, dots)))
    return made if len(made) <= _LESS * size else b""


def _written(image: Image, layers: MixedRaster, points: tuple[float, float]) -> memoryview:
    rows, cols = image.shape[:2]
    across = points[0] / cols
    up = points[1] / rows
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=points)
        paper = _jpeg_image(document, layers.paper, _PAPER_QUALITY)
        ink = _jpeg_image(document, layers.ink, _INK_QUALITY)
        ink.Mask = _mask(document, layers)
        shown = [(paper, _whole(layers.paper, layers.factor))]
        for picture in layers.pictures:
            rect = _overlapping(picture, image.shape)
            part = image[rect.top : rect.bottom, rect.left : rect.right]
            shown.append((_picture(document, np.ascontiguousarray(part)), rect))
        shown.append((ink, _whole(layers.ink, layers.factor)))
        names = {f"/Im{number}": one for number, (one, _) in enumerate(shown)}
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(names))
        drawn = (
            f"q {(rect.right - rect.left) * across:.4f} 0 0 {(rect.bottom - rect.top) * up:.4f} "
            f"{rect.left * across:.4f} {points[1] - rect.bottom * up:.4f} cm {name} Do Q\n".encode()
            for name, (_, rect) in zip(names, shown, strict=True)
        )
        page.contents_add(b"".join(drawn))
        return saved(document)


def _whole(reduced: Image, factor: int) -> Rect:
    """Return where a reduced picture lies: its last squares may reach beyond the page."""
    return Rect(0, 0, reduced.shape[1] * factor, reduced.shape[0] * factor)


def _overlapping(rect: Rect, shape: tuple[int, ...]) -> Rect:
    """Return a picture with a seam that lies over its neighbours: viewers soften the rims of pictures."""
    return Rect(
        max(0, rect.left - _SEAM),
        max(0, rect.top - _SEAM),
        min(shape[1], rect.right + _SEAM),
        min(shape[0], rect.bottom + _SEAM),
    )


def _jpeg_image(document: pikepdf.Pdf, image: Image, quality: int) -> pikepdf.Stream:
    return _image(document, _jpeg(image, quality), image)


def _jpeg(image: Image, quality: int) -> bytes:
    # Colour as fine as brightness: these pictures are reduced already, or small.
    sampling = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1, *sampling]
    return cv2.imencode(".jpg", image, options)[1].tobytes()


def _picture(document: pikepdf.Pdf, part: Image) -> pikepdf.Stream:
    """Return a part of the page, as much compressed as one does not see."""
    best = b""
    for quality in _PICTURE_QUALITIES:
        best = _jpeg(part, quality)
        if _similarity(part, codec.decode(best, part.size)) >= _ALIKE:
            break
    return _image(document, best, part)


def _image(document: pikepdf.Pdf, jpeg: bytes, image: Image) -> pikepdf.Stream:
    return document.make_stream(
        jpeg,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=image.shape[1],
        Height=image.shape[0],
        ColorSpace=pikepdf.Name.DeviceGray if image.ndim == 2 else pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )


def _mask(document: pikepdf.Pdf, layers: MixedRaster) -> pikepdf.Stream:
    """Return the stencil through which ink is seen, of as many pixels as that has squares."""
    cols = layers.ink.shape[1] * layers.factor
    rows = layers.ink.shape[0] * layers.factor
    stencil = np.full((rows, cols), 255, np.uint8)
    stencil[: layers.mask.shape[0], : layers.mask.shape[1]][layers.mask] = 0
    return document.make_stream(
        encode_group4(stencil),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=cols,
        Height=rows,
        ImageMask=True,
        BitsPerComponent=1,
        Filter=pikepdf.Name.CCITTFaxDecode,
        DecodeParms=pikepdf.Dictionary(K=-1, Columns=cols, Rows=rows),
    )


def _similarity(one: Image, other: Image) -> float:
    """Return the structural similarity of two pictures of one shape, of their brightness."""
    a, b = (_brightness(each) for each in (one, other))
    blur = lambda plane: cv2.GaussianBlur(plane, (11, 11), 1.5)  # noqa: E731
    mean_a, mean_b = blur(a), blur(b)
    varied_a = blur(a * a) - mean_a**2
    varied_b = blur(b * b) - mean_b**2
    shared = blur(a * b) - mean_a * mean_b
    light = (2 * mean_a * mean_b + 6.5025) / (mean_a**2 + mean_b**2 + 6.5025)
    return float((light * (2 * shared + 58.5225) / (varied_a + varied_b + 58.5225)).mean())


def _brightness(image: Image) -> np.ndarray:
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return grey.astype(np.float32)
