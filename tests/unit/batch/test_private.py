"""``gaopai enhance --hide``: pages without what they should not tell, or none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgcore.fields import DocumentReader
from imgcore.privacy import Copier
from imgcore.settings import Settings
from imgcore.text import TextLine
from server.batch import work
from server.batch.work import EnhanceRequest, enhance_page
from tests.unit.imgcore.printed import BLANK, Recited, line

TOLD = [line("身份证号 339926199912077560", 0.1, 0.2), line("本页为演示样张", 0.1, 0.7)]
WORDS = TOLD[1:]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.png"
    cv2.imwrite(str(path), BLANK)
    return path


def plant(monkeypatch: pytest.MonkeyPatch, *looks: Sequence[TextLine]) -> None:
    copier = Copier(Recited(*looks), DocumentReader(Recited([])))
    monkeypatch.setattr(work, "_copier", lambda: copier)


def test_what_is_hidden_is_not_in_the_picture(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, TOLD, WORDS)
    result = enhance_page(page, 1, EnhanceRequest(Settings(), "png", hide=("id",)))
    assert result.failure is None
    (made,) = (cv2.imdecode(np.frombuffer(one, np.uint8), cv2.IMREAD_COLOR) for one in result.pictures)
    middle = TOLD[0].corners.mean(axis=0).astype(int)
    assert made[middle[1], middle[0] + 40].max() == 0


@pytest.mark.parametrize("looks", [[WORDS], [[]], [TOLD]])
def test_a_copy_that_hides_nothing_or_not_all_is_none(
    page: Path, monkeypatch: pytest.MonkeyPatch, looks: list[list[TextLine]]
) -> None:
    plant(monkeypatch, *looks)
    result = enhance_page(page, 1, EnhanceRequest(Settings(), "png", hide=("id",)))
    assert result.pictures == () and result.failure is not None
    assert "3399" not in result.failure.zh + result.failure.en


def test_what_is_hidden_is_part_of_the_wish() -> None:
    plain = EnhanceRequest(Settings(), "png")
    hiding = EnhanceRequest(Settings(), "png", hide=("id",))
    assert plain.digest() != hiding.digest()
    assert hiding.digest() != EnhanceRequest(Settings(), "png", hide=("id", "phone")).digest()
