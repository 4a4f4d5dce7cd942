"""What counts as done, and what a killed process may leave behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from server.batch.faults import BatchFault
from server.batch.journal import JOURNAL, Done, Journal, SourceIdentity

LETTER = SourceIdentity("sub/letter", "letter.tif", 1234, 1_700_000_000_000_000_000, "abcd")


def remembered(folder: Path, *pages: int) -> None:
    with Journal(folder) as journal:
        for page in pages:
            journal.add(LETTER, page, Done(3, 2), [f"sub/letter-{page}-1.png", f"sub/letter-{page}-2.png"])


def test_the_next_run_knows_what_was_done(tmp_path: Path) -> None:
    remembered(tmp_path, 1, 3)
    with Journal(tmp_path) as journal:
        assert journal.find(LETTER, 1) == journal.find(LETTER, 3) == Done(3, 2)
        assert journal.find(LETTER, 2) is None


@pytest.mark.parametrize(
    "change",
    [{"size": 1235}, {"modified": 1}, {"settings": "ef01"}, {"name": "letter.pdf"}, {"base": "letter"}],
    ids=lambda change: next(iter(change)),
)
def test_another_file_or_another_wish_is_not_done(tmp_path: Path, change: dict[str, object]) -> None:
    remembered(tmp_path, 1)
    with Journal(tmp_path) as journal:
        assert journal.find(replace(LETTER, **change), 1) is None  # type: ignore[arg-type]


def test_a_file_that_took_over_the_names_has_overwritten_the_results(tmp_path: Path) -> None:
    other = replace(LETTER, size=99)
    with Journal(tmp_path) as journal:
        journal.add(LETTER, 1, Done(1, 1), ["sub/letter.png"])
        journal.add(other, 1, Done(1, 1), ["sub/letter.png"])
    with Journal(tmp_path) as journal:
        assert journal.find(LETTER, 1) is None
        assert journal.find(other, 1) is not None


@pytest.mark.parametrize("torn", [b'{"page": 2, "pag', b"\xff\xfe", b"[]", b'{"page": "x"}', b"null"])
def test_a_torn_line_costs_its_own_page_only(tmp_path: Path, torn: bytes) -> None:
    remembered(tmp_path, 1)
    with (tmp_path / JOURNAL).open("ab") as file:
        file.write(torn)
    remembered(tmp_path, 3)
    with Journal(tmp_path) as journal:
        assert [journal.find(LETTER, page) is not None for page in (1, 2, 3)] == [True, False, True]


def test_each_line_is_on_the_disk_at_once(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.add(LETTER, 1, Done(1, 1), ["sub/letter.png"])
        assert (tmp_path / JOURNAL).read_bytes().endswith(b"\n")


def test_two_batches_do_not_share_a_folder(tmp_path: Path) -> None:
    with Journal(tmp_path), pytest.raises(BatchFault, match="another batch"):
        Journal(tmp_path)
    Journal(tmp_path).__exit__()


def test_names_that_are_no_text_are_kept(tmp_path: Path) -> None:
    odd = replace(LETTER, base="caf\udce9", name="caf\udce9.jpg")
    with Journal(tmp_path) as journal:
        journal.add(odd, 1, Done(1, 1), ["caf\udce9.png"])
    with Journal(tmp_path) as journal:
        assert journal.find(odd, 1) == Done(1, 1)
