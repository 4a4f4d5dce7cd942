"""Configuration file of the service, as the settings view reads, checks and writes it."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from server.access.origins import BadOrigin
from server.admin.api import CHANGED, NO_FILE, NOT_WRITABLE, AdminRefusal, invalid
from server.config import Config, ConfigError
from server.errors import LocalizedText
from server.storage.atomic import write_private

UNREADABLE = LocalizedText("不能读取 {path}（{reason}）", "{path} cannot be read ({reason})")
UNWRITTEN = LocalizedText("没有写入 {path}（{reason}）", "{path} was not written ({reason})")


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """Configuration file.

    Attributes
    ----------
    path
        None if the service was started without one.
    load
        Reads the file as the service does at start, with the command line over it.
    parse
        Parses a text likewise and checks all that a start checks; raises `ConfigError` or `BadOrigin`.
    """

    path: Path | None
    load: Callable[[], Config]
    parse: Callable[[str], Config]

    def read(self) -> str:
        """Return the text, line ends as they are."""
        path = self._named()
        try:
            return path.read_bytes().decode("utf-8")
        except OSError as exc:
            raise AdminRefusal(500, UNREADABLE.filled(path=path, reason=exc.strerror)) from exc
        except UnicodeDecodeError as exc:
            raise AdminRefusal(500, UNREADABLE.filled(path=path, reason="UTF-8")) from exc

    def check(self, text: str) -> Config:
        """Return the configuration of a text.

        Raises
        ------
        AdminRefusal
            The service would not start with it.
        """
        try:
            return self.parse(text)
        except (ConfigError, BadOrigin) as exc:
            raise invalid(str(exc)) from exc

    def is_writable(self) -> bool:
        """Return whether this account may replace the file."""
        if self.path is None:
            return False
        path = self.path.resolve()
        return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK | os.X_OK)

    def write(self, text: str, stamp: str) -> None:
        """Write a text that was checked, whole or not at all, with the permissions that the file has.

        Parameters
        ----------
        stamp
            Stamp of the text from which the change was made; see `stamp_of`.
        """
        path = self._named()
        if not self.is_writable():
            raise AdminRefusal(403, NOT_WRITABLE.filled(path=path))
        if stamp_of(self.read()) != stamp:
            raise AdminRefusal(409, CHANGED)
        try:
            true = path.resolve()
            write_private(true, text.encode(), stat.S_IMODE(true.stat().st_mode))
        except OSError as exc:
            raise AdminRefusal(500, UNWRITTEN.filled(path=path, reason=exc.strerror)) from exc

    def _named(self) -> Path:
        if self.path is None:
            raise AdminRefusal(409, NO_FILE)
        return self.path


def stamp_of(text: str) -> str:
    """Return a digest of a text, by which a change of the file in between is noticed."""
    return hashlib.sha256(text.encode()).hexdigest()
