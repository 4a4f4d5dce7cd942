"""An option that is not there yet is refused by its own name, in both languages."""

from __future__ import annotations

import pytest

from imgcore.settings import Crop, Settings
from server.errors import NotAvailableYet
from server.services import capture


def test_a_refusal_speaks_one_language_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "missing", lambda settings: Crop.CURVE)
    with pytest.raises(NotAvailableYet) as refused:
        capture.check(Settings(crop=Crop.CURVE))
    assert refused.value.message("zh").startswith("此版本尚不提供 曲面矫正。")
    assert refused.value.message("en").startswith("This version does not offer curve correction yet.")
