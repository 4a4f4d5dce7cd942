"""PDF/A: what is written conforms, each clause broken once is told, and other programs read it."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from imgcore.text import TextLine
from server.archive.conformance import breaches, claimed_level
from server.archive.pdfa import Archival, Attachment, Level, is_signed, srgb_profile
from server.documents.blank_page import BlankPageDetector
from server.documents.faults import DocumentFault
from server.documents.pdf_image import PdfImage, pdf_of_images
from server.documents.pdf_writer import AssembledPage, PageTerms, PdfDocumentWriter, assemble
from server.documents.text_layer import text_page
from tests.unit.documents.samples import LIMIT, jpeg, letters, opened, pdf, png, shown, text_pdf, tiff

LEVELS: tuple[Level, ...] = ("2b", "2u", "3b")
TERMS = PageTerms(archival=True)
TIME = 1_700_000_000.0


def archived(level: Level, *files: bytes, terms: PageTerms = TERMS) -> bytes:
    """The PDF/A of all pages of the files, with text on the first."""
    writer = PdfDocumentWriter(LIMIT, BlankPageDetector())
    pages = [
        writer.prepare(source, number, terms).content
        for source in map(opened, files)
        for number in range(source.pages)
    ]
    corners = np.array([(20, 20), (200, 20), (200, 60), (20, 60)], np.float32)
    layer = text_page([TextLine("高拍 gaopai", 1.0, corners, np.zeros((9, 2), np.float32))], (208, 320))
    assembled = [AssembledPage() if isinstance(page, PdfImage) else AssembledPage(*page) for page in pages]
    assembled[0] = AssembledPage(assembled[0].document, assembled[0].number, layer)
    attached = (
        Attachment("a.jpg", "image/jpeg", files[0]),
        Attachment("a.json", "application/json", b"{}", "Data"),
    )
    archival = Archival(level, TIME, "收据 & <1>", attached if level == "3b" else ())
    pictures = b"".join(pdf_of_images([page for page in pages if isinstance(page, PdfImage)]))
    return bytes(assemble(pictures, assembled, archival))


def found(data: bytes, level: str) -> set[str]:
    with pikepdf.open(io.BytesIO(data)) as document:
        return {one.clause for one in breaches(data, document, level)}


SAMPLES = {
    "jpeg": jpeg(),
    "grey": jpeg("L"),
    "cmyk": jpeg("CMYK"),
    "profile": jpeg(icc_profile=srgb_profile()),
    "png": png(),
    "palette": png("P"),
    "black and white": tiff(shown(letters())),
}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", SAMPLES)
def test_what_is_written_conforms_and_says_so(level: Level, kind: str) -> None:
    data = archived(level, SAMPLES[kind], jpeg())
    with pikepdf.open(io.BytesIO(data)) as document:
        assert claimed_level(document) == level
        assert breaches(data, document, level) == []


def test_the_same_pages_at_the_same_time_are_the_same_bytes() -> None:
    assert archived("3b", jpeg(), png()) == archived("3b", jpeg(), png())


@pytest.mark.parametrize(
    ("program", "arguments"),
    [("qpdf", ["--check"]), ("mutool", ["info"]), ("pdfinfo", []), ("pdftotext", [])],
)
def test_other_programs_find_no_fault(program: str, arguments: list[str], tmp_path: Path) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    path = tmp_path / "a.pdf"
    path.write_bytes(archived("3b", *SAMPLES.values()))
    output = ["-"] if program == "pdftotext" else []
    run = subprocess.run(
        [program, *arguments, str(path), *output], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "error" not in run.stderr.lower()
    assert "warning" not in run.stderr.lower()
    if program == "pdftotext":
        assert "高拍" in run.stdout


def test_foreign_pages_are_taken_as_they_are_only_if_they_conform() -> None:
    scan = pdf(jpeg())
    assert found(archived("2b", jpeg(), scan), "2b") == set()
    with pytest.raises(DocumentFault, match=r"page 2 .*6\.2\.11\.4\.1.*rasterize"):
        archived("2b", jpeg(), text_pdf("not embedded"))
    assert found(archived("2b", jpeg(), text_pdf("drawn"), terms=PageTerms(True, True)), "2b") == set()


def test_a_signature_that_would_break_is_seen() -> None:
    with pikepdf.open(io.BytesIO(pdf(jpeg()))) as document:
        assert not is_signed(document)
        field = Dictionary(FT=Name.Sig, V=Dictionary(Type=Name.Sig))
        document.Root.AcroForm = Dictionary(Fields=Array([Dictionary(Kids=Array([field]))]))
        assert is_signed(document)
        document.Root.AcroForm = Dictionary(Fields=Array(), SigFlags=3)
        assert is_signed(document)


# Each clause, broken once -----------------------------------------------------------------

Break = Callable[[pikepdf.Pdf], object]


def _image(document: pikepdf.Pdf) -> Any:
    return next(iter(document.pages[0].resources.XObject.values()))


def _content(document: pikepdf.Pdf, words: bytes) -> None:
    document.pages[0].contents_add(words)


def _resource(document: pikepdf.Pdf, kind: str, **entries: Any) -> None:
    resources = document.pages[0].resources
    resources[f"/{kind}"] = Dictionary({f"/{name}": value for name, value in entries.items()})


def _annotation(document: pikepdf.Pdf, **entries: Any) -> None:
    form = document.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
    kept = {
        "Type": Name.Annot,
        "Subtype": Name.Stamp,
        "Rect": Array([0, 0, 9, 9]),
        "F": 4,
        "AP": Dictionary(N=form),
    }
    kept.update(entries)
    document.pages[0].obj.Annots = Array(
        [Dictionary(**{name: value for name, value in kept.items() if value is not None})]
    )


def _form(document: pikepdf.Pdf, content: bytes = b"", **entries: Any) -> None:
    form = document.make_stream(
        content, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]), **entries
    )
    document.pages[0].resources.XObject["/Form"] = form


def _metadata(document: pikepdf.Pdf, old: bytes, new: bytes) -> None:
    packet = bytes(document.Root.Metadata.read_bytes())
    assert old in packet
    document.Root.Metadata.write(packet.replace(old, new))


def _put(at: Any, **entries: Any) -> None:
    for name, value in entries.items():
        at[f"/{name}"] = value


def _font(document: pikepdf.Pdf, **entries: Any) -> None:
    font = Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name.Arial, **entries)
    _resource(document, "Font", X=document.make_indirect(font))
    _content(document, b"BT /X 9 Tf (a) Tj ET")


def _type0(document: pikepdf.Pdf) -> None:
    program = document.make_stream(b"x")
    inner = Dictionary(
        Type=Name.Font, Subtype=Name.CIDFontType2, FontDescriptor=Dictionary(FontFile2=program)
    )
    _font(document, DescendantFonts=Array([inner]))
    document.pages[0].resources.Font.X.Subtype = Name.Type0


def _widget(document: pikepdf.Pdf) -> None:
    _annotation(document, Subtype=Name.Widget, FT=Name.Btn, T=String("a"), A=Dictionary(S=Name.URI))
    annotations = document.pages[0].obj.Annots
    annotations[0] = document.make_indirect(annotations[0])
    document.Root.AcroForm = Dictionary(Fields=Array([annotations[0]]))


def _layers(document: pikepdf.Pdf) -> None:
    document.Root.OCProperties = Dictionary(D=Dictionary(), OCGs=Array())


def _second_intent(document: pikepdf.Pdf) -> None:
    other = Dictionary(S=Name.GTS_PDFA1, DestOutputProfile=document.make_stream(srgb_profile(), N=3))
    document.Root.OutputIntents.append(other)


def _attachment(document: pikepdf.Pdf) -> Any:
    return document.Root.AF[0]


BROKEN: list[tuple[str, Level, Break]] = [
    ("6.1.7.1", "2b", lambda d: _put(document_stream(d), F=String("elsewhere"))),
    (
        "6.1.7.2",
        "2b",
        lambda d: document_stream(d).write(b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01", filter=Name.LZWDecode),
    ),
    ("6.1.10", "2b", lambda d: _content(d, b"BI /W 1 /H 1 /BPC 8 /CS /G /F /LZW ID \x80\x00\x01 EI")),
    ("6.1.12", "2b", lambda d: _put(d.Root, Perms=Dictionary(Other=Dictionary()))),
    ("6.1.13", "2b", lambda d: _put(d.pages[0].obj, MediaBox=Array([0, 0, 20000, 100]))),
    ("6.1.13", "2b", lambda d: _content(d, b"q " * 29 + b"Q " * 29)),
    ("6.1.13", "2b", lambda d: _put(d.Root, Long=String("x" * 40000))),
    ("6.1.13", "2b", lambda d: _put(d.Root, Long=Name("/" + "x" * 200))),
    ("6.2.2", "2b", lambda d: _content(d, b"nonsense ")),
    ("6.2.3", "2b", lambda d: d.Root.__delitem__("/OutputIntents")),
    ("6.2.3", "2b", lambda d: d.Root.OutputIntents[0].__delitem__("/DestOutputProfile")),
    ("6.2.3", "2b", lambda d: d.Root.OutputIntents[0].DestOutputProfile.write(b"no profile")),
    ("6.2.3", "2b", lambda d: _put(d.Root.OutputIntents[0].DestOutputProfile, N=4)),
    ("6.2.3", "2b", _second_intent),
    (
        "6.2.4.2",
        "2b",
        lambda d: _put(_image(d), ColorSpace=Array([Name.ICCBased, d.make_stream(b"no profile", N=3)])),
    ),
    ("6.2.4.3", "2b", lambda d: _put(_image(d), ColorSpace=Name.DeviceCMYK)),
    ("6.2.4.3", "2b", lambda d: _content(d, b"0 0 0 1 k ")),
    ("6.2.4.3", "2b", lambda d: _content(d, b"/DeviceCMYK cs ")),
    (
        "6.2.4.3",
        "2b",
        lambda d: _put(_image(d), ColorSpace=Array([Name.Separation, Name.Spot, Name.DeviceCMYK])),
    ),
    ("6.2.5", "2b", lambda d: _resource(d, "ExtGState", G=Dictionary(TR=Name.Identity))),
    ("6.2.5", "2b", lambda d: _resource(d, "ExtGState", G=Dictionary(HTP=Array([0, 0])))),
    ("6.2.6", "2b", lambda d: _content(d, b"/Pretty ri ")),
    ("6.2.6", "2b", lambda d: _put(_image(d), Intent=Name.Pretty)),
    ("6.2.8", "2b", lambda d: _put(_image(d), Interpolate=True)),
    ("6.2.8", "2b", lambda d: _put(_image(d), Alternates=Array())),
    ("6.2.8", "2b", lambda d: _put(_image(d), BitsPerComponent=3)),
    ("6.2.9", "2b", lambda d: _form(d, OPI=Dictionary())),
    ("6.2.9", "2b", lambda d: _form(d, Ref=Dictionary())),
    ("6.2.9", "2b", lambda d: _form(d, Subtype2=Name.PS)),
    ("6.2.4.3", "2b", lambda d: _form(d, b"0 0 0 1 k ")),
    ("6.2.10", "2b", lambda d: _resource(d, "ExtGState", G=Dictionary(BM=Name.Pretty))),
    ("6.2.11.3.2", "2b", _type0),
    ("6.2.11.4.1", "2b", lambda d: _font(d)),
    ("6.2.11.7.2", "2u", lambda d: _font(d)),
    ("6.3.1", "2b", lambda d: _annotation(d, Subtype=Name.Movie)),
    ("6.3.2", "2b", lambda d: _annotation(d, F=6)),
    ("6.3.2", "2b", lambda d: _annotation(d, F=None)),
    ("6.3.3", "2b", lambda d: _annotation(d, AP=None)),
    ("6.4.1", "2b", _widget),
    ("6.4.1", "2b", lambda d: _put(d.Root, AcroForm=Dictionary(NeedAppearances=True))),
    ("6.4.2", "2b", lambda d: _put(d.Root, AcroForm=Dictionary(XFA=Array()))),
    ("6.5.1", "2b", lambda d: _put(d.Root, OpenAction=Dictionary(S=Name.JavaScript, JS=String("x")))),
    ("6.5.1", "2b", lambda d: _put(d.Root, OpenAction=Dictionary(S=Name.Launch))),
    ("6.5.1", "2b", lambda d: _put(d.Root, OpenAction=Dictionary(S=Name.Named, N=Name.Print))),
    ("6.5.1", "2b", lambda d: _put(d.Root, Names=Dictionary(JavaScript=Dictionary()))),
    ("6.5.2", "2b", lambda d: _put(d.Root, AA=Dictionary())),
    ("6.5.2", "2b", lambda d: _put(d.pages[0].obj, AA=Dictionary())),
    ("6.6.2.1", "2b", lambda d: d.Root.__delitem__("/Metadata")),
    ("6.6.2.1", "2b", lambda d: d.Root.Metadata.write(b"<no xml")),
    ("6.6.2.2", "2b", lambda d: _put(d.trailer.Info, Title=String("another"))),
    ("6.6.2.2", "2b", lambda d: _put(d.trailer.Info, CreationDate=String("D:20000101000000Z"))),
    ("6.6.4", "2b", lambda d: _metadata(d, b'part="2"', b'part="1"')),
    ("6.6.4", "2b", lambda d: _metadata(d, b'conformance="B"', b'conformance="A"')),
    ("6.8", "2b", lambda d: _put(d.Root, Extra=d.make_indirect(Dictionary(EF=Dictionary())))),
    ("6.8", "3b", lambda d: _attachment(d).__delitem__("/AFRelationship")),
    ("6.8", "3b", lambda d: _attachment(d).__delitem__("/UF")),
    ("6.8", "3b", lambda d: _attachment(d).EF.F.__delitem__("/Subtype")),
    ("6.8", "3b", lambda d: d.Root.__delitem__("/AF")),
    ("6.9", "2b", _layers),
    ("6.10", "2b", lambda d: _put(d.pages[0].obj, PresSteps=Dictionary())),
    ("6.10", "2b", lambda d: _put(d.Root, Names=Dictionary(AlternatePresentations=Dictionary()))),
    ("6.11", "2b", lambda d: _put(d.Root, Requirements=Array())),
]
"""A clause, a level, and a change that breaks it in a file that conformed."""


CONSEQUENCES = {"6.1.7.2": {"6.2.2"}, "6.2.3": {"6.2.4.3"}, "6.2.11.7.2": {"6.2.11.4.1"}}
"""Clauses that are broken with another."""


def document_stream(document: pikepdf.Pdf) -> Any:
    contents = document.pages[0].obj.Contents
    return contents[0] if isinstance(contents, Array) else contents


@pytest.mark.parametrize(("clause", "level", "change"), BROKEN)
def test_each_clause_that_is_broken_is_told(clause: str, level: Level, change: Break) -> None:
    with pikepdf.open(io.BytesIO(archived(level, jpeg()))) as document:
        change(document)
        sink = io.BytesIO()
        document.save(sink, deterministic_id=True, compress_streams=False)
    told = found(sink.getvalue(), level)
    assert clause in told
    assert told - {clause} <= CONSEQUENCES.get(clause, set())


@pytest.mark.parametrize(
    ("clause", "change"),
    [
        ("6.1.2", lambda data: b" " + data),
        ("6.1.2", lambda data: data.replace(b"%PDF-1.7", b"%PDF-2.0", 1)),
        ("6.1.2", lambda data: data[:9] + b"%abcd" + data[14:]),
        ("6.1.3", lambda data: data + b"more"),
        ("6.1.3", lambda data: data.replace(b"/ID", b"/Id")),
    ],
)
def test_each_clause_of_the_file_itself(clause: str, change: Callable[[bytes], bytes]) -> None:
    assert found(change(archived("2b", jpeg())), "2b") == {clause}


def test_an_encrypted_file_is_told() -> None:
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(archived("2b", jpeg()))) as document:
        document.save(sink, encryption=pikepdf.Encryption(owner="a", user=""))
    assert "6.1.3" in found(sink.getvalue(), "2b")


@pytest.mark.parametrize("level", LEVELS)
def test_pictures_alone_conform_and_are_not_copied(level: Level) -> None:
    attached = (Attachment("é (a).jpg", "image/jpeg", jpeg()),) if level == "3b" else ()
    archival = Archival(level, TIME, "收据 (1) \\", attached)
    writer = PdfDocumentWriter(LIMIT, BlankPageDetector())
    images = [writer.prepare(opened(one), 0, TERMS).content for one in SAMPLES.values()]
    pictures = [image for image in images if isinstance(image, PdfImage)]
    chunks = pdf_of_images(pictures, archival)
    data = b"".join(chunks)
    with pikepdf.open(io.BytesIO(data)) as document:
        assert (claimed_level(document), breaches(data, document, level)) == (level, [])
        assert len(document.pages) == len(SAMPLES)
    assert all(any(chunk is image.data for chunk in chunks) for image in pictures)
    assert data == b"".join(pdf_of_images(pictures, archival))
