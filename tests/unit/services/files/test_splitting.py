"""Piles of pages become files at their barcodes, and never lose a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import msgspec
import numpy as np
import PIL.Image
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from server.access.client import Client
from server.config import ArchiveConfig
from server.errors import BadParameter, FileExists, PictureUnreadable
from server.protocol.messages.files import MergeFileRequest
from server.services.archive import SigningService
from server.services.files.merging import MergedDocument, MergeService
from server.services.files.splitting import WHOLE, SplitMode, SplitPage, SplitRule, parts
from server.services.pictures.naming import CardNumbers, FileNamer
from server.services.pictures.originals import Provenance
from server.services.pools import ThreadPools
from server.storage.root import Storage
from tests.fakes.decoding import decoders
from tests.unit.documents.samples import LIMIT, shown, tiff

PDF, TIFF, SEARCHABLE, OFD = range(4)
SOMEBODY = Client(1, None)


def asked(kind: int, name: str, mode: SplitMode, code: str = "") -> MergeFileRequest:
    fields = {"fileType": kind, "filePath": name, "splitByBarCode": mode, "splitCode": code}
    return msgspec.convert({"imagePath": ["given beside it"], **fields}, MergeFileRequest)


# One page a digit, one with a code a letter.
PILE = "1A23B4"

UNSIGNED = SigningService(ArchiveConfig(), Path("unused"))
"""What signs nothing, as it has no key."""


def page(name: str) -> PIL.Image.Image:
    """A blank sheet, or one with a code that says FILE- and the letter, as PATCH- and the letter in small."""
    picture = np.full((400, 600), 255, np.uint8)
    if name.isalpha():
        text = f"{'FILE' if name.isupper() else 'PATCH'}-{name}"
        made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
        code = np.array(zxingcpp.write_barcode_to_image(made, scale=2, add_quiet_zones=True), np.uint8)
        picture[100 : 100 + code.shape[0], 50 : 50 + code.shape[1]] = code
    return shown(picture)


@pytest.fixture
def workers() -> Iterator[ThreadPools]:
    pools = ThreadPools()
    yield pools
    pools.close()


@pytest.fixture
def service(tmp_path: Path, workers: ThreadPools) -> MergeService:
    return MergeService(
        Storage(tmp_path), workers, decoders(LIMIT), UNSIGNED, Provenance(), FileNamer(CardNumbers())
    )


def pile(root: Path, names: str) -> list[str]:
    """The pages as one TIFF and, the last of them, as a PNG."""
    (root / "in.tif").write_bytes(tiff(*map(page, names[:-1])))
    page(names[-1]).save(root / "in.png")
    return ["in.tif", "in.png"]


def told(files: list[MergedDocument]) -> list[tuple[str, int, str]]:
    return [(file.path.name, file.page_count, file.barcode) for file in files]


@pytest.mark.parametrize(("kind", "suffix"), [(PDF, "pdf"), (TIFF, "tif"), (OFD, "ofd")])
async def test_a_page_with_a_code_begins_a_file(
    service: MergeService, tmp_path: Path, kind: int, suffix: str
) -> None:
    files = await service.merge(SOMEBODY, asked(kind, f"o.{suffix}", SplitMode.BEFORE), pile(tmp_path, PILE))
    assert told(files) == [
        (f"o.{suffix}", 1, ""),
        (f"o1.{suffix}", 3, "FILE-A"),
        (f"o2.{suffix}", 2, "FILE-B"),
    ]
    assert all(file.path.is_file() for file in files)
    assert files[1].blank_pages == (2, 3)


async def test_pages_that_separate_are_in_no_file(service: MergeService, tmp_path: Path) -> None:
    files = await service.merge(
        SOMEBODY, asked(TIFF, "o.tif", SplitMode.BETWEEN), pile(tmp_path, "A" + PILE + "C")
    )
    assert told(files) == [("o.tif", 1, "FILE-A"), ("o1.tif", 2, "FILE-A"), ("o2.tif", 1, "FILE-B")]


async def test_codes_that_begin_otherwise_do_not_count(service: MergeService, tmp_path: Path) -> None:
    files = await service.merge(
        SOMEBODY, asked(PDF, "o.pdf", SplitMode.BETWEEN, "PATCH-"), pile(tmp_path, "A1b2")
    )
    assert told(files) == [("o.pdf", 2, ""), ("o1.pdf", 1, "PATCH-b")]


async def test_nothing_is_written_where_all_pages_only_separate(
    service: MergeService, tmp_path: Path
) -> None:
    names = pile(tmp_path, "AB")
    with pytest.raises(BadParameter, match="splitByBarCode"):
        await service.merge(SOMEBODY, asked(PDF, "o.pdf", SplitMode.BETWEEN), names)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.png", "in.tif"]


async def test_all_files_are_written_or_none(service: MergeService, tmp_path: Path) -> None:
    names = pile(tmp_path, PILE)
    (tmp_path / "o2.pdf").write_bytes(b"kept")
    with pytest.raises(FileExists):
        await service.merge(SOMEBODY, asked(PDF, "o.pdf", SplitMode.BEFORE), names)
    (tmp_path / "broken.png").write_bytes((tmp_path / "in.png").read_bytes()[:200])
    with pytest.raises(PictureUnreadable):
        await service.merge(SOMEBODY, asked(PDF, "p.pdf", SplitMode.BEFORE), [*names, "broken.png"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.png", "in.png", "in.tif", "o2.pdf"]
    assert (tmp_path / "o2.pdf").read_bytes() == b"kept"


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([None, "", "A", "B"]))))
def test_every_page_that_is_kept_is_in_one_file_in_order(pile: list[tuple[bool, str | None]]) -> None:
    pages = [
        SplitPage(number if kept or code is None else None, code) for number, (kept, code) in enumerate(pile)
    ]
    leaves = [page.prepared for page in pages if page.prepared is not None]
    if not leaves:
        with pytest.raises(BadParameter):
            parts(pages)
        return
    split = parts(pages)
    assert [leaf for part in split for leaf in part.pages] == leaves
    assert all(part.pages for part in split)


def test_without_a_wish_to_split_no_code_is_looked_for() -> None:
    assert WHOLE.keeps("A")
    assert WHOLE.mode is SplitMode.NOWHERE


@pytest.mark.parametrize(
    ("rule", "split"),
    [
        (SplitRule(every=2), [[1, 2], [3, 4], [5]]),
        (SplitRule(starts=frozenset({2, 4, 99})), [[1], [2, 3], [4, 5]]),
        (SplitRule(every=2, starts=frozenset({2})), [[1], [2, 3], [4, 5]]),
    ],
)
def test_pages_are_split_by_number(rule: SplitRule, split: list[list[int]]) -> None:
    pages = [SplitPage(number, None) for number in range(1, 6)]
    assert [part.pages for part in parts(pages, rule)] == split


class Leaf(NamedTuple):
    """A page that may be blank."""

    number: int
    blank: bool


def test_blank_pages_separate_where_asked() -> None:
    pages = [SplitPage(Leaf(number, number in (1, 3, 4)), None) for number in range(1, 7)]
    split = parts(pages, SplitRule(at_blank=True))
    assert [[leaf.number for leaf in part.pages] for part in split] == [[2], [5, 6]]
    assert len(parts(pages)[0].pages) == 6
    with pytest.raises(BadParameter, match="splitAtBlank"):
        parts(pages[:1], SplitRule(at_blank=True))


async def test_a_change_of_document_is_proposed_and_nothing_is_written(
    service: MergeService, tmp_path: Path
) -> None:
    for number, size in enumerate(((300, 200), (300, 200), (200, 300), (120, 100))):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((*size, 3), 240, np.uint8))
    before = sorted(tmp_path.iterdir())
    found = await service.propose(SOMEBODY, [f"{number}.png" for number in range(4)])
    assert [(start.page, start.reason.value) for start in found] == [(2, "orientation"), (3, "size")]
    assert sorted(tmp_path.iterdir()) == before
