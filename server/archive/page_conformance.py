"""Check of a PDF's pages against the clauses of ISO 19005-2: colours, pictures, fonts, annotations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pikepdf

BREACHES = 100
"""Limit of the breaches that are told of one document."""
_FILTERS = {
    *("/ASCIIHexDecode", "/ASCII85Decode", "/FlateDecode", "/RunLengthDecode"),
    *("/CCITTFaxDecode", "/JBIG2Decode", "/DCTDecode", "/JPXDecode"),
}
_ACTIONS = {"/GoTo", "/GoToR", "/GoToE", "/Thread", "/URI", "/Named", "/SubmitForm"}
_NAMED = {"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"}
_INTENTS = {"/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation"}
_BLENDS = {
    *("/Normal", "/Compatible", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten", "/ColorDodge"),
    *("/ColorBurn", "/HardLight", "/SoftLight", "/Difference", "/Exclusion", "/Hue", "/Saturation"),
    *("/Color", "/Luminosity"),
}
_NO_ANNOTATIONS = {"/3D", "/Sound", "/Screen", "/Movie", "/RichMedia", "/FileAttachment"}
_OPERATORS = """b B b* B* BDC BMC BT BX c cm CS cs d d0 d1 Do DP EMC ET EX f F f* G g gs h i j J K k l
    m M MP n q Q re RG rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \""""
_KNOWN = {*_OPERATORS.split(), "INLINE IMAGE"}
_DEVICE = {"g": "Gray", "G": "Gray", "rg": "RGB", "RG": "RGB", "k": "CMYK", "K": "CMYK"}
_DEEP = 28
"""Limit of graphics states that are saved within each other, from clause 6.1.13 of ISO 19005-2."""
_INVISIBLE = 3
"""Text rendering mode of PDF in which text is neither filled nor stroked, as in a layer of recognised
text."""
_SPACES = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4, b"Lab ": 3}
"""Number of colour components, by the colour space in the header of an ICC profile."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A clause that a document breaks.

    Attributes
    ----------
    clause
        Number in ISO 19005-2, and in -3 unless it is of attachments.
    page
        From 1; 0 where it is the whole document's.
    """

    clause: str
    text: str
    page: int = 0


@dataclass(slots=True)
class ConformanceCheck:
    """A document being checked."""

    document: pikepdf.Pdf
    level: str
    intent: str = ""
    page: int = 0
    found: dict[Breach, None] = field(default_factory=dict)
    seen: set[tuple[int, int]] = field(default_factory=set)
    """Forms that were looked into on this page."""
    told: set[tuple[str, str]] = field(default_factory=set)

    def expect(self, holds: object, clause: str, text: str) -> None:
        """Note a breach unless something holds, once."""
        if not holds and len(self.found) < BREACHES and (self.page or (clause, text) not in self.told):
            self.told.add((clause, text))
            self.found.setdefault(Breach(clause, text, self.page))


def page_breaches(document: pikepdf.Pdf, numbers: Sequence[int], level: str) -> list[Breach]:
    """Return the clauses that pages, from 0, would break in a document whose output intent is RGB."""
    check = ConformanceCheck(document, level, "RGB")
    check_pages(check, numbers)
    return list(check.found)


def check_pages(check: ConformanceCheck, numbers: Sequence[int]) -> None:
    for number in numbers:
        page = check.document.pages[number]
        check.page = number + 1
        check.seen.clear()
        for box in ("/MediaBox", "/CropBox"):
            corners = page.obj.get(box) or (page.mediabox if box == "/MediaBox" else None)
            if corners is not None:
                left, bottom, right, top = (float(one) for one in corners)
                sides = (abs(right - left), abs(top - bottom))
                check.expect(
                    all(3 <= one <= 14400 for one in sides), "6.1.13", "the page is too small or too large"
                )
        check.expect("/AA" not in page.obj, "6.5.2", "the page has actions of its own")
        check.expect("/PresSteps" not in page.obj, "6.10", "the page has presentation steps")
        for one in array(page.obj.get("/Annots")):
            _annotation(check, one)
        for one in _reachable(page):
            check_object(check, one)
        _content(check, page, page.resources)
    check.page = 0


def _reachable(page: pikepdf.Page) -> Iterator[Any]:
    """Yield all objects that a page uses, with numbers or without."""
    waiting = [value for key, value in page.obj.items() if key != "/Parent"]
    seen = set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Object) and one.is_indirect:
            if one.objgen in seen or (isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/Page"):
                continue
            seen.add(one.objgen)
        yield one
        waiting += _parts(one)


def _annotation(check: ConformanceCheck, one: Any) -> None:
    kind = str(one.get("/Subtype"))
    check.expect(kind not in _NO_ANNOTATIONS, "6.3.1", f"an annotation {kind[1:20]} is not allowed")
    if kind == "/Popup":
        return
    flags = int(one.get("/F", 0))
    # Print is set; invisible, hidden, no view and toggled view are not.
    check.expect(
        flags & 4 and not flags & (1 | 2 | 32 | 256), "6.3.2", "an annotation is hidden or not printed"
    )
    check.expect(
        "/AA" not in one and not (kind == "/Widget" and "/A" in one), "6.4.1", "a form field has actions"
    )
    left, bottom, right, top = (float(side) for side in one.get("/Rect", [0, 0, 0, 0]))
    if kind != "/Link" and (right != left or top != bottom):
        appearance: Any = one.get("/AP", {})
        check.expect(set(appearance.keys()) == {"/N"}, "6.3.3", "an annotation has no appearance, or several")
        if isinstance(appearance.get("/N"), pikepdf.Stream):
            _form(check, appearance.N)


def _content(check: ConformanceCheck, stream: Any, resources: Any) -> None:
    """Look at instructions, and at the resources that they use."""
    deep = 0
    text = _Text()
    for instruction in pikepdf.parse_content_stream(stream):
        operands = instruction.operands
        word = str(instruction.operator)
        check.expect(word in _KNOWN, "6.2.2", "there is an instruction that no PDF has")
        deep += (word == "q") - (word == "Q")
        check.expect(deep <= _DEEP, "6.1.13", "states are nested too deeply")
        _instruction(check, word, operands, resources)
        text.follow(word, operands)
    for name, visible in text.fonts.items():
        font = _found(resources, "/Font", name)
        if isinstance(font, pikepdf.Dictionary):
            _font(check, font, visible)
    _resources(check, resources)


def _instruction(check: ConformanceCheck, word: str, operands: Any, resources: Any) -> None:
    if word in _DEVICE:
        _device(check, _DEVICE[word], resources)
    elif word in ("cs", "CS") and operands:
        _space(check, _found(resources, "/ColorSpace", operands[0]), resources)
    elif word == "ri" and operands:
        check.expect(str(operands[0]) in _INTENTS, "6.2.6", "a rendering intent is unknown")
    elif word == "INLINE IMAGE":
        _inline(check, operands[0])


@dataclass(slots=True)
class _Text:
    """Fonts that text is set in, and for each whether some of it is seen."""

    fonts: dict[str, bool] = field(default_factory=dict)
    font: str = ""
    mode: int = 0
    outer: list[tuple[str, int]] = field(default_factory=list)

    def follow(self, word: str, operands: Any) -> None:
        if word == "q":
            self.outer.append((self.font, self.mode))
        elif word == "Q" and self.outer:
            self.font, self.mode = self.outer.pop()
        elif word == "Tr" and operands:
            self.mode = int(operands[0])
        elif word == "Tf" and operands:
            self.font = str(operands[0])
        elif word in ("Tj", "TJ", "'", '"') and self.font:
            self.fonts[self.font] = self.fonts.get(self.font, False) or self.mode != _INVISIBLE


def _resources(check: ConformanceCheck, resources: Any) -> None:
    for one in _values(resources, "/XObject"):
        if one.get("/Subtype") == "/Image":
            _image(check, one, resources)
        else:
            _form(check, one)
    for one in _values(resources, "/ExtGState"):
        check.expect(
            "/TR" not in one and one.get("/TR2", "/Default") == "/Default",
            "6.2.5",
            "there is a transfer function",
        )
        check.expect("/HTP" not in one, "6.2.5", "there is a halftone origin")
        for blend in array(one.get("/BM")):
            check.expect(str(blend) in _BLENDS, "6.2.10", "a blend mode is unknown")
        if isinstance(one.get("/SMask"), pikepdf.Dictionary):
            _form(check, one.SMask.G)
    for one in _values(resources, "/Pattern"):
        if isinstance(one, pikepdf.Stream):
            _form(check, one)
        elif "/Shading" in one:
            _space(check, one.Shading.get("/ColorSpace"), resources)
    for one in _values(resources, "/Shading"):
        _space(check, one.get("/ColorSpace"), resources)


def _image(check: ConformanceCheck, image: Any, resources: Any) -> None:
    check.expect(
        "/Alternates" not in image and "/OPI" not in image, "6.2.8", "a picture has another in its place"
    )
    check.expect(not image.get("/Interpolate", False), "6.2.8", "a picture is to be interpolated")
    check.expect(
        str(image.get("/Intent", "/Perceptual")) in _INTENTS, "6.2.6", "a rendering intent is unknown"
    )
    if not image.get("/ImageMask", False) and "/JPXDecode" not in map(str, array(image.get("/Filter"))):
        check.expect(
            int(image.get("/BitsPerComponent", 1)) in (1, 2, 4, 8, 16), "6.2.8", "a picture has odd samples"
        )
        _space(check, image.get("/ColorSpace"), resources)
    if isinstance(image.get("/SMask"), pikepdf.Stream):
        _image(check, image.SMask, resources)


def _inline(check: ConformanceCheck, image: Any) -> None:
    kept = image.obj if hasattr(image, "obj") else {}
    coding = [str(one) for one in array(kept.get("/Filter") or kept.get("/F"))]
    check.expect(
        not {"/LZW", "/LZWDecode", "/Crypt"} & set(coding), "6.1.10", "a picture in a line is coded by LZW"
    )
    check.expect(not (kept.get("/I") or kept.get("/Interpolate")), "6.2.8", "a picture is to be interpolated")


def _form(check: ConformanceCheck, form: Any) -> None:
    if form.objgen != (0, 0) and form.objgen in check.seen:
        return
    check.seen.add(form.objgen)
    bad = (
        {"/OPI", "/PS", "/Ref"} & set(form.keys())
        or form.get("/Subtype2") == "/PS"
        or form.get("/Subtype") == "/PS"
    )
    check.expect(not bad, "6.2.9", "there is PostScript, or a page of another file")
    if form.get("/Subtype") != "/PS":
        _content(check, form, form.get("/Resources", pikepdf.Dictionary()))


def _found(resources: Any, kind: str, name: Any) -> Any:
    return resources.get(kind, {}).get(str(name), name)


def _device(check: ConformanceCheck, kind: str, resources: Any) -> None:
    """Expect that a device's colours are explained by the output intent, or by a default."""
    explained = check.intent == kind or (kind == "Gray" and check.intent)
    explained = explained or f"/Default{kind}" in resources.get("/ColorSpace", {})
    check.expect(explained, "6.2.4.3", f"colours of Device{kind} are not explained by the output intent")


def _space(check: ConformanceCheck, space: Any, resources: Any) -> None:
    if isinstance(space, pikepdf.Name):
        word = str(space)
        if word.startswith("/Device"):
            _device(check, word[7:], resources)
        return
    kind = str(space[0]) if isinstance(space, pikepdf.Array) and len(space) else ""
    if kind == "/ICCBased":
        check_profile(check, space[1], "6.2.4.2")
    elif kind in ("/Indexed", "/Pattern") and len(space) > 1:
        _space(check, space[1], resources)
    elif kind in ("/Separation", "/DeviceN"):
        check.expect(kind == "/Separation" or len(space[1]) <= 32, "6.1.13", "there are too many colorants")
        _space(check, space[2], resources)


def _font(check: ConformanceCheck, font: Any, visible: bool) -> None:
    kind = str(font.get("/Subtype"))
    if kind == "/Type3":
        for one in font.get("/CharProcs", {}).values():
            _content(check, one, font.get("/Resources", pikepdf.Dictionary()))
    else:
        inner = font.DescendantFonts[0] if kind == "/Type0" else font
        descriptor: Any = inner.get("/FontDescriptor", {})
        embedded = {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor.keys())
        check.expect(embedded or not visible, "6.2.11.4.1", "a font is not embedded")
        maps = inner.get("/Subtype") != "/CIDFontType2" or "/CIDToGIDMap" in inner or not embedded
        check.expect(maps, "6.2.11.3.2", "a font does not say which glyphs its characters have")
    if check.level.endswith("u"):
        encoding = font.get("/Encoding")
        known = "/ToUnicode" in font or (kind != "/Type0" and isinstance(encoding, pikepdf.Name))
        check.expect(known, "6.2.11.7.2", "a font does not say which characters its text has")


def array(value: Any) -> Any:
    """Return a value that may be an array of such, or be missing, as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, pikepdf.Array) else [value]


def _values(resources: Any, kind: str) -> Iterator[Any]:
    for one in dict(resources.get(kind, {}).items()).values():
        if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            yield one


def check_profile(check: ConformanceCheck, profile: Any, clause: str) -> bytes:
    try:
        header = bytes(profile.read_bytes())[:128]
    except pikepdf.PdfError:
        header = b""
    sound = len(header) == 128 and header[36:40] == b"acsp" and header[8] <= 4
    check.expect(sound, clause, "an ICC profile is none of version 4 or older")
    matches = _SPACES.get(header[16:20]) == int(profile.get("/N", 0))
    check.expect(matches, clause, "an ICC profile is for another number of colours")
    return header


def check_object(check: ConformanceCheck, one: Any) -> None:
    if isinstance(one, pikepdf.String):
        check.expect(len(bytes(one)) <= 32767, "6.1.13", "a string is too long")
    elif isinstance(one, pikepdf.Name):
        _name(check, str(one))
    if isinstance(one, pikepdf.Stream):
        check.expect(
            not {"/F", "/FFilter", "/FDecodeParms"} & set(one.keys()), "6.1.7.1", "a stream lies elsewhere"
        )
        for coding in array(one.get("/Filter")):
            check.expect(
                str(coding) in _FILTERS, "6.1.7.2", "a stream is coded by LZW, Crypt or something unknown"
            )
    if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
        for key in dict(one.items()):
            _name(check, key)
        _action(check, one)


def _name(check: ConformanceCheck, name: str) -> None:
    check.expect(len(name.encode("utf-8", "surrogateescape")) <= 128, "6.1.13", "a name is too long")


def _action(check: ConformanceCheck, one: Any) -> None:
    kind = one.get("/S")
    for key in ("/A", "/OpenAction"):
        action = one.get(key)
        if isinstance(action, pikepdf.Dictionary) and "/S" in action:
            _allowed_action(check, action)
    if one.get("/Type") == "/Action" and kind is not None:
        _allowed_action(check, one)


def _allowed_action(check: ConformanceCheck, action: Any) -> None:
    kind = str(action.get("/S"))
    check.expect(kind in _ACTIONS, "6.5.1", f"an action {kind[1:20]} is not allowed")
    named = kind != "/Named" or str(action.get("/N")) in _NAMED
    check.expect(named, "6.5.1", "a named action is not allowed")


def inside(one: Any) -> Iterator[Any]:
    """Yield an object and what lies in it, but for other objects that have a number."""
    waiting = [one]
    while waiting:
        value = waiting.pop()
        yield value
        waiting += (one for one in _parts(value) if not getattr(one, "is_indirect", False))


def _parts(value: Any) -> list[Any]:
    if isinstance(value, pikepdf.Array):
        return list(value)
    if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        return [part for key, part in value.items() if key != "/Parent"]
    return []
