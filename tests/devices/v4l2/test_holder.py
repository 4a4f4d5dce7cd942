"""Who has a camera open, told from the process table."""

from __future__ import annotations

from pathlib import Path

from server.devices.adapters.v4l2.stream import OTHER_PROGRAM, holder


def process(root: Path, name: str, **descriptors: str) -> None:
    """A process of that name; a descriptor without a target is one that was closed while it was listed."""
    folder = root / "proc" / "4242"
    (folder / "fd").mkdir(parents=True)
    (folder / "comm").write_text(f"{name}\n", encoding="utf-8")
    for number, target in descriptors.items():
        entry = folder / "fd" / number.removeprefix("fd")
        entry.symlink_to(target) if target else entry.touch()


def test_the_holder_is_named(tmp_path: Path) -> None:
    process(tmp_path, "cheese", fd0="/dev/null", fd5="/dev/video7")
    assert holder("/dev/video7", tmp_path).en == "cheese"
    assert holder("/dev/video8", tmp_path) is OTHER_PROGRAM


def test_descriptors_that_are_closed_meanwhile_hide_no_other(tmp_path: Path) -> None:
    process(tmp_path, "cheese", **{f"fd{number}": "" for number in range(1, 5)}, fd9="/dev/video7")
    assert holder("/dev/video7", tmp_path).en == "cheese"
