"""Stamps on pages of PDFs: where they lie, what shows through, and what stays."""

from __future__ import annotations

import io

import numpy as np
import pikepdf
import pytest

from imgcore.output.stamp import Stamp
from imgcore.types import Image
from server.archive.conformance import breaches, claimed_level
from server.archive.pdfa import Archival
from server.documents.faults import DocumentFault
from server.documents.pdf_image import PdfImage, pdf_of_images
from server.documents.stamp_layer import LAYER_DOTS, MM_PER_POINT, page_sizes, stamp_layer, stamped
from tests.unit.documents.samples import drawn, jpeg, text_pdf

RED = (0, 0, 200)
STAMP: Image = np.full((20, 40, 3), RED, np.uint8)


def first_stamped(data: bytes, *stamps: Stamp, shape: tuple[int, int] = (200, 300)) -> bytes:
    """The document with stamps on its first page."""
    others = len(page_sizes(data)) - 1
    return bytes(stamped(data, [stamp_layer(stamps, shape)], [0] + [-1] * others))


def with_page(data: bytes, **entries: object) -> bytes:
    """The document, its first page with these entries."""
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as document:
        for name, value in entries.items():
            document.pages[0].obj[f"/{name}"] = value
        document.save(sink)
    return sink.getvalue()


def box(picture: Image) -> tuple[float, ...]:
    """Left, top, right and bottom of what is red, as shares of the page."""
    red = (picture[:, :, 2] > 150) & (picture[:, :, 0] < 60)
    rows, cols = np.nonzero(red)
    height, width = red.shape
    sides = cols.min() / width, rows.min() / height, (cols.max() + 1) / width, (rows.max() + 1) / height
    return tuple(map(float, sides))


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, [30, 20, 280, 190]])
def test_a_stamp_lies_where_it_was_placed(turned: int, crop: list[int] | None) -> None:
    """On turned pages and on those that show a part of themselves, of the page as it is seen."""
    data = with_page(text_pdf("page"), Rotate=turned, **({"CropBox": crop} if crop else {}))
    seen = drawn(data, scale=2)
    rows, cols = seen.shape[:2]
    made = first_stamped(
        data, Stamp(STAMP, 0.25 * cols, 0.125 * rows, 0.5 * cols, 0.25 * rows), shape=(rows, cols)
    )
    shown = drawn(made, scale=2)
    assert shown.shape == seen.shape
    assert box(shown) == pytest.approx((0.25, 0.125, 0.75, 0.375), abs=0.01)


def test_print_below_a_stamp_shows_through_and_stays_text() -> None:
    data = text_pdf("Counter", "second")
    made = first_stamped(data, Stamp(STAMP, 0, 0, 300, 200))
    before, after = drawn(data), drawn(made)
    assert np.all(after[before.max(axis=2) < 30].max(axis=1) < 40)
    assert (after[before.min(axis=2) == 255] == RED).all(axis=1).mean() > 0.99
    assert np.array_equal(drawn(made, 1), drawn(data, 1))
    with pikepdf.open(io.BytesIO(made)) as document:
        text = b"".join(one.read_bytes() for one in document.pages[0].obj.Contents)
        assert b"(Counter) Tj" in text


def test_a_turned_stamp_keeps_its_middle() -> None:
    mark = np.full((40, 80, 3), 255, np.uint8)
    mark[:, :40] = RED
    left, top, right, bottom = box(drawn(first_stamped(text_pdf(""), Stamp(mark, 110, 80, 80, 40, 90))))
    # Counter-clockwise, what lay to the left lies below.
    assert (left * 300, top * 200, right * 300, bottom * 200) == pytest.approx((130, 100, 170, 140), abs=2)


def test_pages_that_share_their_resources_are_stamped_alone() -> None:
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(text_pdf("one", "two"))) as document:
        document.pages[1].obj.Resources = document.pages[0].obj.Resources
        document.save(sink)
    made = first_stamped(sink.getvalue(), Stamp(STAMP, 10, 10, 100, 50))
    assert np.array_equal(drawn(made, 1), drawn(sink.getvalue(), 1))
    with pikepdf.open(io.BytesIO(made)) as document:
        assert "/XObject" not in document.pages[1].obj.Resources


def test_a_page_that_leaves_its_coordinates_behind_moves_no_stamp() -> None:
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(text_pdf("one"))) as document:
        document.pages[0].contents_add(b"3 0 0 3 50 50 cm\n")
        document.save(sink)
    made = first_stamped(sink.getvalue(), Stamp(STAMP, 75, 25, 150, 50))
    assert box(drawn(made)) == pytest.approx((0.25, 0.125, 0.75, 0.375), abs=0.01)


def test_a_large_picture_is_no_larger_than_its_place_shows() -> None:
    large = np.full((2000, 4000, 3), RED, np.uint8)
    assert len(stamp_layer([Stamp(large, 0, 0, 40, 20)], (200, 300))) < 40_000


def test_bookmarks_attachments_and_fields_stay() -> None:
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(text_pdf("one", "two"))) as document:
        with document.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("Chapter", 1))
        document.attachments["note.txt"] = b"kept"
        document.docinfo["/Title"] = "Contract"
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array())
        document.save(sink)
    made = first_stamped(sink.getvalue(), Stamp(STAMP, 10, 10, 100, 50))
    with pikepdf.open(io.BytesIO(made)) as document:
        with document.open_outline() as outline:
            assert [one.title for one in outline.root] == ["Chapter"]
        assert document.attachments["note.txt"].get_file().read_bytes() == b"kept"
        assert document.docinfo["/Title"] == "Contract" and "/AcroForm" in document.Root


def test_pages_of_one_size_share_a_layer() -> None:
    data = text_pdf(*"abcdefgh")
    noise = np.random.default_rng(1).integers(0, 256, (200, 400, 3), np.uint8)
    layer = stamp_layer([Stamp(noise, 0, 0, 200, 100)], (200, 300))
    made = stamped(data, [layer], [0] * 8)
    assert len(made) < len(data) + 1.2 * len(layer)


def test_stamps_of_one_design_share_its_picture() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (100, 200, 3), np.uint8)
    one = stamp_layer([Stamp(noise, 0, 0, 100, 50)], (200, 300))
    many = stamp_layer([Stamp(noise, 3 * number, 0, 100, 50) for number in range(50)], (200, 300))
    assert len(many) < len(one) + 5000


def test_a_document_keeps_its_claim_where_it_still_conforms() -> None:
    picture = PdfImage(jpeg(), "JPEG", 40, 30, 3, dots=(72, 72))
    archival = Archival("2b", 0)
    data = b"".join(pdf_of_images([picture], archival))
    made = first_stamped(data, Stamp(STAMP, 1, 1, 20, 10), shape=(30, 40))
    with pikepdf.open(io.BytesIO(made)) as document:
        assert claimed_level(document) == "2b" and not breaches(made, document, "2b")


def test_a_claim_that_no_longer_holds_is_dropped() -> None:
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(text_pdf("not embedded"))) as document:
        with document.open_metadata() as metadata:
            metadata["pdfaid:part"] = "2"
            metadata["pdfaid:conformance"] = "B"
        document.save(sink)
    made = first_stamped(sink.getvalue(), Stamp(STAMP, 1, 1, 20, 10))
    with pikepdf.open(io.BytesIO(made)) as document:
        assert claimed_level(document) == ""


@pytest.mark.parametrize("turned", [0, 90, -90, 450])
def test_pages_are_measured_as_they_are_seen(turned: int) -> None:
    size = (50, 100) if turned else (100, 50)
    width = 100 / 25.4 * 72
    data = with_page(text_pdf(""), MediaBox=[10, 10, 10 + width, 10 + width / 2], Rotate=turned)
    assert page_sizes(data)[0] == pytest.approx(size, abs=0.01)
    assert page_sizes(with_page(data, UserUnit=2))[0] == pytest.approx((size[0] * 2, size[1] * 2), abs=0.01)


@pytest.mark.parametrize("box", [[0, 0, 0, 0], [0, 0, 100, 0]])
def test_a_page_without_area_is_refused(box: list[object]) -> None:
    with pytest.raises(DocumentFault):
        page_sizes(with_page(text_pdf(""), MediaBox=box))


@pytest.mark.long
def test_stamps_lie_within_a_millimetre_on_pages_of_all_kinds() -> None:
    """A5 to A3, upright and not, turned, cut by a crop box, with units of their own."""
    random = np.random.default_rng(59)
    worst = 0.0
    for _ in range(200):
        across = float(random.uniform(148, 420)) / MM_PER_POINT
        up = float(random.uniform(148, 420)) / MM_PER_POINT
        left, bottom = random.uniform(-200, 200, 2)
        media = [float(side) for side in (left, bottom, left + across, bottom + up)]
        entries: dict[str, object] = {"MediaBox": media, "Rotate": int(random.integers(-4, 8)) * 90}
        if random.random() < 0.5:
            inset = random.uniform(0, 0.2, 4) * [across, up, -across, -up]
            entries["CropBox"] = [float(side) for side in media + inset]
        if random.random() < 0.2:
            entries["UserUnit"] = 1.5
        data = with_page(text_pdf(""), **entries)
        wide, high = page_sizes(data)[0]
        rows, cols = round(high / 25.4 * LAYER_DOTS), round(wide / 25.4 * LAYER_DOTS)
        x, y, width = random.uniform(0.05, 0.45, 3)
        height = width * cols / 2 / rows
        stamp = Stamp(STAMP, x * cols, y * rows, width * cols, width * cols / 2)
        found = box(drawn(first_stamped(data, stamp, shape=(rows, cols)), scale=150 / 72))
        wanted = (x, y, x + width, min(1.0, y + height))
        sides = (wide, high, wide, high)
        worst = max(worst, *(abs(a - b) * side for a, b, side in zip(found, wanted, sides, strict=True)))
    assert worst < 1
