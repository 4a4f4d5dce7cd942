"""The portrait of a resident ID card: WLT, which only closed libraries decode; the user names one.

Such a library is a stranger's machine code that is fed what a card says. It runs in a process of its own,
which has nothing but the portrait, may write no file, and is ended when it takes too long.
"""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from imgcore import codec
from imgcore.types import Image, ImageError
from server.children.async_child import AsyncChild, ChildEnded, start_child
from server.children.child import ChildSpec, Exit
from server.children.confinement import Profile
from server.devices.adapters.samv import portrait_worker
from server.devices.adapters.samv.portrait_worker import CHANNELS, HEIGHT, RAW_BYTES, WIDTH
from server.errors import LocalizedText, PortraitNotDecoded
from server.storage.private_file import is_trusted

WLT_BYTES = 1024
"""Bytes of a portrait as the card holds it."""
MAGIC = b"WLf\0"
"""Bytes with which a portrait in the WLT format begins."""
SECONDS = 5.0
"""Seconds that decoding a portrait may take; libraries take some milliseconds."""
MEGABYTES = 512
"""Address space of the process in MiB, most of it Python's."""

_BMP_ROW = (WIDTH * CHANNELS + 3) // 4 * 4
"""Bytes of a row in a BMP file of a portrait: rows end on a word of 4 bytes."""

_NOT_WLT = LocalizedText("不是 WLT 格式", "it is not in the WLT format")
_NO_START = LocalizedText("无法启动解码进程", "the decoder's process cannot be started")
_SLOW = LocalizedText(
    "解码库没有在 {seconds} 秒内完成", "the library did not finish within {seconds} seconds"
)
_MISSING = LocalizedText("没有解码库", "the library is not there")
_STRANGE = LocalizedText(
    "解码库或其所在文件夹不属于 root，或可被他人修改",
    "the library, or a folder on the way to it, does not belong to root or can be changed by others",
)
_CRASHED = LocalizedText("解码库崩溃（{signal}）", "the library crashed ({signal})")
_NO_PICTURE = LocalizedText("解码库没有给出图像", "the library gave no picture")
_EXITS: dict[int | None, LocalizedText] = {
    portrait_worker.NO_LIBRARY: LocalizedText("解码库无法加载", "the library cannot be loaded"),
    portrait_worker.NO_FUNCTION: LocalizedText(
        "解码库没有函数 {function}", "the library has no function {function}"
    ),
}
"""Reasons why a portrait was not decoded, by the exit code of the process."""


@dataclass(frozen=True, slots=True)
class Decoder:
    """A library of the user's.

    Attributes
    ----------
    library
        A shared object for this machine's processor.
    function
        ``int f(char *wlt, char *picture, int)``, or the same without the last argument. Into `picture` goes a
        BMP file, or its pixels alone: 102 x 126, BGR, the lowest row first.
    seconds, megabytes
        The most that the process may take.
    owners
        Users beside root to whom the library may belong.
    """

    library: Path
    function: str = "unpack"
    seconds: float = SECONDS
    megabytes: int = MEGABYTES
    owners: frozenset[int] = frozenset()

    async def decode(self, wlt: bytes) -> bytes:
        """Decode a portrait to PNG.

        Parameters
        ----------
        wlt
            1024 bytes as the card holds them.
        """
        if len(wlt) != WLT_BYTES or not wlt.startswith(MAGIC):
            raise PortraitNotDecoded(reason=_NOT_WLT)
        pixels = await self._unpack(await asyncio.to_thread(self._trusted), wlt)
        return await asyncio.to_thread(_encoded, pixels)

    def _trusted(self) -> Path:
        """Return the library's own path, without symbolic links on the way: those could be exchanged."""
        try:
            library = self.library.resolve(strict=True)
            if is_trusted(library, self.owners):
                return library
        except OSError as exc:
            raise self._failed(_MISSING) from exc
        raise self._failed(_STRANGE)

    async def _unpack(self, library: Path, wlt: bytes) -> bytes:
        """Return what the library makes of a portrait."""
        limits = {"CPU": round(self.seconds) + 1, "AS": self.megabytes << 20, "FSIZE": 0}
        spec = ChildSpec(portrait_worker.__name__, limits=limits, untrusted=True, profile=profile_of(library))
        try:
            child = await start_child(AsyncChild, spec, library, self.function)
        except OSError as exc:
            raise PortraitNotDecoded(reason=_NO_START) from exc
        try:
            child.send(wlt)
            return (await child.listen(bytes, self.seconds))[0]
        except TimeoutError:
            raise self._failed(_SLOW, seconds=f"{self.seconds:g}") from None
        except ChildEnded as ended:
            raise self._ended(ended.exit) from None
        finally:
            await child.finish()

    def _ended(self, ended: Exit) -> PortraitNotDecoded:
        if ended.code is not None and ended.code < 0:
            return self._failed(_CRASHED, signal=ended.how)
        return self._failed(_EXITS.get(ended.code, _NO_PICTURE), function=self.function)

    def _failed(self, reason: LocalizedText, **values: str) -> PortraitNotDecoded:
        return PortraitNotDecoded(
            reason=LocalizedText(reason.zh.format(**values), reason.en.format(**values))
        )


def profile_of(library: Path) -> Profile:
    """Return the rights of a library's process: what lies beside the library."""
    return Profile(reads=(str(library.parent),))


def _encoded(pixels: bytes) -> bytes:
    try:
        return codec.encode(_picture(pixels), "png")
    except (ImageError, ValueError, struct.error) as exc:
        raise PortraitNotDecoded(reason=_NO_PICTURE) from exc


def _picture(output: bytes) -> Image:
    """Return the pixels of a BMP file, or of rows from the lowest one up.

    Raises
    ------
    ValueError, struct.error
        It is neither; only the one kind of BMP is read that portraits are, and by no decoder.
    """
    if not output.startswith(b"BM"):
        return _upright(output[:RAW_BYTES], WIDTH * CHANNELS)
    start, _, width, height, _, bits, packed = struct.unpack_from("<IIiiHHI", output, 10)
    if (width, height, bits, packed) != (WIDTH, HEIGHT, 8 * CHANNELS, 0):
        raise ValueError("it is no portrait")
    return _upright(output[start : start + HEIGHT * _BMP_ROW], _BMP_ROW)


def _upright(rows: bytes, row_bytes: int) -> Image:
    lowest_first = np.frombuffer(rows, np.uint8).reshape(HEIGHT, row_bytes)[:, : WIDTH * CHANNELS]
    return np.ascontiguousarray(lowest_first[::-1].reshape(HEIGHT, WIDTH, CHANNELS))
