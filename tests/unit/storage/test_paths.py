from __future__ import annotations

import re
import tempfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.errors import (
    BadName,
    BadSuffix,
    FileExists,
    FileMissing,
    GaopaiError,
    PathOutside,
    StorageFailed,
)
from server.storage.paths import SUFFIXES, PictureFormat, format_of
from server.storage.place import Opener
from server.storage.root import Storage

OUTSIDE = [
    "../a.jpg",
    "sub/../../a.jpg",
    "sub/../a.jpg",
    "/tmp/../a.jpg",
    "/tmp\\..\\a.jpg",
    "C:/../a.jpg",
    "C:\\tmp\\..\\..\\a.jpg",
    "C:/tmp\\..\\a.jpg",
    "/dev/video0",
    "/dev",
    "/dev\\\\zero.jpg",
    "/proc/self/environ",
    "/proc/self/cwd/a.jpg",
    "/sys/a.jpg",
    "//a.jpg",
    "/\\a.jpg",
    "\\/a.jpg",
    "//server/share/a.jpg",
    "\\\\server\\share\\a.jpg",
    "\\\\.\\COM1",
    "\\\\?\\C:\\a.jpg",
    "D:a.jpg",
    "C:",
    "file:///tmp/a.jpg",
    "FILE:a.jpg",
    "http://10.0.0.1/a.jpg",
    "~/a.jpg",
    "~root/a.jpg",
]
ODD = [
    "a\0.jpg",
    "a\n.jpg",
    "a\x7f.jpg",
    "a\u202egpj.exe.jpg",
    "a\u200b.jpg",
    "a\udcc0\udcae.jpg",
    b"..\xc0\xaf..\xc0\xafa.jpg".decode(errors="surrogateescape"),
    "..\\a.jpg",
    "sub\\a.jpg",
    "\\tmp\\a.jpg",
    "/",
    "/tmp/",
    "C:/",
    "C:\\tmp\\",
    "/tmp/./a.jpg",
    "/home/.ssh/a.jpg",
    "C:/a.jpg.",
    "sub//a.jpg",
    "sub/",
    "./a.jpg",
    ".a.jpg",
    ".git/a.jpg",
    ".jpg",
    " a.jpg",
    "a.jpg ",
    "a.jpg.",
    "sub./a.jpg",
    "sub /a.jpg",
    "a" * 252 + ".jpg",
    "高" * 84 + ".jpg",
    "/".join("d" * 20) + "/a.jpg",
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_names_outside_are_told_the_root(storage: Storage, name: str) -> None:
    for refuse in (storage.check, lambda name: storage.save(name, b"x"), lambda name: storage.read(name, 9)):
        with pytest.raises(PathOutside) as caught:
            refuse(name)
        assert str(storage.root) in caught.value.message("zh")


@pytest.mark.parametrize("name", ODD, ids=ascii)
def test_odd_names_are_refused_in_both_languages(storage: Storage, name: str) -> None:
    for refuse in (storage.check, lambda name: storage.save(name, b"x"), lambda name: storage.read(name, 9)):
        with pytest.raises(BadName) as caught:
            refuse(name)
        assert caught.value.message("zh").encode() != caught.value.message("en").encode()


@pytest.mark.parametrize(
    "name", ["a.jpg", "2026/11/合同 1.PNG", "12:30.tif", "a..b.webp", "a" * 251 + ".bmp"]
)
def test_ordinary_names_pass_relative_and_absolute(storage: Storage, name: str) -> None:
    storage.check(name)
    storage.check(f"{storage.root}/{name}")
    assert storage.save(f"{storage.root}/{name}", b"x") == storage.root / name


def test_absolute_names_work_through_a_link_to_the_root(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "root").symlink_to("disk")
    storage = Storage(tmp_path / "root")
    assert storage.save(f"{tmp_path}/root/a.jpg", b"x") == tmp_path / "root/a.jpg"
    assert storage.read(f"{tmp_path}/disk/a.jpg", 9) == b"x"
    # It only begins so: a name like any other.
    assert storage.save(f"{tmp_path}/rooted/a.jpg", b"x") == Path(f"{tmp_path}/root{tmp_path}/rooted/a.jpg")
    with pytest.raises(BadName):
        storage.check(f"{tmp_path}/root")


@pytest.mark.parametrize(
    ("name", "below"),
    {
        "/tmp/capture.jpg": "tmp/capture.jpg",
        "/tmp//case\\1/capture.jpg": "tmp/case/1/capture.jpg",
        "/etc/a.jpg": "etc/a.jpg",
        "C:/tmp/sacnnerimage1.jpg": "C/tmp/sacnnerimage1.jpg",
        "c:\\a b\\x.jpg": "C/a b/x.jpg",
        "d:\\\\a\\\\x.jpg": "D/a/x.jpg",
        "C:/a\\b//x.jpg": "C/a/b/x.jpg",
    }.items(),
)
def test_absolute_and_windows_names_are_below_the_root(storage: Storage, name: str, below: str) -> None:
    storage.check(name)
    path = storage.save(name, b"x")
    assert path == storage.root / below
    for spelling in (name, str(path), below):
        assert storage.read(spelling, 9) == b"x"
        assert storage.relative(spelling) == below


def test_folders_beside_the_root_are_reached_by_their_absolute_names(tmp_path: Path, opener: Opener) -> None:
    (tmp_path / "disk" / "scans").mkdir(parents=True)
    (tmp_path / "scans").symlink_to("disk/scans")
    (tmp_path / "scans" / "old.jpg").write_bytes(b"laid there")
    storage = Storage(tmp_path / "root", folders=[tmp_path / "scans", tmp_path / "later"], opener=opener)
    for spelling in ("scans", "disk/scans"):
        assert storage.read(f"{tmp_path}/{spelling}/old.jpg", 99) == b"laid there"
    assert storage.save(f"{tmp_path}/disk/scans/new/a.jpg", b"x") == tmp_path / "scans/new/a.jpg"
    assert storage.save("scans/a.jpg", b"x") == tmp_path / "root/scans/a.jpg"
    with pytest.raises(FileExists):
        storage.save(f"{tmp_path}/scans/old.jpg", b"x")
    for outside in (f"{tmp_path}/scans/../a.jpg", f"{tmp_path}/scans/.a.jpg"):
        with pytest.raises((PathOutside, BadName)):
            storage.save(outside, b"x")
    (tmp_path / "scans" / "link.jpg").symlink_to("old.jpg")
    with pytest.raises(PathOutside):
        storage.read(f"{tmp_path}/scans/link.jpg", 99)
    with pytest.raises(FileMissing):
        storage.read(f"{tmp_path}/later/a.jpg", 99)
    with pytest.raises(StorageFailed):
        storage.save(f"{tmp_path}/later/a.jpg", b"x")
    (tmp_path / "later").mkdir()
    assert storage.save(f"{tmp_path}/later/a.jpg", b"x") == tmp_path / "later/a.jpg"


def test_check_touches_nothing(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "root")
    storage.check("new/folder/a.jpg")
    storage.check("")
    assert list(storage.root.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["a", "a.exe", "a.jpg.exe", "jpg", "a.j\udcffpg", "sub.jpg/a", "a." + "x" * 100]
)
def test_other_suffixes_are_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    storage = Storage(tmp_path / "root")
    with pytest.raises(BadSuffix) as caught:
        format_of(name)
    assert len(caught.value.message("en").encode()) < 200
    with pytest.raises((BadSuffix, BadName)):
        storage.save(name, b"x")
    assert list(storage.root.iterdir()) == []


def test_formats_follow_the_suffix() -> None:
    assert format_of("") is PictureFormat.JPEG
    assert format_of("sub.x/A.TIFF") is PictureFormat.TIFF
    assert " ".join(SUFFIXES) == "jpg jpeg png bmp tif tiff pdf webp"


def test_default_names_are_made_of_the_time_and_of_chance(storage: Storage) -> None:
    now = datetime(2026, 11, 24, 15, 30, 12, 123_900)
    assert re.fullmatch(r"20261124-153012-123-[0-9a-f]{10}\.jpg", storage.default_name("jpg", now))
    names = {storage.default_name(".pdf", now) for _ in range(20)}
    assert len(names) == 20
    for name in names:
        storage.check(name)
    with pytest.raises(BadSuffix):
        storage.default_name("exe", now)


_piece = st.one_of(
    st.sampled_from(
        [
            "..",
            ".",
            "",
            "/",
            "\\",
            "C:",
            "a",
            "~",
            "file:",
            "\0",
            "\udcc0",
            "\u202e",
            "etc",
            "con",
            "a.jpg",
            "%2e%2e",
        ]
    ),
    st.text(max_size=6),
)


@pytest.mark.long
@settings(max_examples=150)
@given(st.lists(_piece, max_size=8), st.sampled_from(["/", "", "\\"]), st.sampled_from(["", ".jpg"]))
def test_no_name_leaves_the_root(pieces: list[str], separator: str, end: str) -> None:
    with tempfile.TemporaryDirectory() as base:
        storage = Storage(Path(base, "root"))
        try:
            saved = storage.save(separator.join(pieces) + end, b"x")
        except GaopaiError as exc:
            assert not isinstance(exc, FileExists)
            exc.message("zh").encode()
            assert [p for p in Path(base).rglob("*") if p.is_file()] == []
        else:
            assert [p for p in Path(base).rglob("*") if p.is_file()] == [saved]
            assert saved.resolve().is_relative_to(storage.root.resolve())
