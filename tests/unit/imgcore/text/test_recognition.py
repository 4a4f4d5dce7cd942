"""Steps of a net become characters with places; lines of one width share a batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from imgcore.text.recognition import HEIGHT, Recognizer, batches

CHARSET = ("a", "b", "c")


def net_of(classes: list[int], seen: list[tuple[int, ...]] | None = None) -> Any:
    """A net that gives these classes, one a step, to every line."""

    def run(values: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        if seen is not None:
            seen.append(values.shape)
        steps = np.full((len(classes), len(CHARSET) + 2), 0.02, np.float32)
        steps[np.arange(len(classes)), classes] = 0.9
        return [np.repeat(steps[None], len(values), axis=0)]

    return run


def blank(cols: int) -> npt.NDArray[np.uint8]:
    return np.zeros((HEIGHT, cols, 3), np.uint8)


def test_repeated_classes_are_one_character_and_blanks_part_two() -> None:
    (found,) = Recognizer(net_of([0, 1, 1, 0, 1, 4, 2, 2]), CHARSET).recognize([blank(64)])
    assert found.text == "aa b"
    assert found.score == pytest.approx(0.9)


def test_characters_have_places_that_follow_each_other() -> None:
    (found,) = Recognizer(net_of([1, 0, 0, 2, 0, 0, 0, 3]), CHARSET).recognize([blank(64)])
    assert found.spans.shape == (3, 2)
    assert found.spans[0, 0] == 0 and found.spans[-1, 1] == 1
    assert np.array_equal(found.spans[1:, 0], found.spans[:-1, 1])
    assert np.all(np.diff(found.spans, axis=1) > 0)
    # The second begins halfway between the first step and the fourth.
    assert found.spans[1, 0] == pytest.approx((0.5 + 3.5) / 2 / 8)


def test_nothing_is_an_empty_text() -> None:
    (found,) = Recognizer(net_of([0, 0, 0, 0]), CHARSET).recognize([blank(32)])
    assert (found.text, found.score, len(found.spans)) == ("", 0.0, 0)


def test_answers_keep_the_order_of_the_lines() -> None:
    def widths(values: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        answer = np.zeros((len(values), 4, 5), np.float32)
        answer[:, 1, 1 if values.shape[3] == 32 else 2] = 1
        return [answer]

    found = Recognizer(widths, CHARSET).recognize([blank(64), blank(30), blank(60)])
    assert [one.text for one in found] == ["b", "a", "b"]


def test_lines_of_one_width_share_a_batch_of_bounded_size() -> None:
    found = list(batches([98, 99, 900, 104, 890, 900]))
    assert sorted(at for batch in found for at in batch) == list(range(6))
    assert [0, 1, 3] in found
    assert all(len(batch) == 1 for batch in found if 2 in batch or 4 in batch or 5 in batch)


def test_blanks_that_are_left_out_behind_marks_come_back() -> None:
    charset = tuple("TELFAXw.:12b")
    place = {character: at + 1 for at, character in enumerate(charset)}

    def read(text: str) -> str:
        steps = [step for one in text for step in ([place[one], 0] if one not in "|" else [0])]
        wide = np.zeros((1, len(steps), len(charset) + 2), np.float32)
        wide[0, np.arange(len(steps)), steps] = 0.9
        return Recognizer(lambda _: [wide], charset).recognize([blank(320)])[0].text

    assert read("TEL:|FAX:12") == "TEL: FAX:12"
    assert read("1:2:1T.2b1") == "1:2:1T.2b1"


def test_an_alphabet_leaves_other_characters_out() -> None:
    def net(values: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        answer = np.zeros((1, 3, 5), np.float32)
        answer[0, 0, 1:3] = 0.6, 0.3
        answer[0, 2, 3] = 0.9
        return [answer]

    reader = Recognizer(net, CHARSET)
    assert reader.recognize([blank(48)])[0].text == "ac"
    assert reader.recognize([blank(48)], "bc")[0].text == "bc"
