from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.errors import BadName, BadSuffix, FileExists, GaopaiError, PathOutside
from server.storage.paths import SUFFIXES, PictureFormat, format_of
from server.storage.root import Storage

OUTSIDE = [
    "../a.jpg",
    "sub/../../a.jpg",
    "sub/../a.jpg",
    "/etc/a.jpg",
    "/dev/video0",
    "/proc/self/environ",
    "/proc/self/cwd/a.jpg",
    "//a.jpg",
    "C:\\a.jpg",
    "c:/a.jpg",
    "D:a.jpg",
    "\\\\server\\share\\a.jpg",
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
    with pytest.raises(PathOutside):
        storage.check(f"{tmp_path}/rooted/a.jpg")


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


def test_default_names_are_made_of_the_time_and_unique(storage: Storage) -> None:
    now = datetime(2026, 11, 24, 15, 30, 12, 123_900)
    assert storage.default_name("jpg", now) == "20261124-153012-123.jpg"
    names = {storage.default_name(".pdf", now) for _ in range(20)}
    assert len(names) == 20
    for name in names:
        storage.check(name)
    with pytest.raises(BadSuffix):
        storage.default_name("exe", now)


_piece = st.one_of(
    st.sampled_from(
        ["..", ".", "", "/", "\\", "C:", "a", "~", "\0", "\udcc0", "\u202e", "etc", "con", "a.jpg", "%2e%2e"]
    ),
    st.text(max_size=6),
)


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
