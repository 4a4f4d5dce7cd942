"""The portrait of a resident ID card: WLT, which only closed libraries decode; the user names one.

Such a library is a stranger's machine code that is fed what a card says. It runs in a process of its own,
which has nothing but the portrait, may write no file, and is ended when it takes too long.
"""

from __future__ import annotations

import asyncio
import signal
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
from server.devices.adapters.samv.portrait_process import CHANNELS, HEIGHT, RAW_BYTES, WIDTH
from server.errors import PortraitNotDecoded, Text

WLT_BYTES = 1024
MAGIC = b"WLf\0"
SECONDS = 5.0
"""Libraries take some milliseconds."""
MEGABYTES = 512
"""Address space of the process, most of it Python's."""
_SLICE_SECONDS = 0.05
"""How often it is looked whether the portrait is still wanted."""

_NOT_WLT = Text("不是 WLT 格式", "it is not in the WLT format")
_NO_START = Text("无法启动解码进程", "the decoder's process cannot be started")
_SLOW = Text("解码库没有在 {seconds} 秒内完成", "the library did not finish within {seconds} seconds")
_CRASHED = Text("解码库崩溃（{signal}）", "the library crashed ({signal})")
_NO_PICTURE = Text("解码库没有给出图像", "the library gave no picture")
_EXITS = {
    portrait_process.NO_LIBRARY: Text("解码库无法加载", "the library cannot be loaded"),
    portrait_process.NO_FUNCTION: Text("解码库没有函数 {function}", "the library has no function {function}"),
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
    """

    library: Path
    function: str = "unpack"
    seconds: float = SECONDS
    megabytes: int = MEGABYTES

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
        code, output = self._run(wlt, given_up)
        if code < 0:
            raise self._failed(_CRASHED, signal=signal.Signals(-code).name)
        if code != 0:
            raise self._failed(_EXITS.get(code, _NO_PICTURE), function=self.function)
        try:
            return codec.encode(_picture(output), "png")
        except (ImageError, ValueError) as exc:
            raise PortraitNotDecoded(reason=_NO_PICTURE) from exc

    def _run(self, wlt: bytes, given_up: threading.Event) -> tuple[int, bytes]:
        """How the process ended, negative for a signal, and what it gave."""
        until = time.monotonic() + self.seconds
        pending: bytes | None = wlt
        with self._started() as process:
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

    def _started(self) -> subprocess.Popen[bytes]:
        limits = (str(round(self.seconds) + 1), str(self.megabytes))
        try:
            return subprocess.Popen(
                [sys.executable, "-m", portrait_process.__name__, str(self.library), self.function, *limits],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as exc:
            raise PortraitNotDecoded(reason=_NO_START) from exc

    def _failed(self, reason: Text, **values: str) -> PortraitNotDecoded:
        return PortraitNotDecoded(reason=Text(reason.zh.format(**values), reason.en.format(**values)))


def _picture(output: bytes) -> Image:
    """The pixels of a BMP file, or of rows from the lowest one up."""
    if output.startswith(b"BM"):
        return codec.decode(output, WIDTH * HEIGHT)
    rows = np.frombuffer(output[:RAW_BYTES], np.uint8).reshape(HEIGHT, WIDTH, CHANNELS)
    return np.ascontiguousarray(rows[::-1])
