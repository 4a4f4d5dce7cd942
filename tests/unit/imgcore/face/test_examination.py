"""What several looks at one person come to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from imgcore.face import Action, Examination, Face, Judge, LivenessSettings, Look, Reason, Verdict
from imgcore.face import examination as examining
from imgcore.types import Image
from synthetic.faces import Pose, Sitter
from tests.unit.imgcore.face.nets import face
from tests.unit.imgcore.face.sitters import drawn_face

LIT = np.random.default_rng(5).integers(96, 160, (400, 600, 3), np.uint8)
FACE = face(250, 150, 80, 100)
PERSON = Sitter(640, 480).colour(Pose())


def judge(*probabilities: float) -> Judge:
    """Says each of these in turn, then the last for ever."""
    left = list(probabilities)

    def net(_: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        live = left.pop(0) if len(left) > 1 else left[0]
        return [np.log(np.array([[(1 - live) / 2, live, (1 - live) / 2]], np.float32))]

    return Judge(net, 2.7)


def looks(count: int, faces: Sequence[Face] = (FACE,), since: float = 0.0) -> list[Look]:
    return [Look(LIT, faces, since + 0.1 * number) for number in range(count)]


def test_nothing_is_said_before_enough_looks() -> None:
    examination = Examination([judge(0.95)], LivenessSettings(enough=3))
    assert (examination.answer.verdict, examination.answer.reason) == (Verdict.CANNOT_TELL, Reason.NO_FRAMES)
    said = [examination.add(look) for look in looks(3)]
    assert [answer.verdict for answer in said] == [Verdict.CANNOT_TELL, Verdict.CANNOT_TELL, Verdict.LIVE]
    assert [answer.reason for answer in said] == [Reason.MORE_LOOKS, Reason.MORE_LOOKS, Reason.REACHES]
    assert said[-1].score == pytest.approx(0.95, abs=1e-4)
    assert examination.answer == said[-1]


def test_one_bad_look_of_five_changes_nothing() -> None:
    for odd, usual, verdict in ((0.01, 0.9, Verdict.LIVE), (0.99, 0.2, Verdict.NOT_LIVE)):
        examination = Examination([judge(odd, usual)])
        said = [examination.add(look) for look in looks(5)][-1]
        assert said.verdict is verdict
        assert said.score == pytest.approx(usual, abs=1e-4)


def test_the_newest_looks_count() -> None:
    examination = Examination([judge(0.9, 0.9, 0.9, 0.1)], LivenessSettings(enough=3, window=3))
    assert [examination.add(look).verdict for look in looks(6)][2:] == [
        Verdict.LIVE, Verdict.LIVE, Verdict.NOT_LIVE, Verdict.NOT_LIVE
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("faces", "reason"),
    [([], Reason.NO_FACE), ([face(250, 150, 50, 60)], Reason.TOO_SMALL)],
)
def test_a_look_that_cannot_be_judged_is_told_and_does_not_count(faces: list[Face], reason: Reason) -> None:
    examination = Examination([judge(0.9)], LivenessSettings(enough=2))
    assert examination.add(Look(LIT, faces, 0.0)).reason is reason
    examination = Examination([judge(0.9)], LivenessSettings(enough=2))
    examination.add(looks(1)[0])
    assert examination.add(Look(LIT, [], 0.1)).reason is Reason.NO_FACE
    assert examination.add(Look(LIT, [FACE], 0.2)).verdict is Verdict.LIVE


@pytest.mark.parametrize(
    "then", [Look(LIT, [face(20, 20, 80, 100)], 0.6), Look(LIT, [FACE], 9.0)], ids=["jump", "away"]
)
def test_another_person_is_examined_anew(then: Look) -> None:
    examination = Examination([judge(0.9)])
    for look in looks(5):
        examination.add(look)
    assert examination.answer.verdict is Verdict.LIVE
    assert examination.add(then).reason is Reason.MORE_LOOKS


def test_nobody_is_there_once_the_face_has_been_away() -> None:
    examination = Examination([judge(0.9)])
    for look in looks(5):
        examination.add(look)
    assert examination.add(Look(LIT, [], 1.0)).verdict is Verdict.LIVE
    said = examination.add(Look(LIT, [], 3.0))
    assert (said.verdict, said.reason, said.score) == (Verdict.CANNOT_TELL, Reason.NO_FACE, None)


def test_a_border_and_a_pattern_veto_whatever_the_score() -> None:
    rows, cols = np.indices(LIT.shape[:2])
    wide = face(150, 100, 200, 240)
    pattern = np.full((400, 600, 3), 128, np.uint8)
    pattern += (8 * np.sin(1.3 * cols + 0.9 * rows)).astype(np.int8).astype(np.uint8)[..., None]
    for settings, reason in ((LivenessSettings(), Reason.MOIRE), (LivenessSettings(moire=2), Reason.REACHES)):
        examination = Examination([judge(0.99)], settings)
        said = [examination.add(Look(pattern, [wide], number / 10)) for number in range(5)][-1]
        assert said.reason is reason
        assert said.score == pytest.approx(0.99, abs=1e-4)


def test_an_action_is_waited_for_and_a_print_is_refused_meanwhile() -> None:
    examination = Examination([judge(0.95)], action=Action.BLINK)
    assert [examination.add(look) for look in looks(9)][-1].reason is Reason.WAITING
    assert examination.answer.verdict is Verdict.CANNOT_TELL
    examination = Examination([judge(0.05)], action=Action.BLINK)
    assert [examination.add(look) for look in looks(9)][-1].reason is Reason.BELOW


def test_a_person_who_turned_is_alive_and_the_next_one_must_turn_too() -> None:
    examination = Examination([judge(0.95)], action=Action.TURN_LEFT)
    for number in range(12):
        held = Pose(yaw=0.0 if number < 6 else 0.38)
        examination.add(Look(PERSON, [drawn_face(640, 480, held)], number / 10))
    assert examination.answer.verdict is Verdict.LIVE
    for number in range(12):
        examination.add(Look(PERSON, [drawn_face(640, 480)], 10 + number / 10))
    assert examination.answer.reason is Reason.WAITING


def test_a_border_is_looked_for_every_other_time(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    def framed(image: Image, face: Face) -> float:
        looked.append(face)
        return 1.0

    monkeypatch.setattr(examining, "bezel", framed)
    examination = Examination([judge(0.95)])
    said = [examination.add(look) for look in looks(8)]
    assert len(looked) == 4
    assert (said[-1].verdict, said[-1].reason) == (Verdict.NOT_LIVE, Reason.BEZEL)
