"""Requests of one connection about files that its pages made."""

from __future__ import annotations

from collections.abc import Callable

import pybase64

from server.dialects.device_session import DeviceSession
from server.dialects.doccamera.grammar import Commands, TextCall
from server.errors import GaopaiError
from server.services.upload.transfer import Upload
from server.storage.paths import SUFFIXES

READ_BYTES = 32 << 20
"""Limit of a file that a page reads, in bytes."""
TEMPORARY = "D:\\temp\\"
MOST_FILES = 100
"""Limit of the files of one upload; further ones are left out."""


class StoredFiles:
    """File requests.

    Parameters
    ----------
    current
        Returns the number of the camera in use.
    """

    def __init__(self, session: DeviceSession, current: Callable[[], int]) -> None:
        self._session = session
        self._current = current

    @property
    def commands(self) -> Commands:
        """Requests by their names."""
        return {
            "bSaveJPG": self._save_jpeg,
            "bSaveTIFEx": lambda call: self._save(call, "tif"),
            "Base64Encode": self._read,
            "bDirIsExist": self._folder,
            "bCreateDir": self._folder,
            "bFileExist": self._exists,
            "bDeleteFile": self._delete,
            "sGetTempPath": self._temporary,
            "bUpLoadImage": self._send,
            "sUpLoadImageEx2": self._upload,
        }

    async def _save_jpeg(self, call: TextCall) -> str:
        await self._save(call, "jpg")
        return "true"

    async def _save(self, call: TextCall, suffix: str) -> None:
        settings = self._session.choice(self._current()).settings
        await self._session.save(self._current(), settings, _path(call, suffix))

    async def _read(self, call: TextCall) -> str:
        return pybase64.b64encode_as_string(await self._session.files.read(call.text(0), READ_BYTES))

    async def _folder(self, call: TextCall) -> str:
        """Say whether files can be written to a folder: it is made with the first of them."""
        name = f"{call.text(0).rstrip('/' + chr(92))}/a.jpg"
        try:
            await self._session.files.located(name)
        except GaopaiError:
            return "FALSE"
        return "TRUE"

    async def _exists(self, call: TextCall) -> str:
        try:
            made = await self._session.files.made(call.text(0))
        except GaopaiError:
            made = False
        return "TRUE" if made else "FALSE"

    async def _delete(self, call: TextCall) -> str:
        return "FALSE"

    async def _temporary(self, call: TextCall) -> str:
        return TEMPORARY

    async def _send(self, call: TextCall) -> None:
        await self._upload(call)

    async def _upload(self, call: TextCall) -> str:
        """Send files to the host, port and path that the page names; return the server's answer."""
        spellings = call.text(0).split("|")[:MOST_FILES]
        names = [await self._session.files.name(one) for one in spellings if one]
        host = call.text(1).removeprefix("http://").rstrip("/")
        url = f"http://{host}:{call.number(2, 80)}/{call.text(3).lstrip('/')}"
        outcome = await self._session.services.uploads.send(
            Upload(url, self._session.origin, {}, tuple(names))
        )
        if outcome.error is not None:
            raise outcome.error
        return outcome.response or ""


def _path(call: TextCall, suffix: str) -> str:
    folder = call.text(0)
    name = call.text(1)
    if name:
        folder += "" if not folder or folder[-1] in "/\\" else "\\"
    else:
        folder, name = "", folder
    return f"{folder}{name}" if name.rpartition(".")[2].lower() in SUFFIXES else f"{folder}{name}.{suffix}"
