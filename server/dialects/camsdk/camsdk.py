"""CAMSDK: requests of one connection."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from server.connection.outbox import Outbox
from server.dialects.camsdk.cameras import CameraFunctions, FeatureFunctions
from server.dialects.camsdk.documents import DocumentFunctions, RecognitionFunctions
from server.dialects.camsdk.functions import FunctionConversation
from server.dialects.camsdk.results import FILE_MARK, UNSUPPORTED, Command, encoded, error_number
from server.dialects.device_session import DeviceSession
from server.dialects.json_text import Fields, first_object, member
from server.dialects.services import CommandLog
from server.dialects.sockets import Conversation
from server.errors import GaopaiError

log = logging.getLogger(__name__)

ACCEPTED = frozenset(
    {
        *("camInitCameraLib", "PreZoneSize", "EnableBuzzer", "camShowImage", "camShowImageSettingWindow"),
        *("camShowDevSettingWindow", "camInitFace", "UnInitFace", "camUnInitFace", "InitFaceSDK"),
    }
)
"""Functions that set what gaopai has no use for."""
UNSERVED = frozenset(
    {
        *("camUpdataFileFtp", "camDeleteFile", "DeleteFolderDayFileA", "idcardrfidGetIDCardImage"),
        *("ReadMagneticCard", "camGetMicrophoneVolumeLevel", "StartSignDevice", "BeginSignMode"),
        *("EndSignMode", "CmOutputImageBase64"),
    }
)
"""Functions that are known and not served: they are answered by the maker's number for that."""


QUIET = frozenset({FILE_MARK})
"""Functions whose failure is not answered: the name itself marks the content of a file."""
EMPTY = {"CaptureEncodeBase64": ""}
"""Answers to failures, where pages take any text for a picture; without one they take that of the preview."""


class CamsdkConversation:
    """Conversation of one connection; see `server.dialects.sockets.Conversation`."""

    def __init__(self, command_log: CommandLog, session: DeviceSession, outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox
        self._command_log = command_log
        self._number = 0
        cameras = CameraFunctions(session, outbox)
        self._features = FeatureFunctions(session, outbox, cameras)
        documents = DocumentFunctions(session, cameras)
        groups = (cameras, self._features, documents, RecognitionFunctions(session))
        self._commands: Mapping[str, Command] = {
            **dict.fromkeys(ACCEPTED, _accept),
            **dict.fromkeys(UNSERVED, _refuse),
            **{name: command for group in groups for name, command in group.commands.items()},
        }

    parse = staticmethod(first_object)

    async def receive(self, fields: Fields) -> None:
        """Answer a request; what is none, or of an unknown name, is passed over in silence."""
        name = fields.get("FuncName")
        if not isinstance(name, str) or name not in self._commands:
            return
        self._number += 1
        command = self._commands[name](member(fields, "argument"))
        try:
            result = await self._command_log.run(self._session.client, self._number, name, command)
        except GaopaiError as error:
            log.info("%s: error %d", name, error.code)
            if name in QUIET:
                return
            result = EMPTY.get(name, error_number(error))
        await self._outbox.answer(result if isinstance(result, bytes) else encoded(name, result))

    def close(self) -> None:
        """End the countdown to a capture."""
        self._features.close()


async def _accept(argument: Fields) -> None:
    """Do nothing, with success."""


async def _refuse(argument: Fields) -> object:
    return UNSUPPORTED


KINDS: Mapping[str, type[CamsdkConversation] | type[FunctionConversation]] = {
    "FuncName": CamsdkConversation,
    "function": FunctionConversation,
}
"""Dialects by the member that names a function."""


class FirstMessageConversation:
    """Conversation that is decided by the first message that either dialect knows."""

    def __init__(self, command_log: CommandLog, session: DeviceSession, outbox: Outbox) -> None:
        self._parts = (command_log, session, outbox)
        self._chosen: Conversation[Fields] | None = None

    parse = staticmethod(first_object)

    async def receive(self, fields: Fields) -> None:
        """Carry out a request; what is none is passed over in silence."""
        if self._chosen is None:
            kind = next((kind for name, kind in KINDS.items() if name in fields), None)
            self._chosen = None if kind is None else kind(*self._parts)
        if self._chosen is not None:
            await self._chosen.receive(fields)

    def close(self) -> None:
        """Drop what the connection waits for."""
        if self._chosen is not None:
            self._chosen.close()
