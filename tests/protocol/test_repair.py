"""Repair of the mistakes that the standard prints in its examples."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import InvalidJson
from server.protocol.codec import BadCall, decode
from server.protocol.repair import MOST_PIECES, members, repaired

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=6), VALUES, min_size=2, max_size=5)


def written(fields: dict[str, Any], between: str = ",", last: str = "") -> bytes:
    texts = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in fields.items())
    return ("{" + between.join(texts) + last + "}").encode()


@given(OBJECTS)
def test_commas_that_are_missing_before_keys_are_put_there(fields: dict[str, Any]) -> None:
    better = repaired(written(fields, " "))
    assert better is not None and json.loads(better) == fields


@given(OBJECTS)
def test_commas_before_closing_brackets_are_taken_away(fields: dict[str, Any]) -> None:
    better = repaired(written(fields, last=" , "))
    assert better is not None and json.loads(better) == fields


@given(OBJECTS)
def test_what_is_valid_has_none_of_the_mistakes_and_splits_into_its_members(fields: dict[str, Any]) -> None:
    text = written(fields)
    assert repaired(text) is None
    assert [(json.loads(key), json.loads(value)) for key, value in members(text) or ()] == list(
        fields.items()
    )


@pytest.mark.parametrize(
    "printed",
    [
        '"cropRect": [ "left": 4, "top": 5, "right": 6, "bottom": 7 ], }, "imageType":2 }',
        '"cropRect": [ "left": 4, "top": 5, "right": 6, "bottom": 7 ], }\n\n"imageType":2\n}',
        '"cropRect": [ "left": 4, "top": 5, "right": 6, "bottom": 7 ] "imageType":2, }',
    ],
)
def test_the_settings_as_they_are_printed(printed: str) -> None:
    call = decode('{ "func": "SetCameraImageInfo", "reqId": "a", "devNum": 0 "cropType": 4, ' + printed)
    assert call.request.crop_rect.right == 6 and call.request.image_type == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text",
    ['{"a":1,,"b":2}', '{"a":[1 2]}', '{"a" 1}', "{'a':1}", '{"a":1', '{"a":1}}', '{"a":tru}', '{"a":"x, }'],
)
def test_anything_else_stays_invalid(text: str) -> None:
    better = repaired(text.encode())
    assert better is None or not _is_json(better)


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def test_strings_are_passed_over_as_a_whole_and_much_else_is_refused() -> None:
    picture = b"A" * 8_000_000
    assert repaired(b'{"x":"' + picture + b'",}') == b'{"x":"' + picture + b'"}'
    for flood in (b'\\"', b",", b"{", b'"":', b"1 "):
        assert repaired(b'{"x":' + flood * (MOST_PIECES + 1) + b",}") is None


def test_a_mistake_is_told_by_its_line_its_column_and_the_text_around_it() -> None:
    with pytest.raises(BadCall) as caught:
        decode('{\n  "func": "CloseCamera",\n  "reqId": 7,\n  "devNum" = 0\n}')
    error = caught.value.error
    assert isinstance(error, InvalidJson)
    assert "line 4 at byte 12" in error.message("en") and '"devNum" = …' in error.message("en")
    assert "第 4 行第 12 字节" in error.message("zh")
    assert (caught.value.head.func, caught.value.head.req_id) == ("CloseCamera", b"7")


def test_numbers_and_names_of_people_are_not_told() -> None:
    with pytest.raises(BadCall) as caught:
        decode('{"func":"RecogText","id":"11010119900307721X","name":"张三" = }')
    assert "1101" not in caught.value.error.message("zh") and "张" not in caught.value.error.message("zh")
