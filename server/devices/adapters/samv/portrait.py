"""The portrait of a resident ID card: WLT, which only closed libraries decode; the user names one.

Such a library is a stranger's machine code that is fed what a card says. It runs in a process of its own,
which has nothing but the portrait, may write no file, and is ended when it takes too long.
"""

from __future__ import annotations

import asyncio
import signal
import struct
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from imgcore import codec
from imgcore.types import Image, ImageError
from server.devices.adapters.samv import portrait_process
from server.devices.adapters.samv.ownership import is_trusted
from server.devices.adapters.samv.portrait_process import CHANNELS, HEIGHT, RAW_BYTES, WIDTH
from server.errors import LocalizedText, PortraitNotDecoded

WLT_BYTES = 1024
MAGIC = b"WLf\0"
SECONDS = 5.0
"""Libraries take some milliseconds."""
MEGABYTES = 512
"""Address space of the process, most of it Python's."""
_SLICE_SECONDS = 0.05
"""How often it is looked whether the portrait is still wanted."""

_BMP_ROW = (WIDTH * CHANNELS + 3) // 4 * 4
"""Bytes of a row, which ends on a word."""

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
_EXITS = {
    portrait_process.NO_LIBRARY: LocalizedText("解码库无法加载", "the library cannot be loaded"),
    portrait_process.NO_FUNCTION: LocalizedText(
        "解码库没有函数 {function}", "the library has no function {function}"
    ),
}


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
        """The portrait as PNG.

        Parameters
        ----------
        wlt
            1024 bytes as the card holds them.

        Raises
        ------
        server.errors.PortraitNotDecoded
        """
        if len(wlt) != WLT_BYTES or not wlt.startswith(MAGIC):
            raise PortraitNotDecoded(reason=_NOT_WLT)
        given_up = threading.Event()
        try:
            return await asyncio.to_thread(self._decode, wlt, given_up)
        finally:
            given_up.set()

    def _decode(self, wlt: bytes, given_up: threading.Event) -> bytes:
        code, output = self._run(self._trusted(), wlt, given_up)
        if code < 0:
            raise self._failed(_CRASHED, signal=signal.Signals(-code).name)
        if code != 0:
            raise self._failed(_EXITS.get(code, _NO_PICTURE), function=self.function)
        try:
            return codec.encode(_picture(output), "png")
        except (ImageError, ValueError, struct.error) as exc:
            raise PortraitNotDecoded(reason=_NO_PICTURE) from exc

    def _trusted(self) -> Path:
        """The library where it lies, without symbolic links on the way: those could be exchanged."""
        try:
            library = self.library.resolve(strict=True)
            if is_trusted(library, self.owners):
                return library
        except OSError as exc:
            raise self._failed(_MISSING) from exc
        raise self._failed(_STRANGE)

    def _run(self, library: Path, wlt: bytes, given_up: threading.Event) -> tuple[int, bytes]:
        """How the process ended, negative for a signal, and what it gave."""
        until = time.monotonic() + self.seconds
        pending: bytes | None = wlt
        with self._started(library) as process:
            try:
                while time.monotonic() < until and not given_up.is_set():
                    try:
                        output, _ = process.communicate(pending, _SLICE_SECONDS)
                        return process.returncode, output
                    except subprocess.TimeoutExpired:
                        pending = None
            finally:
                process.kill()
        raise self._failed(_SLOW, seconds=f"{self.seconds:g}")

    def _started(self, library: Path) -> subprocess.Popen[bytes]:
        limits = (str(round(self.seconds) + 1), str(self.megabytes))
        try:
            return subprocess.Popen(
                [sys.executable, "-m", portrait_process.__name__, str(library), self.function, *limits],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as exc:
            raise PortraitNotDecoded(reason=_NO_START) from exc

    def _failed(self, reason: LocalizedText, **values: str) -> PortraitNotDecoded:
        return PortraitNotDecoded(
            reason=LocalizedText(reason.zh.format(**values), reason.en.format(**values))
        )


def _picture(output: bytes) -> Image:
    """The pixels of a BMP file, or of rows from the lowest one up.

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
