"""What is believed of votes."""

from __future__ import annotations

import pytest

from imgcore.barcode.code import Symbology
from imgcore.barcode.consensus import Vote, clear_consensus, consensus


def votes(text: str, symbology: Symbology, strips: str, span: tuple[float, float] = (0, 100)) -> list[Vote]:
    """One vote for each digit of `strips`, each by a look of its own."""
    return [Vote(text, symbology, *span, int(strip), f"look {number}") for number, strip in enumerate(strips)]


@pytest.mark.parametrize(
    ("symbology", "text", "strips", "believed"),
    [
        (Symbology.CODE_128, "A1", "0", False),
        (Symbology.CODE_128, "A1", "00", True),
        (Symbology.EAN_13, "6901234567892", "000", False),
        (Symbology.EAN_13, "6901234567892", "01", False),
        (Symbology.EAN_13, "6901234567892", "001", True),
        (Symbology.ITF, "1234", "012", False),
        (Symbology.ITF, "1234", "0123", True),
        (Symbology.CODE_39, "P", "012", False),
    ],
)
def test_kinds_need_as_many_votes_as_they_are_weak(
    symbology: Symbology, text: str, strips: str, believed: bool
) -> None:
    assert bool(consensus(votes(text, symbology, strips))) is believed


def test_texts_that_contradict_each_other_are_not_believed() -> None:
    one = votes("6901234567892", Symbology.EAN_13, "0123")
    other = votes("6909234567894", Symbology.EAN_13, "345")
    assert consensus([*one, *other]) == ()
    assert [vote.text for vote in consensus([*one, *other[:2]])] == ["6901234567892"]


def test_two_codes_side_by_side_are_both_believed() -> None:
    left = votes("12345670", Symbology.EAN_8, "012", (0, 100))
    right = votes("96385074", Symbology.EAN_8, "012", (150, 250))
    assert {vote.text for vote in consensus([*left, *right])} == {"12345670", "96385074"}


@pytest.mark.parametrize("partial", [Symbology.ITF, Symbology.EAN_8, Symbology.UPC_E])
def test_what_lies_within_another_code_is_part_of_it(partial: Symbology) -> None:
    part = votes("12345670", partial, "01234", (20, 70))
    whole = votes("DOC-1", Symbology.CODE_128, "01")
    assert [vote.text for vote in consensus([*part, *whole])] == ["DOC-1"]


def test_gs1_is_told_from_code_128_by_who_knows() -> None:
    plain = votes("0112", Symbology.CODE_128, "012")
    gs1 = votes("0112", Symbology.GS1_128, "3")
    assert [vote.symbology for vote in consensus([*plain, *gs1])] == [Symbology.GS1_128]


def test_three_strips_make_further_looks_idle() -> None:
    assert not clear_consensus(votes("6901234567892", Symbology.EAN_13, "001"))
    assert clear_consensus(votes("6901234567892", Symbology.EAN_13, "012"))
