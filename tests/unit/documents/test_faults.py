"""Faults of pictures become errors of the service, on the way from a decoding process, too."""

from __future__ import annotations

import pytest

from imgcore.types import ImageError, ShapeError, SideTooLong, TooManyPixels, TooNarrow
from server.decoding import wire
from server.decoding.faults import as_answer, check
from server.documents.faults import named
from server.errors import GaopaiError, PictureTooLarge, PictureTooLong, PictureTooNarrow, PictureUnreadable


@pytest.mark.parametrize(
    ("fault", "error", "told"),
    [
        (TooManyPixels(20, 30, 500), PictureTooLarge, "20 x 30"),
        (SideTooLong(400, 40_000, 32_767), PictureTooLong, "32767"),
        (TooNarrow(20, 20_000, 100), PictureTooNarrow, "100 times"),
        (ImageError("nothing"), PictureUnreadable, "nothing"),
    ],
)
def test_each_fault_of_shape_has_an_error_of_its_own(
    fault: ImageError, error: type[GaopaiError], told: str
) -> None:
    answer = wire.decode_answer(wire.encode(as_answer(fault)))
    with pytest.raises(error, match=told) as refused, named("page.png"):
        check(answer)
    assert type(refused.value) is error
    assert isinstance(refused.value.__cause__, ShapeError) == isinstance(fault, ShapeError)
