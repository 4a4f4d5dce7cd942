"""Eloam's functions: ``{"function", "ret", "value"}``, one answer for each request, in order."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping

import msgspec
import pybase64

from imgcore.settings import Crop, ImageType, Settings
from server.connection.outbox import Outbox
from server.dialects.camsdk.results import Command
from server.dialects.device_session import DeviceSession, first_sizes
from server.dialects.json_text import Fields, first_object, is_on, number_of, text_of
from server.dialects.services import CommandLog
from server.dialects.sockets import show
from server.errors import BadParameter, GaopaiError, LocalizedText, UnknownFunction

log = logging.getLogger(__name__)

FAILED = -1
"""Value of ``ret`` in the answer to a request that failed."""
SECONDS = {"GetResolution": 5.0, "SetDeskew": 3.0, "ScanImage": 15.0}
"""Time after which pages give up waiting for an answer, in seconds, by the function."""
OTHER_SECONDS = 8.0
"""Time limit for the functions that `SECONDS` does not name, in seconds."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
COLOURS = {1: ImageType.GREY, 2: ImageType.BLACK_WHITE}
"""Image types by the numbers of ``colorize``; any other number is for the original."""


class FunctionConversation:
    """Conversation of one connection; see `server.dialects.sockets.Conversation`."""

    def __init__(self, command_log: CommandLog, session: DeviceSession, outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox
        self._command_log = command_log
        self._number = 0
        self._commands: Mapping[str, Command] = {
            "InitDevs": self._nothing,
            "DeinitDevs": lambda fields: session.close(),
            "GetDeviceCount": self._count,
            "GetDeviceName": self._name,
            "GetResolution": self._sizes,
            "SetDeskew": self._deskew,
            "OpenCamera": self._open,
            "ScanImage": self._capture,
            "CloseCamera": lambda fields: session.close(number_of(fields, "device")),
        }

    parse = staticmethod(first_object)

    async def receive(self, fields: Fields) -> None:
        """Answer a request, also one that is not served: an answer is waited for by its name."""
        name = fields.get("function")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            return
        self._number += 1
        try:
            async with asyncio.timeout(SECONDS.get(name, OTHER_SECONDS)):
                value = await self._run(name, fields)
        except TimeoutError:
            # The page has given up: it would take the answer for that to its next request of this name.
            log.warning("%s took too long", name)
        except GaopaiError as error:
            log.info("%s: error %d", name, error.code)
            await self._outbox.answer(msgspec.json.encode({"function": name, "ret": FAILED, "value": ""}))
        else:
            await self._outbox.answer(
                msgspec.json.encode({"function": name, "ret": 0, "value": "" if value is None else value})
            )
            if name == "OpenCamera":
                # Pages use no picture that comes before this answer.
                self._show(number_of(fields, "device"))

    async def _run(self, name: str, fields: Fields) -> object:
        known = name if name in self._commands else "-"
        work = self._commands.get(name, self._refuse)(fields)
        return await self._command_log.run(self._session.client, self._number, known, work)

    def close(self) -> None:
        """Drop nothing: all requests are short."""

    async def _refuse(self, fields: Fields) -> object:
        raise UnknownFunction(func="-")

    async def _nothing(self, fields: Fields) -> None:
        """Do nothing, with success."""

    async def _count(self, fields: Fields) -> object:
        return len(await self._session.cameras())

    async def _name(self, fields: Fields) -> object:
        return (await self._session.info(number_of(fields, "device"))).name

    async def _sizes(self, fields: Fields) -> object:
        info = await self._session.info(number_of(fields, "device"))
        return "|".join(f"{size.width}*{size.height}" for size in first_sizes(info))

    async def _deskew(self, fields: Fields) -> None:
        on = is_on(fields, "isdeskew")
        number = number_of(fields, "device")
        self._session.choice(number).settings = Settings(crop=Crop.SINGLE if on else Crop.NONE, deskew=on)

    async def _open(self, fields: Fields) -> None:
        number = number_of(fields, "device")
        resolution = number_of(fields, "resolution")
        sizes = first_sizes(await self._session.info(number))
        if not 0 <= resolution < len(sizes):
            raise BadParameter(field="resolution", reason=LocalizedText("没有此分辨率", "there is none"))
        self._session.choice(number).size = sizes[resolution]
        for other in self._session.open_numbers:
            if other != number:
                await self._session.close(other)
        await self._session.open(number)

    def _show(self, number: int) -> None:
        try:
            show(self._session, self._outbox, number, lambda picture: (PUSH, picture.base64, b'"}'))
        except GaopaiError as error:
            log.info("no preview: error %d", error.code)

    async def _capture(self, fields: Fields) -> object:
        number = next(reversed(self._session.open_numbers), number_of(fields, "device"))
        kept = self._session.choice(number).settings
        colour = COLOURS.get(number_of(fields, "colorize"), ImageType.ORIGINAL)
        settings = Settings(crop=kept.crop, deskew=kept.deskew, image_type=colour)
        path = text_of(fields, "imagepath")
        if path:
            pictures = (await self._session.save(number, settings, path)).pictures
        else:
            pictures = await self._session.capture(number, settings)
        return pybase64.b64encode_as_string(pictures[0].data)


PUSH = b'{"function":"ImageCallback","ret":0,"value":"'
