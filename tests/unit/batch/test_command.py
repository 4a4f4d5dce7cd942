"""``gaopai enhance`` on more than one picture, as a person types it."""

from __future__ import annotations

import json
import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import PIL.Image
import pytest

from imgcore import codec
from imgcore.outline import Refusal
from imgcore.types import Image
from server.batch.journal import JOURNAL
from server.cli import main
from synthetic.datasets.whole_pages import make_whole_page


def shown(path: Path) -> Image:
    """A picture file's pixels."""
    return codec.decode(path.read_bytes(), 1000)


def enhance(*words: object) -> int:
    return main(["enhance", *map(str, words), "--crop", "none"])


@pytest.mark.long
def test_a_folder_is_enhanced_with_its_tree(folder: Path, tmp_path: Path) -> None:
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "0.png").rename(folder / "deep" / "er" / "0.png")
    assert enhance(folder, "-o", tmp_path / "out", "--workers", 2) == 0
    assert shown(tmp_path / "out/deep/er/0.png").shape == (6, 8)
    assert len(list((tmp_path / "out").rglob("*.png"))) == 6


def test_the_report_is_one_object_a_file(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bad.png").write_bytes(b"no picture")
    assert enhance(folder, "-o", tmp_path / "out", "--workers", 1, "--json") == 1
    printed = capsys.readouterr()
    entries = {Path(entry["file"]).name: entry for entry in map(json.loads, printed.out.splitlines())}
    assert len(entries) == 7
    assert entries["3.png"]["outputs"] == [str(tmp_path / "out" / "3.png")]
    assert entries["3.png"]["error"] is None
    assert entries["3.png"]["ms"] > 0
    assert all(stage["page"] == 1 for stage in entries["3.png"]["stages"])
    assert "not a JPEG" in entries["bad.png"]["error"]
    assert printed.err.splitlines()[-1] == "gaopai: 7 file(s): 6 written, 1 failed"
    assert "bad.png: this is not" in printed.err


@pytest.mark.long
@pytest.mark.parametrize(("asked", "state"), [("whole", "unsure"), ("crop", "cropped")])
def test_the_report_says_what_became_of_the_crop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: str, state: str
) -> None:
    page = tmp_path / "form.png"
    cv2.imwrite(str(page), make_whole_page(41, "form").picture)
    words = ["enhance", str(page), "-o", str(tmp_path / "out"), "--when-unsure", asked, "--json"]
    assert main(words) == 0
    entry = json.loads(capsys.readouterr().out)
    assert entry["crop"]["state"] == state and entry["crop"]["reason"] in list(Refusal)
    assert len(entry["crop"]["corners"]) == 4 and entry["crops"] == [entry["crop"]]
    same = cv2.imread(str(tmp_path / "out/form.png")).shape == cv2.imread(str(page)).shape
    assert same == (state == "unsure")


def test_one_picture_leaves_nothing_but_its_result(folder: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert enhance(folder / "1.png", "-o", tmp_path / "out") == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["1.png"]


@pytest.mark.long
def test_a_document_leaves_a_journal(tmp_path: Path) -> None:
    pages = [PIL.Image.new("L", (9, 9), number) for number in range(3)]
    pages[0].save(tmp_path / "doc.tif", save_all=True, append_images=pages[1:])
    assert enhance(tmp_path / "doc.tif", "-o", tmp_path / "out", "--format", "pdf") == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [JOURNAL, "doc-1.pdf", "doc-2.pdf", "doc-3.pdf"]
    with pikepdf.open(tmp_path / "out" / "doc-2.pdf") as opened:
        assert len(opened.pages) == 1


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "tif", "tiff", "webp", "pdf"])
def test_every_format_is_written_and_can_be_read_again(folder: Path, tmp_path: Path, suffix: str) -> None:
    assert enhance(folder / "2.png", "-o", tmp_path / "a", "--format", suffix) == 0
    # Without a suffix that may mean pages it is read in this process, which is quicker.
    (tmp_path / "a" / f"2.{suffix}").rename(tmp_path / "again")
    assert enhance(tmp_path / "again", "-o", tmp_path / "b") == 0
    (again,) = (tmp_path / "b").glob("*.png")
    assert abs(int(shown(again)[3, 3].max()) - 80) <= 2


def test_nothing_is_written_among_the_originals(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert enhance(folder, "-o", folder) == 2
    assert "give another folder" in capsys.readouterr().err
    assert enhance(folder / "1.png", "-o", folder, "--rotate", 90) == 1
    assert "would replace an original" in capsys.readouterr().err
    assert enhance(folder / "1.png", "-o", folder, "--format", "jpg") == 0
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("count", ["0", "-1", "many", "5000"])
def test_a_senseless_number_of_workers_is_refused(folder: Path, tmp_path: Path, count: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        enhance(folder, "-o", tmp_path, "--workers", count)


# Hostile ---------------------------------------------------------------------------------


def bomb(side: int) -> bytes:
    """A PNG of 100 bytes that says it is `side` pixels high and wide."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.long
def test_hostile_files_cost_an_error_each_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "in"
    root.mkdir()
    page = PIL.Image.radial_gradient("L")
    page.convert("CMYK").save(root / "good-cmyk.jpg")
    page.convert("RGBA").save(root / "good-alpha.png")
    page.save(root / "good-moving.webp", save_all=True, append_images=[page.rotate(9)])
    PIL.Image.fromarray(np.full((3, 4), 40000, np.uint16)).save(root / "good-deep.png")
    page.resize((3000, 40)).save(root / "good-long.png")
    page.resize((30000, 2)).save(root / "bad-long.png")
    page.resize((1, 1)).save(root / "good-dot.png")
    (root / "good-named-wrong.tif").write_bytes((root / "good-alpha.png").read_bytes())
    (root / "bad-cut.jpg").write_bytes((root / "good-cmyk.jpg").read_bytes()[:900])
    (root / "bad-bomb.png").write_bytes(bomb(60000))
    (root / "bad-empty.pdf").write_bytes(b"")
    os.mkfifo(root / "bad-pipe.jpg")
    assert main(["enhance", str(root), "-o", str(tmp_path / "out"), "--workers", "2", "--json"]) == 1
    entries = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    failed = sorted(Path(entry["file"]).name for entry in entries if entry["error"])
    assert failed == ["bad-bomb.png", "bad-cut.jpg", "bad-empty.pdf", "bad-long.png", "bad-pipe.jpg"]
    assert len(list((tmp_path / "out").glob("good-*.png"))) == 7


def test_a_batch_ends_with_what_became_of_all(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (folder, "-o", tmp_path / "out", "--workers", 1)
    assert enhance(*words) == 0
    assert capsys.readouterr().err.splitlines()[-1] == "gaopai: 6 file(s): 6 written"
    (folder / "bad.png").write_bytes(b"no picture")
    assert enhance(*words) == 1
    told = capsys.readouterr().err.splitlines()
    assert told[-1] == "gaopai: 7 file(s): 0 written, 6 done before, 1 failed"
    assert "bad.png" in told[-2]


def test_a_document_that_is_not_sure_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "form.png"
    cv2.imwrite(str(page), make_whole_page(41, "form").picture)
    assert main(["enhance", str(page), "-o", str(tmp_path / "out")]) == 0
    assert "form.png: not sure (" in capsys.readouterr().err
