"""Results are named as promised, whole or not there, and never on top of an original."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from server.batch import pages as module
from server.batch.faults import BatchFault, PageFault
from server.batch.pages import BatchSource, OutputWriter, names

A = BatchSource(Path("a.jpg"), "a")
B = BatchSource(Path("b.jpg"), "b")


@pytest.mark.parametrize(
    ("page", "pages", "pictures", "expected"),
    [
        (1, 1, 1, ["d/s.png"]),
        (1, 1, 3, ["d/s-1.png", "d/s-2.png", "d/s-3.png"]),
        (2, 3, 1, ["d/s-2.png"]),
        (2, 3, 2, ["d/s-2-1.png", "d/s-2-2.png"]),
    ],
)
def test_results_are_named_by_page_and_picture(
    page: int, pages: int, pictures: int, expected: list[str]
) -> None:
    assert names("d/s", "png", page, pages, pictures) == expected


def test_folders_are_made_and_older_results_replaced(tmp_path: Path) -> None:
    writer = OutputWriter(tmp_path / "out", [])
    for data in (b"old", b"new"):
        writer.write(["x/y/s-1.png", "x/y/s-2.png"], [data, data])
    assert (tmp_path / "out/x/y/s-2.png").read_bytes() == b"new"
    assert writer.has(["x/y/s-1.png", "x/y/s-2.png"])
    assert not writer.has(["x/y/s-1.png", "x/y/s-3.png"])


def test_the_inputs_folder_is_no_output(tmp_path: Path) -> None:
    with pytest.raises(BatchFault, match="another folder"):
        OutputWriter(tmp_path, [tmp_path])
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(BatchFault, match="another folder"):
        OutputWriter(tmp_path / "link", [tmp_path])


def test_no_original_is_replaced(tmp_path: Path) -> None:
    original = tmp_path / "page.png"
    writer = OutputWriter(tmp_path, [original, tmp_path / "below"])
    (tmp_path / "below").mkdir()
    with pytest.raises(PageFault, match=r"page\.png would replace an original"):
        writer.reserve(A, ["page.png"])
    inner = OutputWriter(tmp_path, [tmp_path / "below"])
    with pytest.raises(PageFault, match="original"):
        inner.reserve(A, ["below/page.png"])
    inner.reserve(A, ["beside/page.png"])


def test_two_inputs_do_not_share_a_name(tmp_path: Path) -> None:
    writer = OutputWriter(tmp_path, [])
    writer.reserve(A, ["a-1.png"])
    writer.reserve(A, ["a-1.png"])
    with pytest.raises(PageFault, match=r"that of a\.jpg"):
        writer.reserve(B, ["a-1.png"])


def test_a_folder_in_the_way_costs_one_file(tmp_path: Path) -> None:
    writer = OutputWriter(tmp_path, [])
    (tmp_path / "a.png").mkdir()
    with pytest.raises(PageFault, match="cannot be written"):
        writer.write(["a.png"], [b"data"])
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
def test_a_full_disk_ends_the_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(number, "no room")

    monkeypatch.setattr(module, "write_all", full)
    with pytest.raises(BatchFault, match="run the same command again"):
        OutputWriter(tmp_path, []).write(["a.png"], [b"data"])


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BatchFault, match="cannot be written to"):
        OutputWriter(tmp_path / "file" / "out", [])
