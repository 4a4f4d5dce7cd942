"""The face cameras' functions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from server.devices.ports.camera import Camera, Size
from server.errors import DeviceNotOpen, MissingParameter
from server.handlers.exchange import Exchange, Handler
from server.handlers.face_boxes import Boxes, boxes
from server.handlers.frames import FrameSink, Wrap
from server.protocol.binary import binary_face_frame
from server.protocol.codec import FrameEnvelope
from server.protocol.messages.base import Answer
from server.protocol.messages.faces import (
    CloseFaceCameraAnswer,
    CloseFaceCameraRequest,
    FaceBox,
    FaceCameraEntry,
    GetFaceCameraInfoAnswer,
    GetFaceCameraInfoRequest,
    GetFaceCamraBuffAnswer,
    GetFaceCamraBuffRequest,
    OpenFaceCameraAnswer,
    OpenFaceCameraRequest,
)
from server.services.face_cameras import FaceCameras
from server.services.face_pairs import FaceCamera
from server.services.live_faces import LiveFaces
from server.services.preview import Previews

Stream = Literal[1] | None
"""As frames and answers tell it: the colour stream, which the standard knows, is not named."""


class FaceHandlers:
    """Requests about face cameras, handed to the services."""

    def __init__(self, cameras: FaceCameras, previews: Previews, live: LiveFaces) -> None:
        self._cameras = cameras
        self._previews = previews
        self._live = live

    def table(self) -> Mapping[str, Handler]:
        """The handlers by function name."""
        return {
            "GetFaceCameraInfo": self.list,
            "OpenFaceCamera": self.open,
            "GetFaceCamraBuff": self.preview,
            "CloseFaceCamera": self.close,
        }

    async def list(self, exchange: Exchange, request: GetFaceCameraInfoRequest) -> Answer:
        return GetFaceCameraInfoAnswer(
            face_camera_info=tuple(map(_entry, await self._cameras.list(exchange.client)))
        )

    async def open(self, exchange: Exchange, request: OpenFaceCameraRequest) -> Answer:
        face = self._to_open(exchange, request.face_camera_num)
        choice = face.choice(request.face_media_num, request.face_resolution_num, request.face_fps)
        await self._cameras.open(exchange.client, face, choice)
        return OpenFaceCameraAnswer()

    async def preview(self, exchange: Exchange, request: GetFaceCamraBuffRequest) -> Answer | None:
        face = self._cameras.camera(exchange.client, request.face_camera_num)
        number = self._cameras.number(exchange.client, face)
        camera = face.stream(request.stream)
        stream: Stream = 1 if request.stream else None
        last = GetFaceCamraBuffAnswer(face_camera_num=number, stream=stream)
        if not request.enable:
            self._stop(exchange, face, camera)
            return last
        wrap = (_binary_wrap if exchange.binary else _text_wrap)(
            exchange, number, stream, self._boxes(exchange, face, stream)
        )
        sink = FrameSink(exchange, exchange.lane(f"face {camera.info.id}"), wrap, last)
        self._previews.start(exchange.client, camera, sink, exchange.binary)
        if stream is None:
            self._live.show(exchange.client, face)
        return None

    async def close(self, exchange: Exchange, request: CloseFaceCameraRequest) -> Answer:
        face = self._cameras.camera_to_close(exchange.client, request.face_camera_num)
        if face is not None:
            for camera in face.cameras:
                self._stop(exchange, face, camera)
            await self._cameras.close(exchange.client, face)
        return CloseFaceCameraAnswer()

    def _stop(self, exchange: Exchange, face: FaceCamera, camera: Camera) -> None:
        self._previews.stop(exchange.client, camera)
        if camera is face.colour:
            self._live.hide(exchange.client, face)

    def _boxes(self, exchange: Exchange, face: FaceCamera, stream: Stream) -> Boxes:
        """What frames tell of faces, which are found in colour."""
        if stream is not None:
            return lambda: None
        return boxes(lambda: self._live.newest(exchange.client, face), exchange.language)

    def _to_open(self, exchange: Exchange, number: int | None) -> FaceCamera:
        try:
            return self._cameras.camera(exchange.client, number)
        except DeviceNotOpen:
            raise MissingParameter(field="faceCameraNum") from None


def _text_wrap(exchange: Exchange, number: int, stream: Stream, found: Boxes) -> Wrap:
    @lru_cache(maxsize=4)
    def envelope(size: Size, faces: tuple[FaceBox, ...] | None) -> FrameEnvelope:
        return FrameEnvelope.face(exchange.head, number, size, faces, stream)

    return lambda picture: envelope(picture.size, found()).around(picture.base64)


def _binary_wrap(exchange: Exchange, number: int, stream: Stream, found: Boxes) -> Wrap:
    return lambda picture: binary_face_frame(
        exchange.head, number, picture.size, picture.jpeg, stream, found()
    )


def _entry(face: FaceCamera) -> FaceCameraEntry:
    return FaceCameraEntry(
        face_camera_name=face.name,
        face_camera_medias=tuple(kind.format.value for kind in face.colour.info.media),
        face_camera_type=1 if face.infrared is None else 2,
        face_camera_resolutions=tuple(map(str, face.sizes)),
    )
