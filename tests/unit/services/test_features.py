"""An option that is not there yet is refused by its own name, in both languages."""

from __future__ import annotations

import pytest

from imgcore.pipeline import Option
from imgcore.settings import Crop, Fill, ImageType, Removal, Settings
from server.errors import NotAvailableYet
from server.services import capture
from server.services.features import named

BEYOND_PLAIN: list[Option] = [
    Crop.CURVE,
    *(image_type for image_type in ImageType if image_type > ImageType.BLACK_WHITE),
    *(fill for fill in Fill if fill is not Fill.NONE),
    *(removal for removal in Removal if removal is not Removal.NONE),
]


@pytest.mark.parametrize("option", BEYOND_PLAIN, ids=str)
def test_each_option_has_a_name_of_its_own(option: Option) -> None:
    others = [named(other) for other in BEYOND_PLAIN if other is not option]
    assert named(option) not in others


def test_a_refusal_speaks_one_language_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    # Numerically equal to ImageType.COLOUR: the sentence must not mix them up.
    monkeypatch.setattr(capture, "missing", lambda settings: Crop.CURVE)
    with pytest.raises(NotAvailableYet) as refused:
        capture.check(Settings(crop=Crop.CURVE))
    assert refused.value.message("zh").startswith("此版本尚不提供 曲面矫正。")
    assert refused.value.message("en").startswith("This version does not offer curve correction yet.")
