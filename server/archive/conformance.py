"""Check of a PDF against the clauses of ISO 19005-2 and -3 that a writer or merger of pages can break.

It is no validator of record: of fonts it looks at whether they are embedded, not at their glyphs, and of
codings it trusts the readers.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pikepdf

from server.archive.page_conformance import (
    Breach,
    ConformanceCheck,
    array,
    check_object,
    check_pages,
    check_profile,
    inside,
)

_HEADER = re.compile(rb"%PDF-1\.[0-7][\r\n]+%[\x80-\xff]{4}")
_END = re.compile(rb"%%EOF(\r\n|\r|\n)?\Z")
_XMP = {
    "http://www.aiim.org/pdfa/ns/id/": "pdfaid",
    "http://ns.adobe.com/pdf/1.3/": "pdf",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://purl.org/dc/elements/1.1/": "dc",
}
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


def claimed_level(document: pikepdf.Pdf) -> str:
    """Return the level that a document claims, such as ``2b``; empty for none."""
    claims = _properties(document)
    return (claims.get("pdfaid:part", "") + claims.get("pdfaid:conformance", "").lower())[:8]


def breaches(data: bytes, document: pikepdf.Pdf, level: str) -> list[Breach]:
    """Return the clauses that a file, opened as `document`, breaks; none where it conforms."""
    check = ConformanceCheck(document, level)
    _file(check, data)
    for part in (_metadata, _intent, _catalog):
        part(check)
    check_pages(check, range(len(document.pages)))
    _objects(check)
    return list(check.found)


def _file(check: ConformanceCheck, data: bytes) -> None:
    check.expect(
        _HEADER.match(data), "6.1.2", "the header, or the line of binary characters after it, is missing"
    )
    check.expect(_END.search(data[-16:]), "6.1.3", "something follows the mark of the end")
    trailer = check.document.trailer
    check.expect(len(trailer.get("/ID", [])) == 2, "6.1.3", "the trailer has no ID")
    check.expect("/Encrypt" not in trailer, "6.1.3", "it is encrypted")


def _metadata(check: ConformanceCheck) -> None:
    properties = _properties(check.document)
    check.expect(properties, "6.6.2.1", "the catalog has no XMP metadata that can be read")
    if not properties:
        return
    part = check.level[:1]
    conformance = check.level[1:].upper()
    check.expect(properties.get("pdfaid:part") == part, "6.6.4", f"the metadata do not say part {part}")
    check.expect(
        properties.get("pdfaid:conformance") == conformance,
        "6.6.4",
        f"the metadata do not say level {conformance}",
    )
    info: Any = check.document.trailer.get("/Info", {})
    for key, named in (
        ("/Producer", "pdf:Producer"),
        ("/Title", "dc:title"),
        ("/CreationDate", "xmp:CreateDate"),
    ):
        if key in info:
            said = str(info[key])
            told = properties.get(named, "")
            if key == "/CreationDate":
                said = re.sub(r"\D", "", said)[:14]
                told = re.sub(r"\D", "", told)[:14]
            check.expect(said == told, "6.6.2.2", f"{key[1:]} and the metadata differ")


def _properties(document: pikepdf.Pdf) -> dict[str, str]:
    """Return simple properties of the XMP packet by their usual names; nothing where it cannot be read."""
    try:
        packet = bytes(document.Root.Metadata.read_bytes())
        # A packet has no need of entities, which could grow without end; it is UTF-8, where they can be seen.
        if b"<!" in packet or b"\0" in packet or re.search(rb"<\?xpacket[^>]*\b(bytes|encoding)=", packet):
            return {}
        root = ET.fromstring(packet)
    except (ET.ParseError, pikepdf.PdfError, AttributeError, RuntimeError, ValueError):
        return {}
    found = {}
    for element in root.iter(f"{_RDF}Description"):
        told = [*element.attrib.items(), *((one.tag, "".join(one.itertext()).strip()) for one in element)]
        for name, value in told:
            space, _, local = name[1:].partition("}")
            if space in _XMP:
                found[f"{_XMP[space]}:{local}"] = value
    return found


def _intent(check: ConformanceCheck) -> None:
    intents = [
        one for one in array(check.document.Root.get("/OutputIntents")) if one.get("/S") == "/GTS_PDFA1"
    ]
    profiles = [one.get("/DestOutputProfile") for one in intents]
    check.expect(intents and profiles[0] is not None, "6.2.3", "there is no output intent with a profile")
    check.expect(
        len({one.objgen for one in profiles if one is not None}) < 2, "6.2.3", "output intents differ"
    )
    if intents and isinstance(profiles[0], pikepdf.Stream):
        header = check_profile(check, profiles[0], "6.2.3")
        check.expect(
            header[12:16] in (b"prtr", b"mntr"), "6.2.3", "its profile is none of a printer or a screen"
        )
        check.intent = {b"RGB ": "RGB", b"CMYK": "CMYK", b"GRAY": "Gray"}.get(header[16:20], "")


def _catalog(check: ConformanceCheck) -> None:
    root = check.document.Root
    names: Any = root.get("/Names", {})
    check.expect("/AA" not in root, "6.5.2", "the document has actions of its own")
    check.expect("/JavaScript" not in names, "6.5.1", "there is JavaScript")
    check.expect("/AlternatePresentations" not in names, "6.10", "there are alternate presentations")
    check.expect("/Requirements" not in root, "6.11", "there are requirements")
    check.expect(
        set(root.get("/Perms", {}).keys()) <= {"/UR3", "/DocMDP"}, "6.1.12", "there are other permissions"
    )
    form: Any = root.get("/AcroForm", {})
    check.expect("/XFA" not in form and "/NeedsRendering" not in root, "6.4.2", "there is an XFA form")
    check.expect(not form.get("/NeedAppearances", False), "6.4.1", "form fields lack their appearance")
    layers: Any = root.get("/OCProperties", {})
    for one in [layers[key] for key in ("/D",) if key in layers] + list(array(layers.get("/Configs"))):
        check.expect(
            "/Name" in one and "/AS" not in one, "6.9", "a configuration of layers has no name, or changes"
        )
    _attachments(check, names)


def _attachments(check: ConformanceCheck, names: Any) -> None:
    related = {one.objgen for one in array(check.document.Root.get("/AF"))}
    for one in check.document.objects:
        if not isinstance(one, pikepdf.Dictionary) or "/EF" not in one:
            continue
        check.expect(
            check.level.startswith("3"), "6.8", "there are attachments, which part 2 allows of PDF/A alone"
        )
        check.expect("/F" in one and "/UF" in one, "6.8", "an attachment has no name")
        check.expect("/AFRelationship" in one, "6.8", "an attachment does not say what it is to the document")
        check.expect(one.objgen in related, "6.8", "an attachment is no associated file")
        content: Any = one.EF.get("/F", {})
        check.expect("/Subtype" in content, "6.8", "an attachment does not say its kind")


def _objects(check: ConformanceCheck) -> None:
    check.expect(len(check.document.objects) <= 8_388_607, "6.1.13", "there are too many objects")
    for one in check.document.objects:
        for inner in inside(one):
            check_object(check, inner)
