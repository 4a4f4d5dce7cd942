"""Forms that were taught: for each one JSON and one small picture, in the folder of decisions."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import cv2
import msgspec
import numpy as np
import pybase64

from imgcore.forms import CheckRule, Form, FormPrint, FormZone, ZoneKind, taught
from imgcore.types import Image, ImageError
from server.errors import LocalizedText
from server.errors.forms import FormDamaged, FormUnknown, FormUnusable
from server.storage.atomic import write_private, writing

FOLDER = "forms"
"""Name of their folder, in that of decisions."""
MOST_ZONES = 500
"""Most zones of a form."""
MOST_FORMS = 100
"""Most forms in a folder: their prints and points take 2 to 3 MB of memory each."""
MOST_BYTES = 8 << 20
"""Limit of an exported form, in bytes."""
_NAME = re.compile(r"\w[\w .()-]{0,63}")
_NAME_BYTES = 200
"""Most bytes of a name: with a version and a suffix it is the name of a file, which may have 255."""
_LONGEST_TICK = 8
"""Most lengths of a tick box for one of its shorter side."""
_NO_PICTURE = LocalizedText("缺少它的图片", "its picture is missing")
_NO_PRINT = LocalizedText(
    "样张除各区域外印刷内容太少，无法与其他表单区分", "the sample has too little print beside its zones"
)
_TOO_LARGE = LocalizedText(f"超过 {MOST_BYTES >> 20} MiB", f"it has more than {MOST_BYTES >> 20} MiB")
_TOO_MANY = LocalizedText(f"已有 {MOST_FORMS} 个表单", f"there are {MOST_FORMS} forms already")
_BAD_NAME = LocalizedText(
    "名称须为 1 到 64 个字母、数字、空格或 . ( ) -",
    "a name has 1 to 64 letters, digits, spaces or . ( ) -, a letter or digit first",
)
_OTHER_NAME = LocalizedText("文件名与内容中的名称不同", "its file has another name than it says within")
_LONG_TICK = LocalizedText(
    f"勾选框的长边超过短边的 {_LONGEST_TICK} 倍", f"a tick box is over {_LONGEST_TICK} times as long as broad"
)
_OUTSIDE = LocalizedText("区域超出样张或为空", "a zone is empty or reaches beyond the sample")
_TWICE = LocalizedText("两个区域同名", "two zones have one name")
_FOREIGN = LocalizedText(
    f"内容不是表单的 JSON，或区域多于 {MOST_ZONES} 个",
    f"it is not the JSON of a form, or has more than {MOST_ZONES} zones",
)

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
Edge = Annotated[float, msgspec.Meta(ge=0, le=100_000)]


class StoredZone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Zone in a file; see `imgcore.forms.FormZone`."""

    name: Word
    kind: ZoneKind
    left: Edge
    top: Edge
    right: Edge
    bottom: Edge
    mask: Annotated[str, msgspec.Meta(max_length=64)] = ""
    check: CheckRule | None = None
    choices: Annotated[tuple[Word, ...], msgspec.Meta(max_length=200)] = ()
    required: bool = False

    @property
    def zone(self) -> FormZone:
        """The zone as it is read."""
        return FormZone(**{name: getattr(self, name) for name in self.__struct_fields__})


class StoredForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Form in a file.

    Attributes
    ----------
    scale
        Pixels of its print for a pixel of the sample.
    picture
        Its print as PNG in base64, in exported files alone; in the folder it lies beside the file.
    """

    name: str
    version: Annotated[int, msgspec.Meta(ge=1)]
    scale: Annotated[float, msgspec.Meta(ge=0.01, le=1)]
    zones: Annotated[tuple[StoredZone, ...], msgspec.Meta(max_length=MOST_ZONES)]
    picture: str = ""


class ZoneList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Zones of a sample, as somebody wrote them."""

    zones: Annotated[tuple[StoredZone, ...], msgspec.Meta(min_length=1, max_length=MOST_ZONES)]


def zones_in(data: bytes) -> tuple[FormZone, ...]:
    """Return the zones that a JSON text lists.

    Raises
    ------
    server.errors.FormUnusable
        It is something else, or has too many zones.
    """
    return tuple(stored.zone for stored in _decoded(data, ZoneList).zones)


class FormFolder:
    """Forms of one folder; blocks.

    Parameters
    ----------
    decode
        Returns the grey picture in a file; raises imgcore.types.ImageError.
    """

    def __init__(self, path: Path, decode: Callable[[bytes], Image]) -> None:
        self.path = path
        self._decode = decode
        self._known: dict[str, tuple[tuple[int, int], Form]] = {}
        self._used = time.monotonic()

    def names(self) -> list[str]:
        """Return the names of all forms."""
        return sorted(path.stem for path in self.path.glob("*.json"))

    def all(self) -> list[Form]:
        """Return all forms; those that have not changed are the same objects as before.

        Raises
        ------
        server.errors.FormDamaged
            One cannot be read.
        """
        return [self.read(name) for name in self.names()]

    def read(self, name: str) -> Form:
        """Return a form.

        Raises
        ------
        server.errors.FormUnknown, server.errors.FormDamaged
        """
        path = self._file(name)
        try:
            status = path.stat()
        except OSError as exc:
            raise FormUnknown(form=name) from exc
        stamp = (status.st_ino, status.st_mtime_ns)
        self._used = time.monotonic()
        known = self._known.get(name)
        if known is None or known[0] != stamp:
            known = self._known[name] = (stamp, self._opened(name))
        return known[1]

    def forget(self, seconds: float) -> None:
        """Give back the memory of all forms if nobody asked for one in so many seconds."""
        if time.monotonic() - self._used >= seconds:
            self._known = {}

    def _opened(self, name: str) -> Form:
        stored = self._stored(name)
        try:
            picture = self._picture(name, stored.version).read_bytes()
        except OSError as exc:
            # Somebody may have taught it anew meanwhile, whose picture has another name.
            if self._stored(name).version != stored.version:
                return self._opened(name)
            raise FormDamaged(form=name, reason=_NO_PICTURE) from exc
        try:
            return self._form(stored, picture)
        except FormUnusable as exc:
            raise FormDamaged(form=name, reason=exc.values["reason"]) from exc

    def teach(self, name: str, sample: Image, zones: tuple[FormZone, ...]) -> Form:
        """Keep a form, as the next version where there is one of its name.

        Raises
        ------
        server.errors.FormUnusable
            The name, a zone or the sample cannot be used.
        """
        self._check_room(name)
        _check(zones, sample.shape[1], sample.shape[0])
        try:
            made = taught(sample, zones)
        except ImageError as exc:
            raise FormUnusable(reason=_NO_PRINT) from exc
        form = Form(name, self._next_version(name) if self._file(name).exists() else 1, made)
        self._write(form)
        return form

    def exported(self, name: str) -> bytes:
        """Return a form as one JSON text, its picture within; raises what `read` does."""
        form = self.read(name)
        return msgspec.json.format(msgspec.json.encode(_as_stored(form, _png(form.print.grey))))

    def imported(self, data: bytes) -> Form:
        """Keep an exported form under its name: as the next version, where there is another of its name.

        Raises
        ------
        server.errors.FormUnusable
            It is no exported form.
        """
        stored = _decoded(data, StoredForm)
        self._check_room(stored.name)
        try:
            picture = pybase64.b64decode(stored.picture, validate=True)
        except ValueError as exc:
            raise FormUnusable(reason=_NO_PICTURE) from exc
        form = self._form(stored, picture)
        if self._file(form.name).exists():
            there = self._there(form.name)
            if there is not None and _alike(there.print, form.print):
                return there
            form = Form(form.name, max(form.version, self._next_version(form.name)), form.print)
        self._write(form)
        return form

    def remove(self, name: str) -> None:
        """Remove a form, a damaged one too; raises server.errors.FormUnknown."""
        path = self._file(name)
        if not path.exists():
            raise FormUnknown(form=name)
        with writing(path.name, self.path):
            path.unlink()
            self._sweep(name)
        self._known.pop(name, None)

    def _there(self, name: str) -> Form | None:
        """Return a form; None where it is damaged, and may be replaced."""
        try:
            return self.read(name)
        except FormDamaged:
            return None

    def _next_version(self, name: str) -> int:
        """Return the version after those whose files are there: of a damaged form the picture tells it."""
        versions = [self._version(path, name) for path in self.path.iterdir()]
        with contextlib.suppress(FormDamaged, FormUnknown):
            versions.append(self._stored(name).version)
        return max(versions, default=0) + 1

    def _write(self, form: Form) -> None:
        """Write the picture, then the file that names its version, then remove older pictures."""
        file = self._file(form.name)
        content = msgspec.json.format(msgspec.json.encode(_as_stored(form, b"")))
        with writing(file.name, self.path):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self._picture(form.name, form.version), _png(form.print.grey))
            write_private(file, content)
            self._sweep(form.name, form.version)

    def _sweep(self, name: str, kept: int = 0) -> None:
        for path in self.path.iterdir():
            if self._version(path, name) not in (0, kept):
                path.unlink(missing_ok=True)

    @staticmethod
    def _version(path: Path, name: str) -> int:
        """Return the version of a form whose picture a file is; 0 where it is none."""
        found = re.fullmatch(rf"{re.escape(name)}@([0-9]{{1,9}})\.png", path.name)
        return int(found[1]) if found else 0

    def _form(self, stored: StoredForm, picture: bytes) -> Form:
        try:
            grey = self._decode(picture)
        except ImageError as exc:
            raise FormUnusable(reason=_NO_PICTURE) from exc
        zones = tuple(one.zone for one in stored.zones)
        _check(zones, (grey.shape[1] + 1) / stored.scale, (grey.shape[0] + 1) / stored.scale)
        made = FormPrint(grey, stored.scale, zones)
        if not made.is_distinct:
            raise FormUnusable(reason=_NO_PRINT)
        return Form(stored.name, stored.version, made)

    def _check_room(self, name: str) -> None:
        if not _may_be_name(name):
            raise FormUnusable(reason=_BAD_NAME)
        names = self.names()
        if name not in names and len(names) >= MOST_FORMS:
            raise FormUnusable(reason=_TOO_MANY)

    def _stored(self, name: str) -> StoredForm:
        try:
            stored = _decoded(self._file(name).read_bytes(), StoredForm)
        except OSError as exc:
            raise FormUnknown(form=name) from exc
        except FormUnusable as exc:
            raise FormDamaged(form=name, reason=exc.values["reason"]) from exc
        if stored.name != name:
            raise FormDamaged(form=name, reason=_OTHER_NAME)
        return stored

    def _file(self, name: str) -> Path:
        if not _may_be_name(name):
            raise FormUnknown(form=name)
        return self.path / f"{name}.json"

    def _picture(self, name: str, version: int) -> Path:
        return self.path / f"{name}@{version}.png"


Content = TypeVar("Content", StoredForm, ZoneList)


def _may_be_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and len(name.encode()) <= _NAME_BYTES


def _check(zones: tuple[FormZone, ...], width: float, height: float) -> None:
    for zone in zones:
        if not (zone.left + 1 < zone.right <= width and zone.top + 1 < zone.bottom <= height):
            raise FormUnusable(reason=_OUTSIDE)
        sides = (zone.right - zone.left, zone.bottom - zone.top)
        if zone.kind is ZoneKind.TICK and max(sides) > _LONGEST_TICK * min(sides):
            raise FormUnusable(reason=_LONG_TICK)
    if len({zone.name for zone in zones}) < len(zones):
        raise FormUnusable(reason=_TWICE)


def _decoded(data: bytes, kind: type[Content]) -> Content:
    if len(data) > MOST_BYTES:
        raise FormUnusable(reason=_TOO_LARGE)
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise FormUnusable(reason=_FOREIGN) from exc


def _alike(one: FormPrint, other: FormPrint) -> bool:
    return one.zones == other.zones and one.scale == other.scale and np.array_equal(one.grey, other.grey)


def _as_stored(form: Form, picture: bytes) -> StoredForm:
    fields = StoredZone.__struct_fields__
    return StoredForm(
        name=form.name,
        version=form.version,
        scale=form.print.scale,
        zones=tuple(StoredZone(**{one: getattr(zone, one) for one in fields}) for zone in form.print.zones),
        picture=pybase64.b64encode_as_string(picture),
    )


def _png(grey: Image) -> bytes:
    return cv2.imencode(".png", grey)[1].tobytes()
