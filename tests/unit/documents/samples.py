"""Files of every kind that can be merged."""

from __future__ import annotations

import io
from typing import Any

import cv2
import img2pdf
import numpy as np
import pikepdf
import PIL.Image
import pypdfium2

from imgcore.types import Image
from server.documents.blank_page import BlankPageDetector
from server.documents.input_file import InputFile, open_input
from server.documents.ofd_writer import OfdPage, write_ofd
from server.documents.pdf_image import PdfImage, pdf_of_images
from server.documents.pdf_writer import AssembledPage, assemble
from server.documents.tiff_writer import TiffPage, write_tiff

LIMIT = 1 << 24
WIDTH = 320
HEIGHT = 208
TURNED = 0x0112


def photograph() -> Image:
    """320 x 208, BGR, each corner of its own colour, no two rows or columns alike."""
    corners = np.array([[(30, 60, 220), (40, 200, 50)], [(230, 80, 30), (240, 240, 240)]], np.uint8)
    return np.asarray(cv2.resize(corners, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR), np.uint8)


def letters() -> Image:
    """The same size, pure black on white."""
    picture = np.full((HEIGHT, WIDTH), 255, np.uint8)
    cv2.putText(picture, "gaopai", (20, 120), cv2.FONT_HERSHEY_SIMPLEX, 2, 0, 6, cv2.LINE_8)
    # Some versions of OpenCV smooth letters all the same.
    return np.where(picture < 128, 0, 255).astype(np.uint8)


def shown(picture: Image) -> PIL.Image.Image:
    return PIL.Image.fromarray(picture[:, :, ::-1] if picture.ndim == 3 else picture)


def file(picture: PIL.Image.Image, kind: str, **options: Any) -> bytes:
    sink = io.BytesIO()
    picture.save(sink, kind, **options)
    return sink.getvalue()


def jpeg(mode: str = "RGB", orientation: int = 1, **options: Any) -> bytes:
    if orientation != 1:
        options["exif"] = exif = PIL.Image.Exif()
        exif[TURNED] = orientation
    return file(shown(photograph()).convert(mode), "JPEG", quality=95, **options)


def png(mode: str = "RGB", **options: Any) -> bytes:
    return file(shown(photograph()).convert(mode), "PNG", **options)


def tiff(*pictures: PIL.Image.Image, **options: Any) -> bytes:
    first, *rest = pictures
    return file(first, "TIFF", save_all=True, append_images=rest, **options)


def pdf(*pictures: bytes, dots: float = 72) -> bytes:
    layout = img2pdf.get_fixed_dpi_layout_fun((dots, dots))
    made = img2pdf.convert(list(pictures), layout_fun=layout, rotation=img2pdf.Rotation.ifvalid)
    assert isinstance(made, bytes)
    return made


def text_pdf(*lines: str) -> bytes:
    """A page a line, in Helvetica."""
    made = pikepdf.new()
    for line in lines:
        made.add_blank_page(page_size=(300, 200))
        page = made.pages[-1].obj
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        page.Contents = made.make_stream(f"BT /F 24 Tf 20 100 Td ({line}) Tj ET".encode())
    sink = io.BytesIO()
    made.save(sink)
    return sink.getvalue()


def encrypted(data: bytes, **how: Any) -> bytes:
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as opened:
        opened.save(sink, encryption=pikepdf.Encryption(**how))
    return sink.getvalue()


def drawn(data: bytes, page: int = 0, scale: float = 1.0) -> Image:
    """A page of a PDF as PDFium shows it, BGR."""
    document = pypdfium2.PdfDocument(data)
    try:
        picture = document[page].render(scale=scale, rev_byteorder=False).to_pil().convert("RGB")
        return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])
    finally:
        document.close()


def opened(data: bytes, name: str = "a") -> InputFile:
    return open_input(name, data, LIMIT)


def written(writer_kind: Any, *files: bytes) -> bytes:
    """Return the file of all pages of the files."""
    writer = writer_kind(LIMIT, BlankPageDetector())
    sources = [opened(data) for data in files]
    pages = [writer.prepare(source, number) for source in sources for number in range(source.pages)]
    return joined(pages)


def joined(pages: list[Any]) -> bytes:
    """Return the file of prepared pages, which are all of one kind."""
    if isinstance(pages[0], TiffPage):
        return b"".join(write_tiff(pages))
    if isinstance(pages[0], OfdPage):
        return b"".join(write_ofd(pages))
    pictures = b"".join(pdf_of_images([page.content for page in pages if isinstance(page.content, PdfImage)]))
    if all(isinstance(page.content, PdfImage) for page in pages):
        return pictures
    foreign = (() if isinstance(page.content, PdfImage) else page.content for page in pages)
    return bytes(assemble(pictures, [AssembledPage(*content) for content in foreign]))


def near(one: Image, other: Image, levels: float = 4.0) -> bool:
    """Whether two pictures are alike; BGR and grey compare."""
    first, second = (
        picture if picture.ndim == 3 else np.repeat(picture[:, :, None], 3, axis=2)
        for picture in (one, other)
    )
    return first.shape == second.shape and bool(np.abs(first.astype(int) - second).mean() < levels)
