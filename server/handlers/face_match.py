"""Comparing faces, and whether they must be alive."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import pybase64

from imgcore.face.action import Action
from server.handlers.exchange import Exchange, Handler
from server.protocol.messages import faces as messages
from server.protocol.messages.base import Answer
from server.services.face_cameras import FaceCameras
from server.services.face_match import Comparison, FaceMatching, LiveWish, shown
from server.services.given_face import GivenFaces
from server.services.live_faces import LiveFaces, Living, Wanted

_ACTIONS: dict[messages.Wanted, Wanted] = {
    "none": None,
    "blink": Action.BLINK,
    "turnLeft": Action.TURN_LEFT,
    "turnRight": Action.TURN_RIGHT,
    "random": "random",
}
_NAMES: dict[Action, messages.Action] = {
    Action.BLINK: "blink",
    Action.TURN_LEFT: "turnLeft",
    Action.TURN_RIGHT: "turnRight",
}


class FaceMatchHandlers:
    """Requests about whose face it is, handed to the services."""

    def __init__(
        self, cameras: FaceCameras, live: LiveFaces, given: GivenFaces, matching: FaceMatching
    ) -> None:
        self._cameras = cameras
        self._live = live
        self._given = given
        self._matching = matching

    def table(self) -> Mapping[str, Handler]:
        """The handlers by function name."""
        return {"SetFaceLivingBodyState": self.living, "FaceMatch": self.match}

    async def living(self, exchange: Exchange, request: messages.SetFaceLivingBodyStateRequest) -> Answer:
        face = self._cameras.camera(exchange.client, request.face_camera_num)
        if request.face_living_body:
            # Said now, not when a person stands there.
            await self._matching.ready(paired=face.infrared is not None)
        living = Living(bool(request.face_living_body), _ACTIONS[request.face_action])
        self._live.want(exchange.client, face, living)
        return messages.SetFaceLivingBodyStateAnswer()

    async def match(self, exchange: Exchange, request: messages.FaceMatchRequest) -> Answer | None:
        files = request.face_image_path
        if len(files) < 2 and not (files and request.face_image_base64):
            comparison = await self._with_person(exchange, request)
        else:
            one = await self._given.file(files[0])
            if len(files) == 2:
                other = await self._given.file(files[1])
            else:
                other = await self._given.picture(request.face_image_base64)
            comparison = self._matching.given(one, other, request.threshold)
        return await _told(exchange, comparison)

    async def _with_person(self, exchange: Exchange, request: messages.FaceMatchRequest) -> Comparison:
        face = self._cameras.camera(exchange.client, request.face_camera_num)
        self._live.may_watch(exchange.client, face)
        if request.face_image_path:
            given = await self._given.file(request.face_image_path[0])
        else:
            given = await self._given.picture(request.face_image_base64)
        living = self._live.living(exchange.client, face)
        action = secrets.choice(list(Action)) if living.action == "random" else living.action
        if living.on and action is not None:
            number = self._cameras.number(exchange.client, face)
            push = messages.FaceActionPush(
                event="OnFaceAction", face_camera_num=number, action=_NAMES[action]
            )
            await exchange.answer(push, "Notify")
        seconds = None if request.timeout is None else request.timeout / 1000
        wish = LiveWish(request.threshold, seconds, living.on, action if living.on else None)
        return await self._matching.live(exchange.client, face, given, wish)


async def _told(exchange: Exchange, comparison: Comparison) -> Answer | None:
    similarity = None if comparison.similarity is None else float(shown(comparison.similarity))
    notice = None if comparison.notice is None else comparison.notice.fill(exchange.language, {})
    if comparison.error is not None:
        await exchange.refuse(
            comparison.error, messages.FaceMatchAnswer(similarity=similarity, notice=notice)
        )
        return None
    picture = pybase64.b64encode_as_string(comparison.picture)
    return messages.FaceMatchAnswer(face_image_base64=picture, similarity=similarity, notice=notice)
