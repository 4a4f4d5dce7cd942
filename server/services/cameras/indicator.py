"""Indicator that a camera is in use, for the person in front of it."""

from __future__ import annotations

import asyncio
import html
import logging
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from server.children.program import Program, environment
from server.errors import Language, LocalizedText
from server.runtime.background import supervise
from server.telemetry.printable import printable


@dataclass(frozen=True, slots=True)
class CameraUse:
    """Use of an open camera.

    Attributes
    ----------
    camera
        Name of the camera.
    origin
        Origin of the page, None for a program that is no browser.
    """

    camera: str
    origin: str | None


class CameraIndicator(Protocol):
    """Protocol for an indicator of the cameras in use."""

    def show(self, uses: Sequence[CameraUse]) -> None:
        """Show these uses in place of those before, nothing if there are none; returns at once."""

    async def close(self) -> None:
        """Remove the indicator; no further call follows."""


class NoIndicator:
    """Indicator that shows nothing: there is no desktop, or the administrator switched it off."""

    def show(self, uses: Sequence[CameraUse]) -> None:
        pass

    async def close(self) -> None:
        pass


log = logging.getLogger(__name__)

CALL_SECONDS = 5.0
"""Time limit for the desktop to answer, in seconds; one that does not is not asked again for this change."""
PROGRAM = "busctl"
MOST = 200
"""Characters of a name that are shown."""
_BUS = ("org.freedesktop.Notifications", "/org/freedesktop/Notifications", "org.freedesktop.Notifications")
_SIGNATURE = "susssasa{sv}i"
_NO_ACTIONS = ("0",)
_HINTS = ("2", "urgency", "y", "1", "resident", "b", "true")
_NEVER_EXPIRES = "0"
_TITLE = LocalizedText("摄像头正在使用", "A camera is in use")
_USE = LocalizedText("{camera}：{page}", "{camera}: {page}")
_PROGRAM = LocalizedText("本机程序", "a program of this computer")


def _number(answer: str) -> int:
    """Return the number of a notification from ``u 7``; raises ValueError for another answer."""
    found = re.fullmatch(r"u ([0-9]{1,10})\n?", answer)
    if found is None:
        raise ValueError
    return int(found[1])


def _page(use: CameraUse) -> str | LocalizedText:
    return _PROGRAM if use.origin is None else printable(use.origin, MOST)


def desktop_indicator(wanted: bool, language: Language) -> CameraIndicator:
    """Return an indicator on this user's desktop, or `NoIndicator` where there is no desktop."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    # With sudo it may be another account's, for which pathlib would raise.
    bus = os.environ.get("DBUS_SESSION_BUS_ADDRESS") or (runtime and os.path.exists(f"{runtime}/bus"))  # noqa: PTH110
    program = shutil.which(PROGRAM)
    return DesktopIndicator(program, language) if wanted and bus and program else NoIndicator()


def desktop_language(configured: str) -> Language:
    """Return the user's language: as configured, else as the desktop's, else Chinese."""
    if configured != "auto":
        return "en" if configured == "en" else "zh"
    return "en" if os.environ.get("LANG", "").startswith("en") else "zh"


class DesktopIndicator:
    """Desktop notification for all cameras, replaced with each change and closed after the last.

    Parameters
    ----------
    program
        Path of ``busctl``.
    """

    def __init__(self, program: str, language: Language) -> None:
        self._program = program
        self._language = language
        self._uses: Sequence[CameraUse] = ()
        self._notification = 0
        self._failing = False
        self._task: asyncio.Task[None] | None = None

    def show(self, uses: Sequence[CameraUse]) -> None:
        self._uses = uses
        if self._task is None or self._task.done():
            self._task = supervise("desktop notification", self._catch_up)

    async def close(self) -> None:
        self.show(())
        if self._task is not None:
            await self._task

    async def _catch_up(self) -> None:
        """Show the newest uses; those that came while the desktop was busy are skipped."""
        uses = None
        while uses is not self._uses:
            uses = self._uses
            try:
                await self._notify(uses)
                self._failing = False
            except (OSError, TimeoutError, ValueError) as error:
                self._warn_once(error)

    def _warn_once(self, error: Exception) -> None:
        if not self._failing:
            log.warning("the desktop does not show that a camera is in use: %s", type(error).__name__)
        self._failing = True

    async def _notify(self, uses: Sequence[CameraUse]) -> None:
        if uses:
            title = _TITLE.fill(self._language, {})
            words = ("gaopai", str(self._notification), "camera-web", title, self._body(uses))
            call = ("Notify", _SIGNATURE, *words, *_NO_ACTIONS, *_HINTS, _NEVER_EXPIRES)
            self._notification = _number(await self._call(*call))
        elif self._notification:
            notification = self._notification
            self._notification = 0
            await self._call("CloseNotification", "u", str(notification))

    def _body(self, uses: Sequence[CameraUse]) -> str:
        lines = (
            _USE.fill(self._language, {"camera": printable(use.camera, MOST), "page": _page(use)})
            for use in uses
        )
        return html.escape("\n".join(lines), quote=False)

    async def _call(self, *words: str) -> str:
        # Behind the two dashes nothing is an option, as a camera's name would be that begins with one.
        command = (self._program, "--user", "--", "call", *_BUS, *words)
        variables = environment("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")
        answer = await Program(command, variables).run_async(CALL_SECONDS)
        if answer.code:
            raise OSError(answer.code, "the desktop refuses")
        return answer.output.decode()
