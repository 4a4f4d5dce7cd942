"""Requests of one connection: cameras, captures and settings."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping

import pybase64

from imgcore.settings import Crop, Fill
from server.config.dialects import DoccameraConfig
from server.connection.outbox import Outbox
from server.devices.ports.camera import CameraControl, ControlName, Size
from server.dialects.camera_features import focus, record, set_control, stop_recording
from server.dialects.device_session import DeviceSession
from server.dialects.doccamera.grammar import LONGEST, Commands, TextCall, answer, call_of
from server.dialects.doccamera.recognition import Recognition
from server.dialects.doccamera.stored_files import StoredFiles
from server.dialects.services import CommandLog
from server.dialects.sockets import show
from server.errors import GaopaiError
from server.storage.paths import PictureFormat

log = logging.getLogger(__name__)

SIZES: Mapping[int, Size] = {
    1: Size(320, 240),
    2: Size(640, 480),
    3: Size(800, 600),
    4: Size(1024, 768),
    5: Size(1600, 1200),
    6: Size(2048, 1536),
    7: Size(2592, 1944),
}
DEFAULT_SIZE = Size(1600, 1200)
"""Size of a camera's pictures where a page chooses none, and for unknown numbers."""
LARGEST = 8
"""Number of a resolution with which a page chooses the largest size of the camera."""
CUT_MODES = (3, 4)
"""Modes in which captures are cut to the document."""
NEWER = frozenset({"bSaveJPGEx", "bSetMode", "bStartPlayRotate", "vSetResolution"})
"""Requests that only pages of the newer generation send."""
MAIN = 0
"""Number of the main camera."""
SECOND = 1
"""Number of the second camera."""
REFUSALS: Mapping[str, str] = {
    **dict.fromkeys(("bStartPlay", "bStartPlay2", "bStartPlay4", "bStartPlay6", "bStartPlayRotate"), "false"),
    "bSaveJPG": "false",
    "ReadCard": '{"result":0}',
}
"""Texts of answers to what went wrong: pages wait for them, or for a picture that will not come."""


class DoccameraConversation:
    """Conversation of one connection; see `server.dialects.sockets.Conversation`.

    Nothing is said of success but where all pages know the words: the others show them as a picture.
    """

    def __init__(
        self, command_log: CommandLog, config: DoccameraConfig, session: DeviceSession, outbox: Outbox
    ) -> None:
        self._session = session
        self._outbox = outbox
        self._command_log = command_log
        self._spelling = config.base64_answer
        self._newer = False
        self._number = 0
        self._current = MAIN
        self._recognition = Recognition(session, outbox, lambda: self._current)
        files = StoredFiles(session, lambda: self._current)
        self._commands: Commands = {
            "bStartPlay": lambda call: self._start(call, MAIN),
            "bStartPlay2": lambda call: self._start(call, SECOND),
            "bStartPlay4": lambda call: self._start(TextCall(call.name), SECOND),
            "bStartPlay6": lambda call: self._start(TextCall(call.name), SECOND),
            "bStartPlayRotate": lambda call: self._start(call, MAIN),
            "bStopPlay": self._stop,
            "bStopPlay2": self._stop,
            "bStopPlay4": self._stop,
            "bStopPlay6": self._stop,
            "vSetResolution": lambda call: self._resolve(MAIN, call.number(0)),
            "vSetResolutionEx": lambda call: self._resolve(call.number(0), call.number(1)),
            "bSetMode": self._cut,
            "vSetSkewFlag": self._deskew,
            "vSetDelHBFlag": self._fill,
            "vSetRotate": self._turn,
            "AutoFocus": lambda call: focus(session, self._current),
            "vSetExposure": lambda call: self._control(call, ControlName.EXPOSURE),
            "vSetBrightness": lambda call: self._control(call, ControlName.BRIGHTNESS),
            "vSetContrast": lambda call: self._control(call, ControlName.CONTRAST),
            "bStartRec": self._record,
            "bStopRec": self._stop_recording,
            "bSaveJPGEx": lambda call: self._capture(call.name, PictureFormat.JPEG),
            "sGetBase64": self._capture_base64,
            "getPNGBase64": lambda call: self._capture(call.name, PictureFormat.PNG),
            **files.commands,
            **self._recognition.commands,
        }
        for number in (MAIN, SECOND):
            session.choice(number).size = DEFAULT_SIZE

    def parse(self, message: bytes) -> TextCall | None:
        """Return the request that a message is, None if it is none."""
        return call_of(message.decode("utf-8", "replace")) if len(message) <= 4 * LONGEST else None

    async def receive(self, call: TextCall) -> None:
        """Carry out a request; what is not served is passed over in silence."""
        self._newer = self._newer or call.name in NEWER
        command = self._commands.get(call.name)
        if command is None:
            return
        self._number += 1
        try:
            said = await self._command_log.run(self._session.client, self._number, call.name, command(call))
        except GaopaiError as error:
            log.info("%s: error %d", call.name, error.code)
            said = REFUSALS.get(call.name)
        if said is not None:
            await self._say(call.name, said)

    def close(self) -> None:
        """Drop what the connection waits for."""
        self._recognition.close()

    # Cameras ---------------------------------------------------------------------------

    async def _start(self, call: TextCall, number: int) -> None:
        session = self._session
        if number != self._current:
            await session.close(self._current)
        self._current = number
        session.turn(number, _degrees(call))
        await session.open(number)
        show(session, self._outbox, number, lambda picture: (picture.base64,))

    async def _stop(self, call: TextCall) -> None:
        self._recognition.close()
        self._session.stop_preview(self._session.client)
        await self._session.close()
        await self._say("bStopPlay", "true")

    async def _resolve(self, number: int, code: int) -> None:
        choice = self._session.choice(number)
        choice.size = None if code == LARGEST else SIZES.get(code, DEFAULT_SIZE)
        if self._session.is_open(number):
            await self._session.open(number)

    async def _turn(self, call: TextCall) -> None:
        self._session.turn(self._current, _degrees(call))

    async def _record(self, call: TextCall) -> None:
        await record(self._session, self._current, call.text(0))

    async def _stop_recording(self, call: TextCall) -> None:
        await stop_recording(self._session)

    # Settings --------------------------------------------------------------------------

    async def _cut(self, call: TextCall) -> None:
        self._set(crop=Crop.SINGLE if call.number(0) in CUT_MODES else Crop.NONE)

    async def _deskew(self, call: TextCall) -> None:
        self._set(deskew=call.is_on(0))

    async def _fill(self, call: TextCall) -> None:
        self._set(fill=Fill.WHITE if call.is_on(0) else Fill.NONE)

    async def _control(self, call: TextCall, name: ControlName) -> None:
        """Set a control, whose range pages know as 0 to 100."""
        share = min(call.number(0, 50), 100) / 100

        def wanted(control: CameraControl) -> float:
            return control.minimum + share * (control.maximum - control.minimum)

        await set_control(self._session, self._current, name, wanted)

    def _set(self, **changes: object) -> None:
        for number in (MAIN, SECOND):
            choice = self._session.choice(number)
            choice.settings = dataclasses.replace(choice.settings, **changes)  # type: ignore[arg-type]

    # Captures --------------------------------------------------------------------------

    async def _capture_base64(self, call: TextCall) -> None:
        newer = self._newer if self._spelling == "auto" else self._spelling == "new"
        await self._capture("sGetBase64" if newer else "Base64", PictureFormat.JPEG)

    async def _capture(self, name: str, picture_format: PictureFormat) -> None:
        settings = self._session.choice(self._current).settings
        pictures = await self._session.capture(self._current, settings, picture_format)
        await self._say(name, pybase64.b64encode_as_string(pictures[0].data))

    async def _say(self, name: str, value: str) -> None:
        await self._outbox.answer(answer(name, value))


def _degrees(call: TextCall) -> int:
    """Return the first argument as degrees clockwise: 90 and its multiples, 0 for any other."""
    degrees = call.number(0)
    return degrees % 360 if degrees % 90 == 0 else 0
