"""Camera commands of Eloam WebCamera."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Mapping
from datetime import datetime
from weakref import WeakKeyDictionary

import pybase64

from imgcore.output.finish import OutputSettings
from imgcore.output.watermark import LONGEST_TEXT, Watermark
from imgcore.settings import Crop, ImageType, Rect, Removal, Settings
from server.devices.ports.camera import PixelFormat, Size
from server.dialects.camera_features import record, stop_recording, zoom
from server.dialects.device_session import SavedCapture
from server.dialects.eloam.grammar import Commands, Members
from server.dialects.json_text import Fields, is_on, member, number_of, text_of
from server.dialects.page_session import PageSession
from server.errors import BadParameter, GaopaiError, LocalizedText, NotAvailableYet
from server.services.pictures.order import PictureOrder
from server.storage.paths import PictureFormat, format_of

COMPASS = {0: 0, 1: 2, 2: 6, 3: 8, 4: 4}
"""Places of watermarks: the corners row by row, and the middle."""
QUALITIES = {1: 95, 2: 85, 3: 75, 4: 60, 5: 45}
"""JPEG quality from the best to the smallest files; the service's own for any other."""
PAGE_SECONDS = 3600.0
"""Longest time for which a request for the next page is held open, in seconds."""

COLOURS: Mapping[int, ImageType] = {
    1: ImageType.GREY,
    2: ImageType.BLACK_WHITE,
    3: ImageType.RED_STAMP,
    4: ImageType.COLOUR,
    5: ImageType.COLOUR,
}
FORMATS = {"0": PixelFormat.YUYV, "1": PixelFormat.MJPG}
SIDES = 2
"""Number of cameras that ``video=status`` tells of."""
LONGEST_SIDE = 100_000
"""Number of pixels that neither side of a size chosen by a page may reach."""
NO_SIZE = LocalizedText("它不是分辨率", "it is no resolution")
NO_AREA = LocalizedText("它不是区域", "it is no area")
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
            "video=movedetec": self._next_page,
            "video=record": self._record,
            "videobase64=get": self._picture,
            "stream=zoominout": self._zoom,
            "select=imagearea": self._select,
            "device=getsonixserialnumber": self._serial,
        }

    def prepare(self, session: PageSession, number: int) -> None:
        """Prepare to open a camera: one that was closed is not turned."""
        if not session.is_open(number):
            session.choice(number).turned = 0
            self._senses.pop(session, None)

    async def _close(self, session: PageSession, fields: Fields) -> None:
        await session.close(number_of(fields, "camidx"))

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
        info = await session.info(number_of(fields, "camidx"))
        wanted = FORMATS.get(text_of(fields, "mode", default="1"))
        sizes = [size for kind in info.media if kind.format is wanted for size in kind.sizes]
        if not sizes:
            raise BadParameter(field="mode", reason=LocalizedText("摄像头没有此格式", "the camera lacks it"))
        return {"data": "|".join(f"{size.width}*{size.height}" for size in sizes)}

    async def _choose_size(self, session: PageSession, fields: Fields) -> None:
        width = number_of(fields, "width")
        height = number_of(fields, "height")
        if not (0 < width < LONGEST_SIDE and 0 < height < LONGEST_SIDE):
            raise BadParameter(field="width, height", reason=NO_SIZE)
        number = number_of(fields, "camidx")
        choice = session.choice(number)
        choice.format = FORMATS.get(text_of(fields, "mode", default="1"))
        choice.size = Size(width, height)
        if session.is_open(number):
            await session.open(number)

    async def _equipment(self, session: PageSession, fields: Fields) -> Members:
        return {"data": (await session.info(number_of(fields, "camidx"))).name}

    async def _serial(self, session: PageSession, fields: Fields) -> Members:
        return {"data": (await session.info(number_of(fields, "camidx"))).id}

    async def _deskew(self, session: PageSession, fields: Fields) -> None:
        session.choice(number_of(fields, "camidx")).settings = Settings(deskew=is_on(fields, "open"))

    async def _rotate(self, session: PageSession, fields: Fields) -> None:
        number = number_of(fields, "camidx")
        degrees = _right_angle(fields)
        rotation = self._senses.setdefault(session, _Rotation())
        session.turn(number, rotation.turned(session.choice(number).turned, degrees))

    async def _grab(self, session: PageSession, fields: Fields) -> Members:
        process = member(fields, "image_process_info")
        settings = _settings({**fields, **process}, session.choice(number_of(fields, "camidx")).settings)
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

    async def _picture(self, session: PageSession, fields: Fields) -> Members:
        members = await _captured(session, {**fields, "filepath": "base64"}, Settings())
        return {"data": members["photoBase64"], **members}

    async def _next_page(self, session: PageSession, fields: Fields) -> Members:
        """Wait for a page to be turned; the next is looked for while the page takes this one."""
        number = number_of(fields, "camidx")
        if not is_on(fields, "movedetecflag"):
            await session.stop_captures(number)
            return {"data": ""}
        _prepare(session, fields)
        settings = _settings(fields, session.choice(number).settings)
        folder = text_of(fields, "listpath")
        prefix = text_of(fields, "filepath")
        spelling = ""
        if folder or prefix not in ("", "base64"):
            between = "" if not folder or folder[-1] in "/\\" else "\\"
            spelling = f"{folder}{between}{prefix}{session.turned_pages + 1:04}.jpg"
            await session.files.check(spelling)
        try:
            with session.held():
                async with asyncio.timeout(PAGE_SECONDS):
                    picture = await session.next_page(number, settings)
        except TimeoutError:
            return {"code": "1", "message": "timeout", "data": ""}
        if spelling:
            await session.files.save(spelling, [picture.data])
            session.turned_pages += 1
        return {"data": pybase64.b64encode_as_string(picture.data), "filepath": spelling}

    async def _record(self, session: PageSession, fields: Fields) -> Members:
        """Begin, end or tell of a recording: 100 for none, 101 for one that runs, 102 for one that failed."""
        action = text_of(fields, "action")
        recording = session.recording
        status = "100"
        path = "" if recording is None else recording.spelling
        seconds = 0.0
        if action == "start":
            parameter = {**fields, **member(fields, "parameter")}
            number = number_of(parameter, "camidx")
            status = "101"
            path = await record(session, number, text_of(parameter, "filepath"))
        elif action == "stop":
            seconds = (await stop_recording(session)).seconds
        elif action != "status":
            raise NotAvailableYet(feature="video=record")
        elif recording is not None:
            failed = isinstance(recording.result, GaopaiError)
            status = "102" if failed else "101" if recording.result is None else "100"
            seconds = time.monotonic() - recording.began
        session.note_use()
        return {"status": status, "filepath": path, "time": f"{seconds:.0f}"}

    async def _zoom(self, session: PageSession, fields: Fields) -> None:
        asked = text_of(fields, "zoom", "action", "type", "flag").lower()
        steps = {"in": 1, "zoomin": 1, "1": 1, "out": -1, "zoomout": -1, "0": -1, "-1": -1}.get(asked, 0)
        await zoom(session, number_of(fields, "camidx"), steps)

    async def _select(self, session: PageSession, fields: Fields) -> Members:
        """Cut a file of the page's down to a rectangle."""
        services = session.services
        name = await session.files.name(text_of(fields, "filepath"))
        left, top, right, bottom = (number_of(fields, side) for side in ("left", "top", "right", "bottom"))
        if not (0 <= left < right and 0 <= top < bottom):
            raise BadParameter(field="left, top, right, bottom", reason=NO_AREA)
        settings = Settings(crop=Crop.MANUAL, rect=Rect(left, top, right, bottom))
        order = PictureOrder(settings, name=name)
        made = (await services.processing.process(session.client, name, order)).pictures[0]
        return {"photoBase64": pybase64.b64encode_as_string(made.data)}


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


async def _captured(session: PageSession, fields: Fields, settings: Settings) -> dict[str, object]:
    """Capture, and keep the picture in a file unless the page wants none."""
    number = number_of(fields, "camidx")
    name = str(uuid.uuid4())
    _prepare(session, fields)
    path = text_of(fields, "filepath", default="base64")
    with session.held():
        if path == "base64":
            (picture, *_), path = await session.capture(number, settings), ""
        elif path:
            spelling = f"{path}{name}.jpg" if path[-1] in "/\\" else path
            picture = (await _saved(session, number, settings, spelling)).pictures[0]
            path = spelling
        else:
            saved = await _saved(session, number, settings, f"{TEMPORARY}/{name}.jpg")
            picture = saved.pictures[0]
            path = str(saved.paths[0])
    return {"photoBase64": pybase64.b64encode_as_string(picture.data), "filepath": path, "uuid": name}


def _prepare(session: PageSession, fields: Fields) -> None:
    """Take over the form of captures, which pages send with each of them."""
    choice = session.choice(number_of(fields, "camidx"))
    quality = QUALITIES.get(number_of(fields, "quality"))
    choice.output = OutputSettings(quality=quality, watermark=_watermark(member(fields, "watermark")))
    choice.wider = -number_of(fields, "deskewval")


def _watermark(fields: Fields) -> Watermark | None:
    """Return the watermark of a page; without text it is the time."""
    if not fields:
        return None
    text = text_of(fields, "content") or f"{datetime.now():%Y-%m-%d %H:%M:%S}"
    colour = re.fullmatch("#?([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})", text_of(fields, "color"))
    shown = [int(part, 16) for part in reversed(colour.groups())] if colour else [0, 0, 255]
    return Watermark(
        text=text[:LONGEST_TEXT].replace("\n", " "),
        place=COMPASS.get(number_of(fields, "pos"), 8),
        opacity=1 - min(max(number_of(fields, "transparency"), 0), 255) / 255,
        # Points on a picture of a thousand pixels: the watermark is as large on each size of picture.
        size=min(max(number_of(fields, "fontsize", default=40), 5), 500) / 10,
        colour=(shown[0], shown[1], shown[2]),
    )


async def _saved(session: PageSession, number: int, settings: Settings, spelling: str) -> SavedCapture:
    """Capture to a file; what is returned has a picture that pages can show, whatever the file's format."""
    saved = await session.save(number, settings, spelling)
    if format_of(spelling) is PictureFormat.JPEG:
        return saved
    return SavedCapture(await session.capture(number, settings), saved.paths)
