"""Requests about the controls of a camera."""

from __future__ import annotations

from server.devices.ports.camera_controls import CameraControl, ControlName, ControlSetting
from server.errors import MissingParameter
from server.handlers.context import RequestContext, handles
from server.protocol.messages.base import Answer
from server.protocol.messages.camera_controls import (
    ControlEntry,
    GetCameraControlsAnswer,
    GetCameraControlsRequest,
    SetCameraControlAnswer,
    SetCameraControlRequest,
)
from server.services.cameras.controls import CameraControlService
from server.services.cameras.desk import CameraDesk


class CameraControlHandlers:
    """Handlers of requests about controls."""

    def __init__(self, desk: CameraDesk, controls: CameraControlService) -> None:
        self._desk = desk
        self._controls = controls

    @handles("GetCameraControls")
    async def list(self, context: RequestContext, request: GetCameraControlsRequest) -> Answer:
        camera = self._desk.camera(context.client, request.dev_num)
        found = await self._controls.list(context.client, camera)
        missing = [name for name in ControlName if all(control.name is not name for control in found)]
        return GetCameraControlsAnswer(controls=tuple(map(_entry, found)), unsupported=tuple(missing))

    @handles("SetCameraControl")
    async def set(self, context: RequestContext, request: SetCameraControlRequest) -> Answer:
        camera, name = self._desk.camera(context.client, request.dev_num), ControlName(request.control)
        if request.once:
            return _answer(await self._controls.adjust_once(context.client, camera, name))
        if request.value is None and request.auto is None:
            raise MissingParameter(field="value")
        value = None if request.auto else request.value
        setting = ControlSetting(name, value, request.auto if value is None else None)
        return _answer(await self._controls.set(context.client, camera, setting))


def _answer(control: CameraControl) -> SetCameraControlAnswer:
    return SetCameraControlAnswer(control=_entry(control))


def _entry(control: CameraControl) -> ControlEntry:
    return ControlEntry(
        control=control.name,
        minimum=control.minimum,
        maximum=control.maximum,
        step=control.step,
        default=control.default,
        value=control.value,
        auto=control.automatic,
        once=control.once,
    )
