"""Camera commands of Eloam WebCamera."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from weakref import WeakKeyDictionary

import pybase64

from imgcore.settings import Crop, ImageType, Removal, Settings
from server.devices.ports.camera import CameraInfo, PixelFormat, Size
from server.dialects.device_session import SavedCapture
from server.dialects.eloam.grammar import Commands, Members
from server.dialects.json_text import Fields, is_on, member, number_of, text_of
from server.dialects.page_session import PageSession
from server.errors import BadParameter, LocalizedText, NoSuchDevice
from server.storage.paths import PictureFormat, format_of

log = logging.getLogger(__name__)

COLOURS: Mapping[int, ImageType] = {
    1: ImageType.GREY,
    2: ImageType.BLACK_WHITE,
    3: ImageType.RED_STAMP,
    4: ImageType.COLOUR,
    5: ImageType.COLOUR,
}
FORMATS = {"0": PixelFormat.YUYV, "1": PixelFormat.MJPG}
SIDES = 2
"""Cameras that ``video=status`` tells of."""
LONGEST_SIDE = 100_000
NO_SIZE = LocalizedText("它不是分辨率", "it is no resolution")
TEMPORARY = "temp"
"""Folder below the storage root of pictures for which the page names no file."""


class CameraCommands:
    """Commands for cameras and captures."""

    def __init__(self) -> None:
        self._senses: WeakKeyDictionary[PageSession, _Rotation] = WeakKeyDictionary()

    @property
    def commands(self) -> Commands:
        """Commands by their names."""
        return {
            "video=close": self._close,
            "video=status": self._status,
            "camera=state": self._state,
            "device=isconnect": self._count,
            "device=getresolution": self._sizes,
            "device=setresolution": self._choose_size,
            "device=getequipmenttype": self._equipment,
            "dvideo=cameradeskew": self._deskew,
            "video=rotate": self._rotate,
            "video=grabimage": self._grab,
            "video=autoflat": self._flatten,
        }

    def prepare(self, session: PageSession, number: int) -> None:
        """Prepare to open a camera: one that was closed is not turned."""
        if not session.is_open(number):
            session.choice(number).turned = 0
            self._senses.pop(session, None)

    async def _close(self, session: PageSession, fields: Fields) -> Members:
        await session.close(number_of(fields, "camidx"))
        return {}

    async def _status(self, session: PageSession, fields: Fields) -> Members:
        present = len(await session.cameras())
        states = ("run" if session.is_open(side) else "ok" for side in range(present))
        return {f"video{side}": next(states, "no") for side in range(SIDES)}

    async def _state(self, session: PageSession, fields: Fields) -> Members:
        cameras = range(len(await session.cameras()))
        return {"state": ",".join("opened" if session.is_open(number) else "closed" for number in cameras)}

    async def _count(self, session: PageSession, fields: Fields) -> Members:
        return {"data": str(len(await session.cameras()))}

    async def _sizes(self, session: PageSession, fields: Fields) -> Members:
        info = await _info(session, fields)
        wanted = FORMATS.get(text_of(fields, "mode", default="1"))
        sizes = [size for kind in info.media if kind.format is wanted for size in kind.sizes]
        if not sizes:
            raise BadParameter(field="mode", reason=LocalizedText("摄像头没有此格式", "the camera lacks it"))
        return {"data": "|".join(f"{size.width}*{size.height}" for size in sizes)}

    async def _choose_size(self, session: PageSession, fields: Fields) -> Members:
        width, height = number_of(fields, "width"), number_of(fields, "height")
        if not (0 < width < LONGEST_SIDE and 0 < height < LONGEST_SIDE):
            raise BadParameter(field="width, height", reason=NO_SIZE)
        number = number_of(fields, "camidx")
        choice = session.choice(number)
        choice.format, choice.size = FORMATS.get(text_of(fields, "mode", default="1")), Size(width, height)
        if session.is_open(number):
            await session.open(number)
        return {}

    async def _equipment(self, session: PageSession, fields: Fields) -> Members:
        return {"data": (await _info(session, fields)).name}

    async def _deskew(self, session: PageSession, fields: Fields) -> Members:
        session.choice(number_of(fields, "camidx")).settings = Settings(deskew=is_on(fields, "open"))
        return {}

    async def _rotate(self, session: PageSession, fields: Fields) -> Members:
        number = number_of(fields, "camidx")
        degrees = _right_angle(fields)
        rotation = self._senses.setdefault(session, _Rotation())
        session.turn(number, rotation.turned(session.choice(number).turned, degrees))
        return {}

    async def _grab(self, session: PageSession, fields: Fields) -> Members:
        process = member(fields, "image_process_info")
        settings = _settings({**fields, **process}, session.choice(number_of(fields, "camidx")).settings)
        if member(fields, "watermark"):
            log.info("a watermark was asked for, which captures do not have")
        members = await _captured(session, fields, settings)
        if process:
            members["images"] = [{"base64": members["photoBase64"]}]
        return members

    async def _flatten(self, session: PageSession, fields: Fields) -> Members:
        removal = Removal.FINGERS if is_on(member(fields, "autoflat"), "removefinger") else Removal.NONE
        settings = Settings(crop=Crop.CURVE, removal=removal, rotate=-_right_angle(fields) % 360)
        members = await _captured(session, fields, settings)
        halves = ("leftphotoBase64", "rightphotoBase64", "leftuuid", "rightuuid", "leftfilepath")
        return {**members, **dict.fromkeys((*halves, "rightfilepath"), "")}


class _Rotation:
    """Rotations that a page asked for: 90 is to the left, but to the right for pages that send -90, too."""

    def __init__(self) -> None:
        self._asked = 0
        self._sign = -1

    def turned(self, now: int, degrees: int) -> int:
        """Return the degrees clockwise after one more rotation."""
        self._asked += degrees
        if degrees < 0:
            self._sign = 1
        # On leaving, such pages take back all that they asked for.
        return 0 if self._asked == 0 else now + self._sign * degrees


def _right_angle(fields: Fields) -> int:
    degrees = number_of(fields, "rotate")
    if degrees % 90 or abs(degrees) > 360:
        raise BadParameter(
            field="rotate", reason=LocalizedText("它不是 90 的倍数", "it is no multiple of 90")
        )
    return degrees


def _settings(fields: Fields, kept: Settings) -> Settings:
    cut = is_on(fields, "cutpage", "cut_type")
    return Settings(
        crop=Crop.SINGLE if cut else Crop.NONE,
        image_type=COLOURS.get(number_of(fields, "ColorMode", "ClolorMode"), ImageType.ORIGINAL),
        deskew=kept.deskew or is_on(fields, "deskew"),
        rotate=-_right_angle(fields) % 360,
    )


async def _info(session: PageSession, fields: Fields) -> CameraInfo:
    cameras, number = await session.cameras(), number_of(fields, "camidx")
    if not 0 <= number < len(cameras):
        raise NoSuchDevice(device=number)
    return cameras[number]


async def _captured(session: PageSession, fields: Fields, settings: Settings) -> dict[str, object]:
    """Capture, and keep the picture in a file unless the page wants none."""
    number, name = number_of(fields, "camidx"), str(uuid.uuid4())
    path = text_of(fields, "filepath", default="base64")
    with session.held():
        if path == "base64":
            (picture, *_), path = await session.capture(number, settings), ""
        elif path:
            spelling = f"{path}{name}.jpg" if path[-1] in "/\\" else path
            picture, path = (await _saved(session, number, settings, spelling)).pictures[0], spelling
        else:
            saved = await _saved(session, number, settings, f"{TEMPORARY}/{name}.jpg")
            picture, path = saved.pictures[0], str(saved.paths[0])
    return {"photoBase64": pybase64.b64encode_as_string(picture.data), "filepath": path, "uuid": name}


async def _saved(session: PageSession, number: int, settings: Settings, spelling: str) -> SavedCapture:
    """Capture to a file; what is returned has a picture that pages can show, whatever the file's format."""
    saved = await session.save(number, settings, spelling)
    if format_of(spelling) is PictureFormat.JPEG:
        return saved
    return SavedCapture(await session.capture(number, settings), saved.paths)
