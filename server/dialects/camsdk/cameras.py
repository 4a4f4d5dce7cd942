"""CAMSDK's functions for cameras and captures, and for what cameras do besides."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Mapping, Sequence
from typing import TypeVar

import pybase64

from imgcore.output.watermark import LONGEST_TEXT, Watermark
from imgcore.settings import Crop, Fill, ImageType, Rect, Settings
from server import errors
from server.connection.outbox import Outbox
from server.devices.ports.camera import CameraInfo, ControlName, Size
from server.dialects.camera_features import automate, focus, record, set_control, stop_recording, zoom
from server.dialects.camsdk.results import FILE_MARK, Commands, encoded
from server.dialects.device_session import CameraChoice, DeviceSession, PageOutcome
from server.dialects.json_text import Fields, is_on, number_of, text_of
from server.dialects.sockets import show
from server.errors import GaopaiError, LocalizedText
from server.runtime.background import supervise
from server.storage.paths import SUFFIXES, format_of

log = logging.getLogger(__name__)

FRAME = b"ImageData$*$"
FOLDER = "D:\\Documents"
READ_BYTES = 32 << 20
"""Limit of a file that a page reads, in bytes."""
COLOURS = {0: ImageType.ORIGINAL, 1: ImageType.GREY, 2: ImageType.BLACK_WHITE}
"""Image types by the numbers that pages set the colour of captures with."""
ADJUSTMENTS: Mapping[int, ImageType] = {
    0: ImageType.ORIGINAL,
    1: ImageType.COLOUR,
    2: ImageType.COLOUR,
    3: ImageType.GREY,
    4: ImageType.BLACK_WHITE,
}
"""Image types by the numbers that pages adjust captures with; further numbers are not served."""
CROPS = {0: Crop.NONE, 1: Crop.SINGLE, 2: Crop.MULTI, 3: Crop.SINGLE}
"""Ways to cut a capture, by the maker's numbers."""
FILLED = 3
"""Number of the way to cut a capture that also fills what surrounds the document."""
T = TypeVar("T")
NO_SUCH = LocalizedText("没有此编号", "there is no such number")


class CameraFunctions:
    """Functions for cameras, settings and captures.

    Attributes
    ----------
    current
        Number of the camera in use.
    """

    def __init__(self, session: DeviceSession, outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox
        self.current = 0
        self._crop = 0
        self._rect: Rect | None = None
        self._colour = ImageType.ORIGINAL

    @property
    def commands(self) -> Commands:
        """Functions by their names."""
        return {
            "camUnInitCameraLib": lambda argument: self._session.close(),
            "GetSpecialFolderPath": self._folder,
            "camGetDevName": self._names,
            "camGetDevCount": self._count,
            "camOpenDev": self._open,
            "camStartPreview": self._preview,
            "camCloseDev": self._close,
            "camGetResolution": self._sizes,
            "camSetResolution": self._choose_size,
            "camGetMediaTypeName": self._formats,
            "camSetMediaType": self._choose_format,
            "camGetAudioDevName": self._none,
            "camGetVideoEncodeName": self._none,
            "camSetImageAutoCrop": self._set_crop,
            "camSetImageCusCropRect": self._set_rect,
            "camSetImageRotateMode": self._turn,
            "camSetImageColorStyle": self._set_colour,
            "camSetImageAdjust": self._adjust,
            "CaptureEncodeBase64": self._capture,
            "camCaptureImageFile": self._save,
            "FileEncodeBase64": self._read,
        }

    async def captured(self) -> bytes:
        """Return a capture of the camera in use, as JPEG."""
        return (await self._session.capture(self.current, self.settings()))[0].data

    # Devices ---------------------------------------------------------------------------

    async def _folder(self, argument: Fields) -> object:
        return FOLDER

    async def _names(self, argument: Fields) -> object:
        return [info.name for info in await self._session.cameras()]

    async def _count(self, argument: Fields) -> object:
        return str(len(await self._session.cameras()))

    async def _none(self, argument: Fields) -> object:
        return []

    async def _open(self, argument: Fields) -> None:
        number = number_of(argument, "devIndex")
        width = number_of(argument, "width")
        height = number_of(argument, "height")
        if number != self.current:
            # A page that changes devices says nothing of the other one.
            await self._session.close(self.current)
        self.current = number
        self._session.choice(number).size = Size(width, height) if width > 0 < height else None
        await self._session.open(number)
        self._show()

    async def _preview(self, argument: Fields) -> None:
        if not self._session.is_open(self.current):
            raise errors.DeviceNotOpen(opener="camOpenDev")

    def _show(self) -> None:
        # Some pages never ask for a preview: it begins with the camera.
        show(self._session, self._outbox, self.current, lambda picture: (FRAME, picture.base64))

    async def _close(self, argument: Fields) -> None:
        await self._session.close(number_of(argument, "devIndex", default=self.current))

    async def _sizes(self, argument: Fields) -> object:
        return [f"{size.width}*{size.height}" for size in await self._media_sizes()]

    async def _choose_size(self, argument: Fields) -> None:
        self._session.choice(self.current).size = _at(await self._media_sizes(), argument)
        await self._reopened()

    async def _formats(self, argument: Fields) -> object:
        return [kind.format.value for kind in (await self._info()).media]

    async def _choose_format(self, argument: Fields) -> None:
        choice = self._session.choice(self.current)
        choice.format = _at([kind.format for kind in (await self._info()).media], argument)
        await self._reopened()

    async def _reopened(self) -> None:
        if self._session.is_open(self.current):
            await self._session.open(self.current)

    async def _info(self) -> CameraInfo:
        return (await self._session.camera(self.current)).info

    async def _media_sizes(self) -> Sequence[Size]:
        media = (await self._info()).media
        chosen = self._session.choice(self.current).format
        return next((kind.sizes for kind in media if kind.format is chosen), media[0].sizes if media else ())

    # Settings --------------------------------------------------------------------------

    async def _set_crop(self, argument: Fields) -> None:
        self._crop = number_of(argument, "CropType")

    async def _set_rect(self, argument: Fields) -> None:
        left = number_of(argument, "left")
        right = number_of(argument, "right")
        top = number_of(argument, "top")
        bottom = number_of(argument, "bottom")
        self._rect = Rect(left, top, right, bottom) if 0 <= left < right and 0 <= top < bottom else None

    async def _turn(self, argument: Fields) -> None:
        self._session.turn(self.current, 90 * number_of(argument, "rotateMode"))

    async def _set_colour(self, argument: Fields) -> None:
        self._colour = COLOURS.get(number_of(argument, "itype"), ImageType.ORIGINAL)

    async def _adjust(self, argument: Fields) -> None:
        kind = number_of(argument, "Type")
        if kind not in ADJUSTMENTS:
            raise errors.NotAvailableYet(feature="camSetImageAdjust")
        self._colour = ADJUSTMENTS[kind]

    def settings(self) -> Settings:
        """Return the settings of captures."""
        settings = Settings(
            crop=CROPS.get(self._crop, Crop.NONE),
            fill=Fill.SURROUND if self._crop == FILLED else Fill.NONE,
            image_type=self._colour,
        )
        if self._rect is None:
            return settings
        return dataclasses.replace(settings, crop=Crop.MANUAL, rect=self._rect)

    # Captures --------------------------------------------------------------------------

    async def _capture(self, argument: Fields) -> object:
        pictures = await self._session.capture(self.current, self.settings())
        wanted = number_of(argument, "nIndex")
        picture = pictures[wanted] if 0 <= wanted < len(pictures) else pictures[0]
        return pybase64.b64encode_as_string(picture.data)

    async def _save(self, argument: Fields) -> None:
        path = text_of(argument, "filePath")
        if not path:
            raise errors.MissingParameter(field="filePath")
        await self._session.save(self.current, self.settings(), path)

    async def _read(self, argument: Fields) -> object:
        path = text_of(argument, "filePath")
        data = await self._session.files.read(path, READ_BYTES)
        # A path that holds the mark would move the parts.
        shown = path.replace("$*$", "")
        return f"{FILE_MARK}$*${shown}$*$".encode("utf-8", "replace") + pybase64.b64encode(data)


PROPERTIES: Mapping[tuple[int, int], ControlName] = {
    (0, 0): ControlName.BRIGHTNESS,
    (0, 1): ControlName.CONTRAST,
    (0, 3): ControlName.SATURATION,
    (0, 4): ControlName.SHARPNESS,
    (0, 7): ControlName.WHITE_BALANCE,
    (0, 9): ControlName.GAIN,
    (1, 3): ControlName.ZOOM,
    (1, 4): ControlName.EXPOSURE,
    (1, 6): ControlName.FOCUS,
}
"""Controls by the two numbers that Windows has for a property: its class, 0 for pictures and 1 for cameras,
and its place in that."""
AUTOMATIC = 1
"""Flag with which a page leaves a control to the camera."""
MOST_MERGED = 8
"""Number of frames that are merged into a capture once a page has switched denoising on."""
LONGEST_INTERVAL = 3600
"""Longest interval of automatic captures that a page can ask for, in seconds."""


class FeatureFunctions:
    """Functions for the form of captures, automatic captures, recording, zoom, focus and other controls.

    Parameters
    ----------
    cameras
        Knows the camera in use, and its settings.
    """

    def __init__(self, session: DeviceSession, outbox: Outbox, cameras: CameraFunctions) -> None:
        self._session = session
        self._outbox = outbox
        self._cameras = cameras
        self._countdown: asyncio.Task[None] | None = None

    @property
    def commands(self) -> Commands:
        """Functions by their names."""
        return {
            "camSetImageDPI": self._set_dots,
            "camSetImageJPGQuanlity": self._set_quality,
            "camSetImageWaterMark": self._set_watermark,
            "camSetImageDenoise": self._set_denoising,
            "camSetVideoParameter": self._set_control,
            "camZooIn": lambda argument: zoom(self._session, self._cameras.current, 1),
            "camZoomOut": lambda argument: zoom(self._session, self._cameras.current, -1),
            "camOptimalPreview": lambda argument: zoom(self._session, self._cameras.current, 0),
            "camOriginalPreview": lambda argument: zoom(self._session, self._cameras.current, 0),
            "camAutoFocus": lambda argument: focus(self._session, self._cameras.current),
            "camStartAutoCapture": self._start_captures,
            "camStopAutoCapture": self._stop_captures,
            "camStartRecord": self._record,
            "camStopRecord": self._stop_record,
        }

    def close(self) -> None:
        """End the countdown to a capture."""
        if self._countdown is not None:
            self._countdown.cancel()
            self._countdown = None

    @property
    def _choice(self) -> CameraChoice:
        return self._session.choice(self._cameras.current)

    def _form(self, **changes: object) -> None:
        self._choice.output = dataclasses.replace(self._choice.output, **changes)  # type: ignore[arg-type]

    async def _set_dots(self, argument: Fields) -> None:
        self._form(dots=float(min(max(number_of(argument, "xDPI"), 0), 2400)))

    async def _set_quality(self, argument: Fields) -> None:
        self._form(quality=min(max(number_of(argument, "quanlity", "quality", default=55), 1), 100))

    async def _set_watermark(self, argument: Fields) -> None:
        text = text_of(argument, "strMsg")[:LONGEST_TEXT]
        place = number_of(argument, "itype", default=8)
        self._form(watermark=Watermark(text, place if 0 <= place <= 8 else 8) if text else None)

    async def _set_denoising(self, argument: Fields) -> None:
        self._choice.frames = MOST_MERGED if is_on(argument, "IsAvailabel", "IsAvailable") else None

    async def _set_control(self, argument: Fields) -> None:
        name = PROPERTIES.get((number_of(argument, "ipara1"), number_of(argument, "ipara2")))
        if name is None:
            raise errors.NotAvailableYet(feature="camSetVideoParameter")
        if number_of(argument, "iflag") == AUTOMATIC:
            await automate(self._session, self._cameras.current, name)
        else:
            value = number_of(argument, "ilvalue")
            await set_control(self._session, self._cameras.current, name, lambda control: value)

    async def _start_captures(self, argument: Fields) -> None:
        """Capture pages that are turned, or at intervals, to files that are numbered from 1."""
        session = self._session
        path = text_of(argument, "filePath")
        stem, _, suffix = path.rpartition(".")
        seconds = min(max(number_of(argument, "param"), 1), LONGEST_INTERVAL)
        seconds = seconds if number_of(argument, "type") == 1 else 0
        count = 0
        await session.files.check(f"{stem}1.{suffix}", SUFFIXES)

        async def receive(outcome: PageOutcome) -> None:
            nonlocal count
            if isinstance(outcome, GaopaiError):
                log.warning("an automatic capture failed: error %d", outcome.code)
                return
            count += 1
            await session.files.save(f"{stem}{count}.{suffix}", [outcome.data])
            # Pages look for the picture when the seconds are full; a page that was turned has none.
            await self._tell(seconds)
            await self._count(seconds)

        self.close()
        kind = format_of(path)
        await session.capture_automatically(
            self._cameras.current, self._cameras.settings(), receive, float(seconds), kind
        )
        self._countdown = supervise("countdown to a capture", lambda: self._count(seconds), restart=False)

    async def _count(self, seconds: int) -> None:
        """Tell of the seconds until the next capture as they pass."""
        for passed in range(1, seconds):
            await asyncio.sleep(1)
            await self._tell(passed)

    async def _tell(self, seconds: int) -> None:
        await self._outbox.answer(encoded("AutoCaptureBack", str(seconds)))

    async def _stop_captures(self, argument: Fields) -> None:
        self.close()
        await self._session.stop_captures(self._cameras.current)

    async def _record(self, argument: Fields) -> None:
        await record(self._session, self._cameras.current, text_of(argument, "filePath"))

    async def _stop_record(self, argument: Fields) -> None:
        if self._session.recording is not None:
            await stop_recording(self._session)


def _at(values: Sequence[T], argument: Fields) -> T:
    index = number_of(argument, "index")
    if not 0 <= index < len(values):
        raise errors.BadParameter(field="index", reason=NO_SUCH)
    return values[index]
