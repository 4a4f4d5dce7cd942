"""Controls of open cameras, and the settings that were kept for each model."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from server.access.client import Client
from server.devices.ports import camera as port
from server.errors import BadParameter, ControlNotSupported, LocalizedText, MissingParameter
from server.protocol.messages import camera_controls as messages
from server.protocol.messages.base import Answer
from server.services.cameras.kept import KeptControls
from server.services.cameras.leases import CameraLeases
from server.services.context import RequestContext, handles
from server.storage.private_file import PrivateFileUnreadable

log = logging.getLogger(__name__)

T = TypeVar("T")

FOCUS_SECONDS = 2.5
"""Time in which a camera's automatic finds its focus."""

OUT_OF_RANGE = LocalizedText(
    "取值范围为 {least} 到 {most}，步长 {step}", "it is from {least} to {most} in steps of {step}"
)
AUTOMATIC = LocalizedText("自动", "automatic")


class CameraControlService:
    """Lists and sets the controls of cameras that a client has opened."""

    def __init__(self, leases: CameraLeases, kept: KeptControls) -> None:
        self._leases = leases
        self._kept = kept

    async def list(self, client: Client, camera: port.Camera) -> Sequence[port.CameraControl]:
        """Return the controls of the camera; none where it has none."""
        return await self._ask(client, camera, _listed)

    async def set(
        self, client: Client, camera: port.Camera, setting: port.ControlSetting
    ) -> port.CameraControl:
        """Set one control, and keep the setting for this model.

        Raises
        ------
        ControlNotSupported, BadParameter
            Beside those of `list`.
        """
        _check(camera, await self.control(client, camera, setting.name), setting)
        await self._ask(client, camera, lambda stream: _adjustable(stream).set_control(setting))
        try:
            await asyncio.to_thread(self._kept.keep, camera, setting)
        except PrivateFileUnreadable as exc:
            log.warning("the setting holds until the camera is unplugged: %s", exc)
        return await self.control(client, camera, setting.name)

    async def adjust_once(
        self, client: Client, camera: port.Camera, name: port.ControlName
    ) -> port.CameraControl:
        """Have the camera adjust one control, and keep what it found, as one key for the focus does.

        Raises
        ------
        ControlNotSupported
            Beside those of `list`.
        """
        control = await self.control(client, camera, name)
        if not control.once:
            raise _unsupported(camera, name)
        if not await self._ask(client, camera, lambda stream: _adjustable(stream).adjust_once(name)):
            # Off and on again: an automatic that is on already looks anew.
            for automatic in (False, True):
                await self._switch(client, camera, name, automatic)
            await asyncio.sleep(FOCUS_SECONDS)
            await self._switch(client, camera, name, automatic=False)
        return await self.control(client, camera, name)

    async def _switch(
        self, client: Client, camera: port.Camera, name: port.ControlName, automatic: bool
    ) -> None:
        setting = port.ControlSetting(name, None, automatic)
        await self._ask(client, camera, lambda stream: _adjustable(stream).set_control(setting))

    async def control(
        self, client: Client, camera: port.Camera, name: port.ControlName
    ) -> port.CameraControl:
        """Return one control; raises errors as `adjust_once`."""
        for control in await self.list(client, camera):
            if control.name is name:
                return control
        raise _unsupported(camera, name)

    async def _ask(
        self, client: Client, camera: port.Camera, question: Callable[[port.CameraStream], T]
    ) -> T:
        return await self._leases.owned(client, camera).hub.ask(question)


def _listed(stream: port.CameraStream) -> Sequence[port.CameraControl]:
    return stream.controls() if isinstance(stream, port.AdjustableStream) else ()


def _adjustable(stream: port.CameraStream) -> port.AdjustableStream:
    assert isinstance(stream, port.AdjustableStream)
    return stream


def _check(camera: port.Camera, control: port.CameraControl, setting: port.ControlSetting) -> None:
    if setting.automatic is not None and control.automatic is None:
        raise _unsupported(camera, setting.name, AUTOMATIC)
    if setting.value is not None and not control.takes(setting.value):
        limits = {"least": control.minimum, "most": control.maximum, "step": control.step}
        raise BadParameter(field="value", reason=OUT_OF_RANGE.filled(**limits))


def _unsupported(
    camera: port.Camera, name: port.ControlName, what: LocalizedText | None = None
) -> ControlNotSupported:
    wanted = LocalizedText(f"{name} 的{what.zh}", f"{what.en} {name}") if what else LocalizedText(name, name)
    return ControlNotSupported(device=camera.info.name, control=wanted)


class CameraControlHandlers:
    """Handlers of requests about controls."""

    def __init__(self, leases: CameraLeases, controls: CameraControlService) -> None:
        self._leases = leases
        self._controls = controls

    @handles("GetCameraControls")
    async def list(self, context: RequestContext, request: messages.GetCameraControlsRequest) -> Answer:
        camera = self._leases.numbered(context.client, request.dev_num)
        found = await self._controls.list(context.client, camera)
        missing = [name for name in port.ControlName if all(control.name is not name for control in found)]
        return messages.GetCameraControlsAnswer(
            controls=tuple(map(_entry, found)), unsupported=tuple(missing)
        )

    @handles("SetCameraControl")
    async def set(self, context: RequestContext, request: messages.SetCameraControlRequest) -> Answer:
        camera = self._leases.numbered(context.client, request.dev_num)
        name = port.ControlName(request.control)
        if request.once:
            return _answer(await self._controls.adjust_once(context.client, camera, name))
        if request.value is None and request.auto is None:
            raise MissingParameter(field="value")
        value = None if request.auto else request.value
        setting = port.ControlSetting(name, value, request.auto if value is None else None)
        return _answer(await self._controls.set(context.client, camera, setting))


def _answer(control: port.CameraControl) -> messages.SetCameraControlAnswer:
    return messages.SetCameraControlAnswer(control=_entry(control))


def _entry(control: port.CameraControl) -> messages.ControlEntry:
    return messages.ControlEntry(
        control=control.name,
        minimum=control.minimum,
        maximum=control.maximum,
        step=control.step,
        default=control.default,
        value=control.value,
        auto=control.automatic,
        once=control.once,
    )
