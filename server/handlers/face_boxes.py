"""Faces as frames tell of them."""

from __future__ import annotations

from collections.abc import Callable

from imgcore.face import Face, Liveness, Verdict
from server.errors import Language, Text
from server.protocol.messages.faces import FaceBox
from server.services.face_reasons import REASONS
from server.streaming.face_watch import Sight

Boxes = Callable[[], tuple[FaceBox, ...] | None]
"""The faces of the newest look; None where nobody looks."""

NOT_LARGEST = Text("只判断最大的人脸", "only the largest face is judged")


def boxes(newest: Callable[[], Sight | None], language: Language) -> Boxes:
    """What is told of the newest look, made once for all frames until the next."""
    kept: tuple[Sight | None, tuple[FaceBox, ...] | None] = (None, None)

    def told() -> tuple[FaceBox, ...] | None:
        nonlocal kept
        sight = newest()
        if sight is not kept[0]:
            kept = (sight, None if sight is None else _boxes(sight, language))
        return kept[1]

    return told


def _boxes(sight: Sight, language: Language) -> tuple[FaceBox, ...]:
    judged: list[Liveness | None] = [sight.liveness, *(None for _ in sight.faces[1:])]
    return tuple(
        _box(face, sight.scale, liveness, language)
        for face, liveness in zip(sight.faces, judged, strict=False)
    )


def _box(face: Face, scale: int, liveness: Liveness | None, language: Language) -> FaceBox:
    left, top, width, height = (round(value * scale) for value in face.box)
    verdict = Verdict.CANNOT_TELL if liveness is None else liveness.verdict
    reason = NOT_LARGEST if liveness is None else REASONS[liveness.reason]
    score = 0.0 if liveness is None or liveness.score is None else liveness.score
    return FaceBox(
        left=left,
        top=top,
        right=left + width,
        bottom=top + height,
        live=verdict is Verdict.LIVE,
        score=round(score, 3),
        verdict=verdict.value,
        reason=reason.fill(language, {}),
    )
