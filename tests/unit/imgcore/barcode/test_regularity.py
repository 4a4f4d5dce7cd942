"""How regular bars are."""

from __future__ import annotations

import numpy as np
import pytest

from imgcore.barcode.code import Symbology
from imgcore.barcode.regularity import edge_softness, is_isolated, is_regular, main_part
from imgcore.barcode.strips import Strips

MSI = (2, 1, *(1, 2, 2, 1, 2, 1, 1, 2) * 5, 1, 2, 1)
PHARMACODE = (1, 2, 3, 2, 3, 2, 1, 2, 1, 2, 3, 2, 1, 2, 3)
RETAIL = (1, 1, 1, 3, 2, 1, 1, 2, 2, 2, 1, 1, 4, 1, 1, 1, 1, 3, 2, 1, 2, 3, 1, 1, 1)


def strips(widths: tuple[int, ...], pixels: int = 6, blur: int = 1) -> Strips:
    """One profile of bars and spaces between quiet zones."""
    levels = np.where(np.arange(len(widths)) % 2, 220.0, 30.0)
    row = np.pad(np.repeat(levels, np.array(widths) * pixels), 20 * pixels, constant_values=220.0)
    row = np.convolve(np.pad(row, blur, mode="edge"), np.ones(blur) / blur, "same").astype(np.float32)
    return Strips(row[None], np.arange(len(row), dtype=np.float64), pixels * float(np.mean(widths)), 1.0)


@pytest.mark.parametrize(
    ("widths", "kinds"),
    [(MSI, {Symbology.MSI}), (PHARMACODE, {Symbology.PHARMACODE}), (RETAIL, set())],
    ids=["msi", "pharmacode", "retail"],
)
def test_each_kind_has_its_own_rhythm(widths: tuple[int, ...], kinds: set[Symbology]) -> None:
    made = strips(widths)
    assert {kind for kind in (Symbology.MSI, Symbology.PHARMACODE) if is_regular(made, kind)} == kinds


def test_blur_is_softness() -> None:
    assert edge_softness(strips(RETAIL)) < 0.25 < 0.4 < edge_softness(strips(RETAIL, blur=9))


def test_a_labels_border_is_left_out_and_more_bars_are_not() -> None:
    bordered = strips((*PHARMACODE, 14, 1))
    assert main_part(bordered)[1] < bordered.levels.shape[1] - 20 * 6
    doubled = strips((*PHARMACODE, 14, *PHARMACODE))
    assert main_part(doubled)[1] == doubled.levels.shape[1]


def test_a_part_of_a_code_does_not_stand_alone() -> None:
    made = strips(MSI)
    start = 20 * 6
    end = (20 + sum(MSI)) * 6
    assert is_isolated(made, start, end)
    assert not is_isolated(made, start, end - 40 * 6)
