"""Layers of stamps on pages of PDFs, whose text and drawings stay as they are."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import cv2
import numpy as np
import pikepdf

from imgcore.output.stamp import Stamp
from imgcore.types import Image
from server.archive.conformance import breaches, claimed_level
from server.archive.pdfa import saved
from server.documents.faults import damaged
from server.documents.pdf import open_complete
from server.documents.text_layer import page_transform, quarters_clockwise

LAYER_DOTS = 300
"""Resolution of a layer, in dots an inch."""
MM_PER_POINT = 25.4 / 72
_FINEST = 2.0
"""Most pixels of a stamp's picture for one of its layer, along a side."""
_MOST_PIXELS = 4e6
"""Most pixels of a stamp's picture: a page wide, at more than 200 dots an inch."""


def stamp_layer(stamps: Sequence[Stamp], shape: tuple[int, int]) -> bytes:
    """Return a PDF of one page with only these stamps.

    Parameters
    ----------
    shape
        Rows and columns of the page as it is seen, at any resolution; the layer has a point for each.
    """
    rows, cols = shape
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(cols, rows))
        # Ink lets what is printed below it show through.
        ink = pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, BM=pikepdf.Name.Multiply)
        # One picture for all stamps of one design, as large as the largest of them shows it.
        widest: dict[int, Stamp] = {}
        for stamp in stamps:
            design = id(stamp.image)
            widest[design] = max(widest.get(design, stamp), stamp, key=lambda one: one.width)
        names = {design: f"/Stamp{number}" for number, design in enumerate(widest)}
        pictures = {names[design]: _picture(document, stamp) for design, stamp in widest.items()}
        page.obj.Resources = pikepdf.Dictionary(
            ExtGState=pikepdf.Dictionary(Ink=ink), XObject=pikepdf.Dictionary(pictures)
        )
        placed = [_placed(names[id(stamp.image)], stamp, rows) for stamp in stamps]
        page.contents_add(b"/Ink gs\n" + b"".join(placed))
        sink = io.BytesIO()
        document.save(sink)
    return sink.getvalue()


def page_sizes(data: bytes) -> tuple[tuple[float, float], ...]:
    """Return width and height in mm of the pages of a PDF, as they are seen.

    Raises
    ------
    server.documents.faults.DocumentFault
        It is damaged or protected, or a page has no area.
    """
    with open_complete(data) as document:
        try:
            return tuple(map(_size, document.pages))
        except (TypeError, ValueError) as exc:  # it contradicts itself
            raise damaged() from exc


def stamped(data: bytes, layers: Sequence[bytes], pages: Sequence[int]) -> memoryview:
    """Return a PDF with stamps on its pages; all else in it stays.

    It claims to conform to PDF/A only where it did, and still does.

    Parameters
    ----------
    layers
        See `stamp_layer`.
    pages
        Layer of each page, from 0; -1 for none.

    Raises
    ------
    server.documents.faults.DocumentFault
        It is damaged or protected.
    """
    with open_complete(data) as document:
        try:
            _lay(document, layers, pages)
            level = claimed_level(document)
            made = saved(document, deterministic=False)
            # Part 1 knows no ink through which anything shows.
            if level and (level.startswith("1") or breaches(bytes(made), document, level)):
                _drop_claim(document)
                made = saved(document, deterministic=False)
        except (pikepdf.PdfError, RuntimeError, TypeError, ValueError) as exc:  # it contradicts itself
            raise damaged() from exc
    return made


def _lay(document: pikepdf.Pdf, layers: Sequence[bytes], pages: Sequence[int]) -> None:
    forms = [_form(document, layer) for layer in layers]
    for page, number in zip(document.pages, pages, strict=True):
        if number >= 0:
            _add(page, forms[number])


def _form(document: pikepdf.Pdf, layer: bytes) -> pikepdf.Object:
    with pikepdf.open(io.BytesIO(layer)) as stamps:
        return document.copy_foreign(stamps.pages[0].as_form_xobject())


def _add(page: pikepdf.Page, form: pikepdf.Object) -> None:
    _, _, width, height = (float(number) for number in form.BBox)
    # Other pages may share the resources, and the page may leave its own coordinates behind.
    page.obj.Resources = pikepdf.Dictionary(dict(page.resources.items()))
    if "/XObject" in page.resources:
        page.obj.Resources.XObject = pikepdf.Dictionary(dict(page.resources.XObject.items()))
    name = page.add_resource(form, pikepdf.Name.XObject)
    page.contents_add(b"q\n", prepend=True)
    drawn = page_transform(page, width, height) + f"{name} Do\nQ\n".encode()
    page.contents_add(b"\nQ\n/Artifact BMC\n" + drawn + b"EMC\n")


def _size(page: pikepdf.Page) -> tuple[float, float]:
    left, bottom, right, top = (float(number) for number in page.cropbox)
    unit = MM_PER_POINT * float(page.obj.get("/UserUnit", 1))
    sides = (right - left) * unit, (top - bottom) * unit
    if min(sides) <= 0:
        raise damaged()
    return sides[::-1] if quarters_clockwise(page) % 2 else sides


def _drop_claim(document: pikepdf.Pdf) -> None:
    with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
        for name in ("pdfaid:part", "pdfaid:conformance"):
            if name in metadata:
                del metadata[name]


def _picture(document: pikepdf.Pdf, stamp: Stamp) -> pikepdf.Stream:
    image = _reduced(stamp)
    pixels = image if image.ndim == 2 else image[:, :, ::-1]
    space = pikepdf.Name.DeviceGray if image.ndim == 2 else pikepdf.Name.DeviceRGB
    return pikepdf.Stream(
        document,
        np.ascontiguousarray(pixels).tobytes(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=image.shape[1],
        Height=image.shape[0],
        ColorSpace=space,
        BitsPerComponent=8,
    )


def _reduced(stamp: Stamp) -> Image:
    """Return the picture of a stamp with no more pixels than its place can show."""
    rows, cols = stamp.image.shape[:2]
    scale = min(_FINEST * stamp.width / cols, math.sqrt(_MOST_PIXELS / (rows * cols)))
    if scale >= 1:
        return stamp.image
    size = (max(1, round(cols * scale)), max(1, round(rows * scale)))
    return np.asarray(cv2.resize(stamp.image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _placed(name: str, stamp: Stamp, rows: int) -> bytes:
    """Return the operators that draw a stamp around its middle, in coordinates whose y goes up."""
    cos = math.cos(math.radians(stamp.angle))
    sin = math.sin(math.radians(stamp.angle))
    a = stamp.width * cos
    b = stamp.width * sin
    c = -stamp.height * sin
    d = stamp.height * cos
    x = stamp.left + stamp.width / 2 - (a + c) / 2
    y = rows - stamp.top - stamp.height / 2 - (b + d) / 2
    matrix = " ".join(f"{number:.3f}" for number in (a, b, c, d, x, y))
    return f"q {matrix} cm {name} Do Q\n".encode()
