"""Requests for captures that make themselves."""

from __future__ import annotations

from dataclasses import replace

import pybase64

from imgcore.next_page.wait import Wait
from server.errors import GaopaiError
from server.handlers.cameras import MIME
from server.handlers.context import RequestContext, handles
from server.handlers.output import OutputOptions
from server.handlers.overlay import overlay_of
from server.handlers.verdict import told, worst
from server.protocol.messages.auto_capture import (
    AutoCapturePush,
    AutoCaptureReason,
    SetCameraAutoCaptureAnswer,
    SetCameraAutoCaptureRequest,
)
from server.protocol.messages.base import Answer
from server.services.cameras.auto_capture import (
    AutoCaptured,
    AutoCapturePlan,
    AutoCaptureService,
    Trigger,
)
from server.services.cameras.desk import CameraDesk
from server.services.output import EncodedPicture

PUSH = "OnAutoCapture"


class AutoCaptureHandlers:
    """Handlers of requests about automatic captures."""

    def __init__(self, desk: CameraDesk, captures: AutoCaptureService, outputs: OutputOptions) -> None:
        self._desk = desk
        self._captures = captures
        self._outputs = outputs

    @handles("SetCameraAutoCapture")
    async def set(self, context: RequestContext, request: SetCameraAutoCaptureRequest) -> Answer:
        camera = self._desk.camera(context.client, request.dev_num)
        if request.mode == 0:
            self._captures.stop(context.client, camera)
            return SetCameraAutoCaptureAnswer()
        plan = AutoCapturePlan(
            trigger=Trigger(request.mode),
            seconds=request.seconds,
            name=request.image_path if request.writes_files else None,
            output=replace(
                await self._outputs.output(request),
                second=overlay_of(self._desk, context.client, camera, request),
            ),
        )
        listener = _Pusher(context, self._desk.number(context.client, camera))
        await self._captures.start(context.client, camera, plan, listener)
        return SetCameraAutoCaptureAnswer()


class _Pusher:
    """Pushes automatic captures to the client of their request."""

    def __init__(self, context: RequestContext, number: int) -> None:
        self._context = context
        self._number = number

    async def captured(self, capture: AutoCaptured) -> None:
        if capture.paths:
            await self._push(_of_files(self._number, capture))
            return
        for index, picture in enumerate(capture.pictures, 1):
            await self._push(_of_picture(self._number, capture, picture, index))

    def waits(self, wait: Wait) -> None:
        self._context.notify(AutoCaptureReason(dev_num=self._number, reason=wait.value), PUSH)

    def missed(self) -> None:
        self._context.notify(AutoCaptureReason(dev_num=self._number, reason="missed"), PUSH)

    async def failed(self, error: GaopaiError) -> None:
        await self._context.refuse(error, SetCameraAutoCaptureAnswer(), PUSH)

    async def _push(self, push: Answer) -> None:
        await self._context.answer(push, PUSH)


def _of_files(number: int, capture: AutoCaptured) -> AutoCapturePush:
    verdicts = [picture.verdict for picture in capture.pictures]
    each = tuple(verdict for verdict in map(told, verdicts) if verdict is not None)
    return AutoCapturePush(
        dev_num=number,
        capture_index=capture.index,
        image_path=tuple(map(str, capture.paths)),
        verdict=told(worst(verdicts)),
        verdicts=each if len(verdicts) > 1 else None,
    )


def _of_picture(number: int, capture: AutoCaptured, picture: EncodedPicture, index: int) -> AutoCapturePush:
    text = pybase64.b64encode_as_string(picture.data)
    return AutoCapturePush(
        dev_num=number,
        capture_index=capture.index,
        image_count=len(capture.pictures),
        image_index=index,
        image_base64_str=text,
        img_base64_str=text,
        mime=MIME,
        width=picture.size.width,
        height=picture.size.height,
        verdict=told(picture.verdict),
    )
