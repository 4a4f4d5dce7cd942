"""What several looks at one person come to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from imgcore.face import (
    Action,
    Face,
    FaceSample,
    LivenessNet,
    LivenessReason,
    LivenessSession,
    LivenessSettings,
    LivenessVerdict,
    liveness_session,
)
from imgcore.types import Image
from synthetic.faces import Pose, Sitter
from tests.unit.imgcore.face.nets import face
from tests.unit.imgcore.face.sitters import drawn_face

LIT = np.random.default_rng(5).integers(96, 160, (400, 600, 3), np.uint8)
FACE = face(250, 150, 80, 100)
PERSON = Sitter(640, 480).colour(Pose())


def net(*probabilities: float) -> LivenessNet:
    """Says each of these in turn, then the last for ever."""
    left = list(probabilities)

    def net(_: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        live = left.pop(0) if len(left) > 1 else left[0]
        return [np.log(np.array([[(1 - live) / 2, live, (1 - live) / 2]], np.float32))]

    return LivenessNet(net, 2.7)


def looks(count: int, faces: Sequence[Face] = (FACE,), since: float = 0.0) -> list[FaceSample]:
    return [FaceSample(LIT, faces, since + 0.1 * number) for number in range(count)]


def test_nothing_is_said_before_enough_samples() -> None:
    session = LivenessSession([net(0.95)], LivenessSettings(frames=3))
    assert (session.answer.verdict, session.answer.reason) == (
        LivenessVerdict.CANNOT_TELL,
        LivenessReason.NO_FRAMES,
    )
    said = [session.add(sample) for sample in looks(3)]
    assert [answer.verdict for answer in said] == [
        LivenessVerdict.CANNOT_TELL,
        LivenessVerdict.CANNOT_TELL,
        LivenessVerdict.LIVE,
    ]
    assert [answer.reason for answer in said] == [
        LivenessReason.MORE_LOOKS,
        LivenessReason.MORE_LOOKS,
        LivenessReason.REACHES,
    ]
    assert said[-1].score == pytest.approx(0.95, abs=1e-4)
    assert session.answer == said[-1]


def test_one_bad_sample_of_five_changes_nothing() -> None:
    for odd, usual, verdict in ((0.01, 0.9, LivenessVerdict.LIVE), (0.99, 0.2, LivenessVerdict.NOT_LIVE)):
        session = LivenessSession([net(odd, usual)])
        said = [session.add(sample) for sample in looks(5)][-1]
        assert said.verdict is verdict
        assert said.score == pytest.approx(usual, abs=1e-4)


def test_the_newest_samples_count() -> None:
    session = LivenessSession([net(0.9, 0.9, 0.9, 0.1)], LivenessSettings(frames=3, window=3))
    assert [session.add(sample).verdict for sample in looks(6)][2:] == [
        LivenessVerdict.LIVE, LivenessVerdict.LIVE, LivenessVerdict.NOT_LIVE, LivenessVerdict.NOT_LIVE
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("faces", "reason"),
    [([], LivenessReason.NO_FACE), ([face(250, 150, 50, 60)], LivenessReason.TOO_SMALL)],
)
def test_a_sample_that_cannot_be_used_is_told_and_does_not_count(
    faces: list[Face], reason: LivenessReason
) -> None:
    session = LivenessSession([net(0.9)], LivenessSettings(frames=2))
    assert session.add(FaceSample(LIT, faces, 0.0)).reason is reason
    session = LivenessSession([net(0.9)], LivenessSettings(frames=2))
    session.add(looks(1)[0])
    assert session.add(FaceSample(LIT, [], 0.1)).reason is LivenessReason.NO_FACE
    assert session.add(FaceSample(LIT, [FACE], 0.2)).verdict is LivenessVerdict.LIVE


@pytest.mark.parametrize(
    "then",
    [FaceSample(LIT, [face(20, 20, 80, 100)], 0.6), FaceSample(LIT, [FACE], 9.0)],
    ids=["jump", "away"],
)
def test_another_person_starts_a_new_session(then: FaceSample) -> None:
    session = LivenessSession([net(0.9)])
    for sample in looks(5):
        session.add(sample)
    assert session.answer.verdict is LivenessVerdict.LIVE
    assert session.add(then).reason is LivenessReason.MORE_LOOKS


def test_nobody_is_there_once_the_face_has_been_away() -> None:
    session = LivenessSession([net(0.9)])
    for sample in looks(5):
        session.add(sample)
    assert session.add(FaceSample(LIT, [], 1.0)).verdict is LivenessVerdict.LIVE
    said = session.add(FaceSample(LIT, [], 3.0))
    assert (said.verdict, said.reason, said.score) == (
        LivenessVerdict.CANNOT_TELL,
        LivenessReason.NO_FACE,
        None,
    )


def test_a_border_and_a_pattern_veto_whatever_the_score() -> None:
    rows, cols = np.indices(LIT.shape[:2])
    wide = face(150, 100, 200, 240)
    pattern = np.full((400, 600, 3), 128, np.uint8)
    pattern += (8 * np.sin(1.3 * cols + 0.9 * rows)).astype(np.int8).astype(np.uint8)[..., None]
    for settings, reason in (
        (LivenessSettings(), LivenessReason.MOIRE),
        (LivenessSettings(moire=2), LivenessReason.REACHES),
    ):
        session = LivenessSession([net(0.99)], settings)
        said = [session.add(FaceSample(pattern, [wide], number / 10)) for number in range(5)][-1]
        assert said.reason is reason
        assert said.score == pytest.approx(0.99, abs=1e-4)


def test_an_action_is_waited_for_and_a_print_is_refused_meanwhile() -> None:
    session = LivenessSession([net(0.95)], actions=[Action.BLINK])
    assert [session.add(sample) for sample in looks(9)][-1].reason is LivenessReason.BLINK
    assert session.answer.verdict is LivenessVerdict.CANNOT_TELL
    session = LivenessSession([net(0.05)], actions=[Action.BLINK])
    assert [session.add(sample) for sample in looks(9)][-1].reason is LivenessReason.BELOW


def test_a_person_who_turned_is_alive_and_the_next_one_must_turn_too() -> None:
    session = LivenessSession([net(0.95)], actions=[Action.TURN_LEFT])
    for number in range(12):
        held = Pose(yaw=0.0 if number < 6 else 0.38)
        session.add(FaceSample(PERSON, [drawn_face(640, 480, held)], number / 10))
    assert session.answer.verdict is LivenessVerdict.LIVE
    for number in range(12):
        session.add(FaceSample(PERSON, [drawn_face(640, 480)], 10 + number / 10))
    assert session.answer.reason is LivenessReason.TURN_LEFT


def turning(count: int, yaw: float, since: float = 0.0) -> list[FaceSample]:
    """Looks of somebody who looks ahead half of the time, then to the side."""
    held = [Pose(yaw=0.0 if number < count // 2 else yaw) for number in range(count)]
    return [
        FaceSample(PERSON, [drawn_face(640, 480, pose)], since + number / 10)
        for number, pose in enumerate(held)
    ]


def test_without_nets_nobody_is_alive_before_an_action() -> None:
    session = LivenessSession([], actions=[Action.TURN_LEFT])
    ahead = [session.add(sample) for sample in turning(9, 0.0)][-1]
    assert (ahead.verdict, ahead.reason) == (LivenessVerdict.CANNOT_TELL, LivenessReason.TURN_LEFT)
    assert ahead.score is None
    other = [session.add(sample) for sample in turning(12, -0.38, 1.0)][-1]
    assert other.reason is LivenessReason.TURN_LEFT
    session = LivenessSession([], actions=[Action.TURN_LEFT])
    done = [session.add(sample) for sample in turning(12, 0.38)][-1]
    assert (done.verdict, done.reason) == (LivenessVerdict.LIVE, LivenessReason.ACTED)


def test_without_nets_and_actions_nothing_is_told() -> None:
    session = LivenessSession([])
    assert [session.add(sample) for sample in turning(12, 0.38)][-1].reason is LivenessReason.NO_MODEL


def test_without_nets_the_cues_still_veto(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(liveness_session, "bezel", lambda image, face: 1.0)
    session = LivenessSession([], actions=[Action.TURN_LEFT])
    said = [session.add(sample) for sample in turning(12, 0.38)][-1]
    assert (said.verdict, said.reason) == (LivenessVerdict.NOT_LIVE, LivenessReason.BEZEL)


def test_actions_are_asked_for_in_their_order() -> None:
    session = LivenessSession([net(0.95)], actions=[Action.NEARER, Action.TURN_LEFT])
    assert [session.add(sample) for sample in turning(12, 0.38)][-1].reason is LivenessReason.COME_NEARER


def test_a_border_is_measured_every_other_time(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    def framed(image: Image, face: Face) -> float:
        looked.append(face)
        return 1.0

    monkeypatch.setattr(liveness_session, "bezel", framed)
    session = LivenessSession([net(0.95)])
    said = [session.add(sample) for sample in looks(8)]
    assert len(looked) == 4
    assert (said[-1].verdict, said[-1].reason) == (LivenessVerdict.NOT_LIVE, LivenessReason.BEZEL)
