"""``gaopai merge``: pictures and documents joined into one file, nothing of them encoded anew with loss."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import pikepdf

from imgcore.types import ImageError
from server.cli.files import (
    DOCUMENTS,
    PIXEL_LIMIT,
    Unreadable,
    check_size,
    expand,
    nothing_in,
    print_error,
    reason_of,
)
from server.cli.guidance import said
from server.documents.blank_page import BlankPageDetector
from server.documents.faults import DocumentFault
from server.documents.input_file import InputFile, open_input, raster_of
from server.documents.pdf_image import PdfImage, pdf_of_images
from server.documents.pdf_writer import AssembledPage, PdfDocumentWriter, assemble
from server.documents.small_page import small_page
from server.documents.tiff_writer import TiffDocumentWriter, write_tiff
from server.errors import LocalizedText
from server.services.pictures.model_cache import ModelCache
from server.storage.atomic import write_private
from server.telemetry.printable import printable

SUMMARY = "Join pictures and PDFs into one PDF or TIFF."
FORMATS = (".pdf", ".tif", ".tiff")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="pictures, PDFs, or folders of them, in order"
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="one pdf or tif")
    parser.add_argument(
        "--small", action="store_true", help="small pdf: print as it is, paper and pictures in fewer bytes"
    )
    parser.add_argument("--force", action="store_true", help="replace OUT if it exists")


def run(arguments: argparse.Namespace) -> int:
    """Join; return 1 if a file cannot be joined, 2 for wrong arguments. Nothing is written then."""
    output: Path = arguments.output
    if wrong := _wrong(output, arguments.force, arguments.small):
        filled = wrong.filled(output=output, folder=output.parent, formats=", ".join(FORMATS))
        print(f"gaopai: {printable(said(filled))}", file=sys.stderr)
        return 2
    paths = [*expand(arguments.files, DOCUMENTS)]
    if not paths:
        print(f"gaopai: {printable(nothing_in(arguments.files))}", file=sys.stderr)
        return 2
    try:
        sources = [_opened(path) for path in paths]
        small = arguments.small
        made = _pdf(sources, small) if output.suffix.lower() == ".pdf" else _tiff(sources)
        write_private(output, made)
    except Unreadable as failure:
        print_error(failure)
        print(f"gaopai: {said(LocalizedText('未写入任何文件', 'nothing was written'))}", file=sys.stderr)
        return 1
    except OSError as failure:
        print_error(Unreadable(output, reason_of(failure, output)))
        return 1
    pages = sum(source.pages for source in sources)
    count = LocalizedText("{pages} 页，来自 {files} 个文件", "{pages} page(s) of {files} file(s)")
    print(f"{printable(output)}: {said(count.filled(pages=pages, files=len(sources)))}")
    return 0


def _wrong(output: Path, force: bool, small: bool) -> LocalizedText | None:
    """Return why the result cannot have this name."""
    if output.suffix.lower() not in FORMATS:
        return LocalizedText("{output}：请以 {formats} 结尾", "{output}: end it in {formats}")
    if small and output.suffix.lower() != ".pdf":
        return LocalizedText("{output}：--small 需要 .pdf", "{output}: --small needs a pdf")
    if output.is_dir():
        return LocalizedText(
            "{output} 是文件夹，这里需要文件名", "{output} is a folder, and a file is wanted"
        )
    if output.exists() and not force:
        return LocalizedText("{output} 已存在；--force 会替换它", "{output} exists; --force replaces it")
    if not output.absolute().parent.is_dir():
        return LocalizedText("没有文件夹 {folder}", "there is no folder {folder}")
    return None


def _opened(path: Path) -> InputFile:
    try:
        check_size(path)
        return open_input(str(path), path.read_bytes(), PIXEL_LIMIT)
    except OSError as exc:
        raise Unreadable(path, reason_of(exc, path)) from exc
    except DocumentFault as exc:
        raise Unreadable(path, said(exc.text)) from exc
    except ImageError as exc:
        raise Unreadable(path, str(exc)) from exc


def _pdf(sources: Sequence[InputFile], small: bool) -> bytes:
    writer = PdfDocumentWriter(PIXEL_LIMIT, BlankPageDetector())
    net = ModelCache().page_layers() if small else None
    pictures: list[PdfImage] = []
    pages: list[AssembledPage] = []
    for source in sources:
        for number in range(source.pages):
            content = _prepared(writer, source, number).content
            made = b""
            if isinstance(content, PdfImage) and net is not None:
                made = small_page(raster_of(source, number, PIXEL_LIMIT).image, content, net)
            if made:
                pages.append(AssembledPage(pikepdf.open(io.BytesIO(made))))
            elif isinstance(content, PdfImage):
                pictures.append(content)
                pages.append(AssembledPage())
            else:
                pages.append(AssembledPage(*content))
    drawn = b"".join(pdf_of_images(pictures)) if pictures else b""
    return drawn if len(pictures) == len(pages) else bytes(assemble(drawn, pages))


def _tiff(sources: Sequence[InputFile]) -> bytes:
    writer = TiffDocumentWriter(PIXEL_LIMIT, BlankPageDetector())
    pages = [_prepared(writer, source, number) for source in sources for number in range(source.pages)]
    return b"".join(write_tiff(pages))


P_co = TypeVar("P_co", covariant=True)


class _Writer(Protocol[P_co]):
    def prepare(self, source: InputFile, number: int) -> P_co: ...


def _prepared(writer: _Writer[P_co], source: InputFile, number: int) -> P_co:
    try:
        return writer.prepare(source, number)
    except (DocumentFault, ImageError) as exc:
        reason = said(exc.text) if isinstance(exc, DocumentFault) else str(exc)
        page = LocalizedText("第 {number} 页：", "page {number}: ").filled(number=number + 1)
        place = said(page) if source.pages > 1 else ""
        raise Unreadable(Path(source.name), f"{place}{reason}") from exc
