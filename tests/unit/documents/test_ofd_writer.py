"""OFDs as GB/T 33190-2016 has them: every reference leads somewhere, every page shows its picture."""

from __future__ import annotations

import io
import posixpath
import re
import xml.etree.ElementTree as Xml
import zipfile
from dataclasses import dataclass

import cv2
import numpy as np
import PIL.Image
import pytest

from imgcore import codec
from imgcore.types import Image
from server.documents.ofd_writer import NAMESPACE, OfdDocumentWriter
from tests.unit.documents.samples import (
    HEIGHT,
    LIMIT,
    TURNED,
    WIDTH,
    file,
    jpeg,
    letters,
    near,
    pdf,
    photograph,
    png,
    shown,
    text_pdf,
    tiff,
    written,
)

OFD = f"{{{NAMESPACE}}}"


@dataclass
class Page:
    """One page, as a reader finds it."""

    size: tuple[float, float]
    matrix: tuple[float, ...]
    boundary: tuple[float, ...]
    format: str
    data: bytes

    def shown(self) -> Image:
        """The picture laid onto the page as its matrix says, at 72 dots an inch; its EXIF does not count."""
        image = codec.decode(self.data, LIMIT, oriented=False)
        image = image if image.ndim == 3 else np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
        a, b, c, d, e, f = (number * 72 / 25.4 for number in self.matrix)
        rows, cols = image.shape[:2]
        # From pixels' centres to the unit square, from there to the page, and to pixels' centres again.
        place = np.array([[a, c, e], [b, d, f]]) @ np.array(
            [[1 / cols, 0, 0.5 / cols], [0, 1 / rows, 0.5 / rows], [0, 0, 1]]
        )
        place[:, 2] -= 0.5
        size = [round(side * 72 / 25.4) for side in self.size]
        return np.asarray(cv2.warpAffine(image, place, size, borderValue=(0, 0, 255)), np.uint8)


def parsed(archive: zipfile.ZipFile, name: str) -> Xml.Element:
    return Xml.fromstring(archive.read(name))


def pages(data: bytes) -> list[Page]:
    """Read an OFD the way its readers do, from OFD.xml on."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        root = parsed(archive, "OFD.xml").findtext(f"{OFD}DocBody/{OFD}DocRoot")
        assert root is not None
        folder = posixpath.dirname(root)
        document = parsed(archive, root)
        media = _media(archive, folder, document)
        places = [page.attrib["BaseLoc"] for page in document.iter(f"{OFD}Page")]
        return [_page(parsed(archive, posixpath.join(folder, place)), media) for place in places]


def _media(archive: zipfile.ZipFile, folder: str, document: Xml.Element) -> dict[str, tuple[str, bytes]]:
    found: dict[str, tuple[str, bytes]] = {}
    common = document.find(f"{OFD}CommonData")
    assert common is not None
    for kind in ("PublicRes", "DocumentRes"):
        name = common.findtext(f"{OFD}{kind}")
        assert name is not None
        resources = parsed(archive, posixpath.join(folder, name))
        for one in resources.iter(f"{OFD}MultiMedia"):
            assert one.attrib["Type"] == "Image"
            place = one.findtext(f"{OFD}MediaFile")
            assert place is not None
            path = posixpath.join(folder, resources.attrib["BaseLoc"], place)
            found[one.attrib["ID"]] = one.attrib["Format"], archive.read(path)
    return found


def _page(content: Xml.Element, media: dict[str, tuple[str, bytes]]) -> Page:
    box = content.findtext(f"{OFD}Area/{OFD}PhysicalBox")
    assert box is not None
    (image,) = content.iter(f"{OFD}ImageObject")
    left, top, width, height = map(float, box.split())
    assert (left, top) == (0, 0)
    matrix, boundary = (tuple(map(float, image.attrib[name].split())) for name in ("CTM", "Boundary"))
    return Page((width, height), matrix, boundary, *media[image.attrib["ResourceID"]])


@pytest.mark.parametrize("data", [jpeg(), jpeg("L"), jpeg(progressive=True)])
def test_a_jpeg_is_embedded_byte_for_byte(data: bytes) -> None:
    (page,) = pages(written(OfdDocumentWriter, data))
    assert (page.format, page.data) == ("JPEG", data)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_jpeg_is_turned_once_by_every_reader(orientation: int) -> None:
    data = jpeg(orientation=orientation, dpi=(72, 72))
    (page,) = pages(written(OfdDocumentWriter, data))
    assert near(page.shown(), codec.decode(data, LIMIT), 6)
    # A reader that also obeys EXIF finds nothing there to obey; all else is as it was.
    with PIL.Image.open(io.BytesIO(page.data)) as opened:
        assert opened.getexif().get(TURNED, 1) == 1
    assert len(page.data) == len(data)
    assert sum(one != other for one, other in zip(page.data, data, strict=True)) <= 1


@pytest.mark.parametrize("order", [b"II", b"MM"])
def test_the_orientation_is_found_in_either_byte_order(order: bytes) -> None:
    value = (6).to_bytes(2, "little" if order == b"II" else "big")
    entry = {b"II": b"\x12\x01\x03\0\x01\0\0\0", b"MM": b"\x01\x12\0\x03\0\0\0\x01"}[order]
    head = {b"II": b"II*\0\x08\0\0\0\x01\0", b"MM": b"MM\0*\0\0\0\x08\0\x01"}[order]
    body = b"Exif\0\0" + head + entry + value + bytes(6)
    data = jpeg()
    data = data[:2] + b"\xff\xe1" + (len(body) + 2).to_bytes(2) + body + data[2:]
    (page,) = pages(written(OfdDocumentWriter, data))
    assert page.data == data.replace(
        entry + value, entry + (1).to_bytes(2, "little" if order == b"II" else "big")
    )
    assert page.size[0] < page.size[1]


def test_other_pictures_lose_nothing() -> None:
    found = pages(written(OfdDocumentWriter, png(), file(shown(photograph()), "BMP"), tiff(shown(letters()))))
    assert [page.format for page in found] == ["PNG"] * 3
    assert found[0].data == png()
    assert np.array_equal(codec.decode(found[1].data, LIMIT), photograph())
    assert np.array_equal(codec.decode(found[2].data, LIMIT), letters())


def test_cmyk_becomes_what_readers_show() -> None:
    (page,) = pages(written(OfdDocumentWriter, jpeg("CMYK")))
    assert page.format == "PNG"
    assert near(codec.decode(page.data, LIMIT), codec.decode(jpeg("CMYK"), LIMIT), 0.1)


@pytest.mark.parametrize(
    ("dots", "meant"), [((300, 300), (300, 300)), ((204, 98), (204, 98)), (None, (200, 200))]
)
def test_a_page_is_as_large_as_the_file_says(dots: tuple[int, int] | None, meant: tuple[int, int]) -> None:
    (page,) = pages(written(OfdDocumentWriter, jpeg(dpi=dots) if dots else jpeg()))
    size = WIDTH / meant[0] * 25.4, HEIGHT / meant[1] * 25.4
    assert page.size == pytest.approx(size, abs=0.001)
    assert page.boundary == (0, 0, *page.size)


def test_pages_of_a_pdf_are_scans_or_drawn() -> None:
    found = pages(written(OfdDocumentWriter, pdf(jpeg()), text_pdf("HHHH")))
    assert found[0].data == jpeg()
    assert found[1].format == "PNG"
    assert found[1].size == pytest.approx((300 / 72 * 25.4, 200 / 72 * 25.4), abs=0.1)


def test_every_number_is_given_once_and_the_largest_is_said() -> None:
    with zipfile.ZipFile(io.BytesIO(written(OfdDocumentWriter, jpeg(), png(), jpeg()))) as archive:
        text = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".xml")).decode()
    numbers = sorted(map(int, re.findall(r' ID="(\d+)"', text)))
    assert numbers == list(range(1, len(numbers) + 1))
    assert f"<ofd:MaxUnitID>{numbers[-1]}</ofd:MaxUnitID>" in text


def test_the_package_says_who_made_it_and_when() -> None:
    with zipfile.ZipFile(io.BytesIO(written(OfdDocumentWriter, jpeg()))) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "OFD.xml"
        root = parsed(archive, "OFD.xml")
    assert (root.tag, root.attrib) == (f"{OFD}OFD", {"Version": "1.0", "DocType": "OFD"})
    info = {child.tag.removeprefix(OFD): child.text or "" for child in root.iter() if child.text}
    assert re.fullmatch(r"[0-9a-f]{32}", info["DocID"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", info["CreationDate"])
    assert info["Creator"] == "gaopai"
