"""Which files are found, and that no two results of one folder get one name."""

from __future__ import annotations

from pathlib import Path

from server.batch.journal import JOURNAL
from server.batch.pages import find_sources


def tree(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")
    return root


def bases(*inputs: Path, output: Path) -> list[str]:
    return [source.base for source in find_sources(inputs, output)]


def test_the_tree_of_a_folder_is_kept(tmp_path: Path) -> None:
    root = tree(tmp_path / "in", "b.JPG", "a.png", "notes.txt", "2024/march/c.pdf", "2023/d.tiff")
    assert bases(root, output=tmp_path / "out") == ["a", "b", "2023/d", "2024/march/c"]


def test_files_that_share_a_stem_keep_their_suffix(tmp_path: Path) -> None:
    root = tree(tmp_path / "in", "a.jpg", "a.tif", "b.jpg", "sub/a.png")
    assert bases(root, output=tmp_path / "out") == ["a.jpg", "a.tif", "b", "sub/a"]


def test_several_folders_get_a_folder_each(tmp_path: Path) -> None:
    first = tree(tmp_path / "x", "a.jpg")
    second = tree(tmp_path / "y", "a.jpg")
    assert bases(first, second, output=tmp_path / "out") == ["x/a", "y/a"]


def test_a_file_that_is_named_may_be_called_anything(tmp_path: Path) -> None:
    root = tree(tmp_path, "upload.bin")
    assert bases(root / "upload.bin", root / "missing.jpg", output=tmp_path) == ["upload", "missing"]


def test_results_inside_a_folder_are_no_inputs(tmp_path: Path) -> None:
    root = tree(tmp_path, "a.jpg", "now/a.png", "before/a.png", f"before/{JOURNAL}")
    assert bases(root, output=root / "now") == ["a"]
    assert bases(root / "before", output=root / "now") == ["a"], "named itself, it is meant"


def test_a_link_to_a_folder_above_does_not_go_round_for_ever(tmp_path: Path) -> None:
    root = tree(tmp_path / "in", "sub/a.jpg")
    (root / "sub" / "up").symlink_to(root)
    assert bases(root, output=tmp_path / "out") == ["sub/a"]


def test_only_one_folder_is_listed_at_a_time(tmp_path: Path) -> None:
    root = tree(tmp_path / "in", "1/a.jpg", "2/b.jpg")
    sources = find_sources([root], tmp_path / "out")
    assert next(sources).base == "1/a"
    tree(root, "2/c.jpg")
    assert [source.base for source in sources] == ["2/b", "2/c"]
