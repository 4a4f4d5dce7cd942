"""Requests about buttons."""

from __future__ import annotations

from server.access.client import Client
from server.devices.ports.button import ButtonInfo
from server.devices.ports.camera import Camera
from server.handlers.context import RequestContext, handles
from server.protocol.messages.base import Answer
from server.protocol.messages.buttons import (
    ButtonEntry,
    ButtonPushed,
    ExternalButtonAnswer,
    ExternalButtonRequest,
)
from server.services.buttons import ButtonPress, ButtonService
from server.services.cameras.desk import CameraDesk


class ButtonHandlers:
    """Handlers of requests about buttons."""

    def __init__(self, desk: CameraDesk, buttons: ButtonService) -> None:
        self._desk = desk
        self._buttons = buttons

    @handles("ExternalButton")
    async def follow(self, context: RequestContext, request: ExternalButtonRequest) -> Answer:
        client = context.client
        present = await self._buttons.present()

        def tell(press: ButtonPress) -> None:
            context.notify(self._push(client, press), func="ExternalButton")

        if request.enable:
            self._buttons.subscribe(client, tell)
        else:
            self._buttons.unsubscribe(client)
        return ExternalButtonAnswer(buttons=tuple(self._entry(client, button) for button in present))

    def _push(self, client: Client, press: ButtonPress) -> ButtonPushed:
        return ButtonPushed(
            event="OnExternalButton",
            kind=press.button.kind.value,
            name=press.button.name,
            dev_num=self._number(client, press.camera),
            key=press.key,
        )

    def _entry(self, client: Client, button: ButtonInfo) -> ButtonEntry:
        number = self._number(client, self._buttons.camera_of(button))
        return ButtonEntry(kind=button.kind.value, name=button.name, dev_num=number)

    def _number(self, client: Client, camera: Camera | None) -> int | None:
        """Return the number of a camera, None if it came after the client's listing."""
        try:
            return None if camera is None else self._desk.number(client, camera)
        except ValueError:
            return None
