"""Faces before cameras: requests about them and to compare them, and what serves these."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import pybase64

from imgcore.face import Face, LivenessResult, LivenessVerdict
from imgcore.face.action import TURNS, Action
from server.config import FacesConfig
from server.devices.ports.camera import Camera, PixelFormat, Size
from server.errors import DeviceNotOpen, Language, LocalizedText, MissingParameter
from server.protocol.frames import FrameEnvelope, binary_face_frame
from server.protocol.messages import faces as messages
from server.protocol.messages.base import Answer
from server.protocol.messages.face_matching import FaceMatchAnswer, FaceMatchRequest
from server.services.cameras.handlers import Cameras
from server.services.cameras.preview import PreviewService
from server.services.context import DomainServices, FrameEncoder, RequestContext, handles
from server.services.faces.cameras import FACE, FaceCamera, FaceCameras
from server.services.faces.engine import REASONS, FaceEngine, LivenessMethod
from server.services.faces.matching import (
    FaceComparison,
    FaceMatchService,
    LiveMatchOptions,
    UploadedFace,
    UploadedFaces,
    format_similarity,
)
from server.services.faces.monitoring import FaceMonitor, FaceObservation, LivenessOptions, RequestedAction
from server.services.page_source import PageSource

Boxes = Callable[[], tuple[messages.FaceBox, ...] | None]
"""Returns the faces of the newest observation; None where detection is off."""

NOT_LARGEST = LocalizedText("只判断最大的人脸", "only the largest face is judged")


def boxes(newest: Callable[[], FaceObservation | None], language: Language) -> Boxes:
    """Return a function that converts the newest observation, once for all frames until the next."""
    cached: tuple[FaceObservation | None, tuple[messages.FaceBox, ...] | None] = (None, None)

    def newest_boxes() -> tuple[messages.FaceBox, ...] | None:
        nonlocal cached
        observation = newest()
        if observation is not cached[0]:
            cached = (observation, None if observation is None else _boxes(observation, language))
        return cached[1]

    return newest_boxes


def _boxes(observation: FaceObservation, language: Language) -> tuple[messages.FaceBox, ...]:
    results: list[LivenessResult | None] = [observation.liveness, *(None for _ in observation.faces[1:])]
    return tuple(
        _box(face, observation.scale, liveness, language)
        for face, liveness in zip(observation.faces, results, strict=False)
    )


def _box(face: Face, scale: int, liveness: LivenessResult | None, language: Language) -> messages.FaceBox:
    left, top, width, height = (round(value * scale) for value in face.box)
    verdict = LivenessVerdict.CANNOT_TELL if liveness is None else liveness.verdict
    reason = NOT_LARGEST if liveness is None else REASONS[liveness.reason]
    score = 0.0 if liveness is None or liveness.score is None else liveness.score
    return messages.FaceBox(
        left=left,
        top=top,
        right=left + width,
        bottom=top + height,
        live=verdict is LivenessVerdict.LIVE,
        score=round(score, 3),
        verdict=verdict.value,
        reason=reason.fill(language, {}),
    )


Stream = Literal[1] | None
"""Number of a stream in frames and answers, where the colour stream, the standard's only one, is left out."""


class FaceHandlers:
    """Handlers of requests about face cameras."""

    def __init__(self, cameras: FaceCameras, previews: PreviewService, monitor: FaceMonitor) -> None:
        self._cameras = cameras
        self._previews = previews
        self._monitor = monitor

    @handles("GetFaceCameraInfo")
    async def list(self, context: RequestContext, request: messages.GetFaceCameraInfoRequest) -> Answer:
        return messages.GetFaceCameraInfoAnswer(
            face_camera_info=tuple(map(_entry, await self._cameras.list(context.client)))
        )

    @handles("OpenFaceCamera")
    async def open(self, context: RequestContext, request: messages.OpenFaceCameraRequest) -> Answer:
        face = self._to_open(context, request.face_camera_num)
        choice = face.choice(request.face_media_num, request.face_resolution_num, request.face_fps)
        await self._cameras.open(context.client, face, choice)
        return messages.OpenFaceCameraAnswer()

    @handles("GetFaceCamraBuff")
    async def preview(
        self, context: RequestContext, request: messages.GetFaceCamraBuffRequest
    ) -> Answer | None:
        face = self._cameras.numbered(context.client, request.face_camera_num)
        number = self._cameras.number(context.client, face)
        camera = face.stream(request.stream)
        stream: Stream = 1 if request.stream else None
        last = messages.GetFaceCamraBuffAnswer(face_camera_num=number, stream=stream)
        if not request.enable:
            self._stop(context, face, camera)
            return last
        encoder = _binary_encoder if context.binary else _text_encoder
        encode = encoder(context, number, stream, self._boxes(context, face, stream))
        sink = context.frames(f"face {camera.info.id}", encode, last)
        self._previews.start(context.client, camera, sink, context.binary)
        if stream is None:
            self._monitor.start_preview(context.client, face)
        return None

    @handles("CloseFaceCamera")
    async def close(self, context: RequestContext, request: messages.CloseFaceCameraRequest) -> Answer:
        face = self._cameras.camera_to_close(context.client, request.face_camera_num)
        if face is not None:
            for camera in face.cameras:
                self._stop(context, face, camera)
            await self._cameras.close(context.client, face)
        return messages.CloseFaceCameraAnswer()

    def _stop(self, context: RequestContext, face: FaceCamera, camera: Camera) -> None:
        self._previews.stop(context.client, camera)
        if camera is face.colour:
            self._monitor.stop_preview(context.client, face)

    def _boxes(self, context: RequestContext, face: FaceCamera, stream: Stream) -> Boxes:
        """Return the faces for the frames of a stream: none in infrared."""
        if stream is not None:
            return lambda: None
        return boxes(lambda: self._monitor.newest(context.client, face), context.language)

    def _to_open(self, context: RequestContext, number: int | None) -> FaceCamera:
        try:
            return self._cameras.numbered(context.client, number)
        except DeviceNotOpen:
            raise MissingParameter(field="faceCameraNum") from None


def _text_encoder(context: RequestContext, number: int, stream: Stream, found: Boxes) -> FrameEncoder:
    @lru_cache(maxsize=4)
    def envelope(size: Size, faces: tuple[messages.FaceBox, ...] | None) -> FrameEnvelope:
        return FrameEnvelope.face(context.head, number, size, faces, stream)

    return lambda picture: envelope(picture.size, found()).message(picture.base64)


def _binary_encoder(context: RequestContext, number: int, stream: Stream, found: Boxes) -> FrameEncoder:
    return lambda picture: binary_face_frame(
        context.head, number, picture.size, picture.jpeg, stream, found()
    )


MEDIA: Mapping[PixelFormat, str] = {PixelFormat.MJPG: "MJPEG"}
"""Names of formats where the standard prints another one for face cameras than for document cameras."""


def _entry(face: FaceCamera) -> messages.FaceCameraEntry:
    return messages.FaceCameraEntry(
        face_camera_name=face.name,
        face_camera_medias=tuple(
            MEDIA.get(kind.format, kind.format.value) for kind in face.colour.info.media
        ),
        face_camera_type=1 if face.infrared is None else 2,
        face_camera_resolutions=tuple(map(str, face.sizes)),
    )


_NAMES: dict[Action, messages.Action] = {
    Action.BLINK: "blink",
    Action.TURN_LEFT: "turnLeft",
    Action.TURN_RIGHT: "turnRight",
    Action.NEARER: "nearer",
}
_ACTIONS: dict[messages.Wanted, RequestedAction] = {
    "none": None,
    "random": "random",
    **{name: action for action, name in _NAMES.items()},
}


@dataclass(eq=False, repr=False)
class FaceMatchHandlers:
    """Handlers of requests to match faces, and to set liveness detection."""

    _cameras: FaceCameras
    _monitor: FaceMonitor
    _uploaded: UploadedFaces
    _matching: FaceMatchService

    @handles("SetFaceLivingBodyState")
    async def set_liveness(
        self, context: RequestContext, request: messages.SetFaceLivingBodyStateRequest
    ) -> Answer:
        face = self._cameras.numbered(context.client, request.face_camera_num)
        methods: tuple[LivenessMethod, ...] = ()
        if request.face_living_body:
            # A missing model is an error now, not when a person stands there.
            methods = await self._matching.load_liveness(paired=face.infrared is not None)
        options = LivenessOptions(bool(request.face_living_body), _ACTIONS[request.face_action])
        self._monitor.set_options(context.client, face, options)
        by: tuple[messages.LivingBy, ...] = tuple(method.value for method in methods)
        return messages.SetFaceLivingBodyStateAnswer(living_by=by or None)

    @handles("FaceMatch")
    async def match(self, context: RequestContext, request: FaceMatchRequest) -> Answer | None:
        files = request.face_image_path
        if request.with_person:
            comparison = await self._with_person(context, request)
        else:
            one = await self._uploaded.file(context.client, files[0])
            other = await self._given(context, request, files[1:])
            comparison = self._matching.compare(one, other, request.threshold)
        return await _answer(context, comparison)

    async def _with_person(self, context: RequestContext, request: FaceMatchRequest) -> FaceComparison:
        face = self._cameras.numbered(context.client, request.face_camera_num)
        self._monitor.check_access(context.client, face)
        seconds = None if request.timeout is None else request.timeout / 1000
        if request.other_camera_num is None:
            uploaded = await self._given(context, request, request.face_image_path)
        else:
            other = self._cameras.numbered(context.client, request.other_camera_num)
            self._monitor.check_access(context.client, other)
            uploaded = await self._matching.person_before(context.client, other, seconds)
        liveness = self._monitor.options(context.client, face)
        action = await self._action(face, liveness) if liveness.on else None
        if action is not None:
            number = self._cameras.number(context.client, face)
            push = messages.FaceActionPush(
                event="OnFaceAction", face_camera_num=number, action=_NAMES[action]
            )
            await context.answer(push, "Notify")
        options = LiveMatchOptions(request.threshold, seconds, liveness.on, action)
        return await self._matching.compare_live(context.client, face, uploaded, options)

    async def _given(
        self, context: RequestContext, request: FaceMatchRequest, files: Sequence[str]
    ) -> UploadedFace:
        """Return the face of the first of these files, or that of the picture in the request."""
        if files:
            return await self._uploaded.file(context.client, files[0])
        return await self._uploaded.picture(request.face_image_base64)

    async def _action(self, face: FaceCamera, liveness: LivenessOptions) -> Action | None:
        """Return the action to ask for; where nothing else tells who is alive, always one."""
        methods = await self._matching.load_liveness(paired=face.infrared is not None)
        needed = LivenessMethod.ACTION in methods
        if liveness.action == "random":
            return secrets.choice(TURNS if needed else list(Action))
        return secrets.choice(TURNS) if needed and liveness.action is None else liveness.action


async def _answer(context: RequestContext, comparison: FaceComparison) -> Answer | None:
    similarity = None if comparison.similarity is None else float(format_similarity(comparison.similarity))
    notice = None if comparison.notice is None else comparison.notice.fill(context.language, {})
    if comparison.error is not None:
        await context.refuse(comparison.error, FaceMatchAnswer(similarity=similarity, notice=notice))
        return None
    picture = pybase64.b64encode_as_string(comparison.picture)
    return FaceMatchAnswer(face_image_base64=picture, similarity=similarity, notice=notice)


class Faces(DomainServices):
    """The faces before cameras."""

    def __init__(self, config: FacesConfig, engine: FaceEngine, cameras: Cameras, source: PageSource) -> None:
        pools = source.resources.pools
        self.cameras = FaceCameras(cameras.leases, cameras.registry, config.pairs)
        self.previews = PreviewService(cameras.leases, role=FACE)
        self.monitor = FaceMonitor(cameras.leases, engine, pools.faces)
        self.matching = FaceMatchService(self.monitor, engine, pools, config.wait_seconds)
        self.uploaded = UploadedFaces(engine, source, pools)
        super().__init__(
            FaceHandlers(self.cameras, self.previews, self.monitor),
            FaceMatchHandlers(self.cameras, self.monitor, self.uploaded, self.matching),
        )
