"""CAMSDK's functions for cameras and captures."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TypeVar

import pybase64

from imgcore.settings import Crop, Fill, ImageType, Rect, Settings
from server.connection.outbox import Outbox
from server.devices.ports.camera import CameraInfo, Size
from server.dialects.camsdk.results import FILE_MARK, SUCCESS, Commands
from server.dialects.device_session import DeviceSession
from server.dialects.json_text import Fields, number_of, text_of
from server.dialects.sockets import LANE, QuietLane
from server.errors import BadParameter, DeviceNotOpen, LocalizedText, MissingParameter, NotAvailableYet

FRAME = b"ImageData$*$"
FOLDER = "D:\\Documents"
READ_BYTES = 32 << 20
COLOURS = {0: ImageType.ORIGINAL, 1: ImageType.GREY, 2: ImageType.BLACK_WHITE}
ADJUSTMENTS: Mapping[int, ImageType] = {
    0: ImageType.ORIGINAL,
    1: ImageType.COLOUR,
    2: ImageType.COLOUR,
    3: ImageType.GREY,
    4: ImageType.BLACK_WHITE,
}
CROPS = {0: Crop.NONE, 1: Crop.SINGLE, 2: Crop.MULTI, 3: Crop.SINGLE}
FILLED = 3
T = TypeVar("T")
NO_SUCH = LocalizedText("没有此编号", "there is no such number")


class CameraFunctions:
    """Functions for cameras, settings and captures."""

    def __init__(self, session: DeviceSession, outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox
        self._current = 0
        self._crop = 0
        self._rect: Rect | None = None
        self._colour = ImageType.ORIGINAL

    @property
    def commands(self) -> Commands:
        """Functions by their names."""
        return {
            "camInitCameraLib": self._begin,
            "camUnInitCameraLib": self._end,
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
        return (await self._session.capture(self._current, self._settings()))[0].data

    # Devices ---------------------------------------------------------------------------

    async def _begin(self, argument: Fields) -> object:
        return SUCCESS

    async def _end(self, argument: Fields) -> object:
        await self._session.close()
        return SUCCESS

    async def _folder(self, argument: Fields) -> object:
        return FOLDER

    async def _names(self, argument: Fields) -> object:
        return [info.name for info in await self._session.cameras()]

    async def _count(self, argument: Fields) -> object:
        return str(len(await self._session.cameras()))

    async def _none(self, argument: Fields) -> object:
        return []

    async def _open(self, argument: Fields) -> object:
        number = number_of(argument, "devIndex")
        width, height = number_of(argument, "width"), number_of(argument, "height")
        if number != self._current:
            # A page that changes devices says nothing of the other one.
            await self._session.close(self._current)
        self._current = number
        self._session.choice(number).size = Size(width, height) if width > 0 < height else None
        await self._session.open(number)
        self._show()
        return SUCCESS

    async def _preview(self, argument: Fields) -> object:
        if not self._session.is_open(self._current):
            raise DeviceNotOpen(opener="camOpenDev")
        return SUCCESS

    def _show(self) -> None:
        # Some pages never ask for a preview: it begins with the camera.
        self._session.stop_preview(self._session.client)
        lane = QuietLane(self._outbox, lambda picture: (FRAME, picture.base64))
        self._outbox.add_lane(LANE, lane)
        self._session.preview(self._session.client, self._current, lane, binary=False)

    async def _close(self, argument: Fields) -> object:
        await self._session.close(number_of(argument, "devIndex", default=self._current))
        return SUCCESS

    async def _sizes(self, argument: Fields) -> object:
        return [f"{size.width}*{size.height}" for size in await self._media_sizes()]

    async def _choose_size(self, argument: Fields) -> object:
        self._session.choice(self._current).size = _at(await self._media_sizes(), argument)
        return await self._reopened()

    async def _formats(self, argument: Fields) -> object:
        return [kind.format.value for kind in (await self._info()).media]

    async def _choose_format(self, argument: Fields) -> object:
        choice = self._session.choice(self._current)
        choice.format = _at([kind.format for kind in (await self._info()).media], argument)
        return await self._reopened()

    async def _reopened(self) -> object:
        if self._session.is_open(self._current):
            await self._session.open(self._current)
        return SUCCESS

    async def _info(self) -> CameraInfo:
        return (await self._session.camera(self._current)).info

    async def _media_sizes(self) -> Sequence[Size]:
        media = (await self._info()).media
        chosen = self._session.choice(self._current).format
        return next((kind.sizes for kind in media if kind.format is chosen), media[0].sizes if media else ())

    # Settings --------------------------------------------------------------------------

    async def _set_crop(self, argument: Fields) -> object:
        self._crop = number_of(argument, "CropType")
        return SUCCESS

    async def _set_rect(self, argument: Fields) -> object:
        left, right = number_of(argument, "left"), number_of(argument, "right")
        top, bottom = number_of(argument, "top"), number_of(argument, "bottom")
        self._rect = Rect(left, top, right, bottom) if 0 <= left < right and 0 <= top < bottom else None
        return SUCCESS

    async def _turn(self, argument: Fields) -> object:
        self._session.turn(self._current, 90 * number_of(argument, "rotateMode"))
        return SUCCESS

    async def _set_colour(self, argument: Fields) -> object:
        self._colour = COLOURS.get(number_of(argument, "itype"), ImageType.ORIGINAL)
        return SUCCESS

    async def _adjust(self, argument: Fields) -> object:
        kind = number_of(argument, "Type")
        if kind not in ADJUSTMENTS:
            raise NotAvailableYet(feature="camSetImageAdjust")
        self._colour = ADJUSTMENTS[kind]
        return SUCCESS

    def _settings(self) -> Settings:
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
        pictures = await self._session.capture(self._current, self._settings())
        wanted = number_of(argument, "nIndex")
        picture = pictures[wanted] if 0 <= wanted < len(pictures) else pictures[0]
        return pybase64.b64encode_as_string(picture.data)

    async def _save(self, argument: Fields) -> object:
        path = text_of(argument, "filePath")
        if not path:
            raise MissingParameter(field="filePath")
        await self._session.save(self._current, self._settings(), path)
        return SUCCESS

    async def _read(self, argument: Fields) -> object:
        files, path = self._session.services.files, text_of(argument, "filePath")
        pools = self._session.services.pools
        data = await pools.run(files.read, self._session.origin, path, READ_BYTES)
        # A path that holds the mark would move the parts.
        shown = path.replace("$*$", "")
        return f"{FILE_MARK}$*${shown}$*$".encode("utf-8", "replace") + pybase64.b64encode(data)


def _at(values: Sequence[T], argument: Fields) -> T:
    index = number_of(argument, "index")
    if not 0 <= index < len(values):
        raise BadParameter(field="index", reason=NO_SUCH)
    return values[index]
