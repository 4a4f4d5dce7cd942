"""Secrets of targets: in files for the service's account alone, or in the desktop's keyring."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from server.config.targets import KEYRING
from server.errors import LocalizedText
from server.services.upload.targets.port import Reach, TargetRefusal

BYTES = 64 * 1024
"""Limit of such a file, in bytes."""
SERVICE = "gaopai"
"""Name that the keyring has passwords of targets for."""

_OPEN = LocalizedText(
    "其密码文件可被他人读取，请 chmod 600", "others can read the file with its secret; chmod 600 it"
)
_MISSING = LocalizedText("其密码文件无法读取", "the file with its secret cannot be read")
_EMPTY = LocalizedText("其密码文件为空", "the file with its secret is empty")
_NO_KEYRING = LocalizedText(
    "桌面的密钥环无法使用（pip install 'gaopai[keyring]'）",
    "the desktop's keyring cannot be used (pip install 'gaopai[keyring]')",
)
_NOT_IN_KEYRING = LocalizedText(
    "桌面的密钥环中没有其密码（keyring set gaopai 名称）",
    "the desktop's keyring has no secret of it (keyring set gaopai NAME)",
)


async def secret_of(reach: Reach, setting: str) -> str:
    """Return a secret that the configuration names, empty if it names none.

    It is read for each delivery, so that a new password holds at once.

    Raises
    ------
    TargetRefusal
        It is missing, or others can read it; the reason holds neither it nor its path.
    """
    if not setting:
        return ""
    if setting == KEYRING:
        return await reach.pools.run(_from_keyring, reach.name)
    return (await reach.pools.run(private_content, setting)).strip()


def private_content(path: str) -> str:
    """Return the text of a file that nobody but this account and root can read; blocks."""
    try:
        with Path(path).expanduser().open("rb") as file:
            status = os.fstat(file.fileno())
            data = file.read(BYTES)
    except OSError as exc:
        raise TargetRefusal(_MISSING) from exc
    if status.st_uid not in (os.geteuid(), 0) or stat.S_IMODE(status.st_mode) & 0o077:
        raise TargetRefusal(_OPEN)
    if not data.strip():
        raise TargetRefusal(_EMPTY)
    return data.decode(errors="surrogateescape")


def _from_keyring(name: str) -> str:
    try:
        import keyring  # noqa: PLC0415 - as it may be missing

        found = keyring.get_password(SERVICE, name)
    except Exception as exc:
        # Every desktop has errors of its own: locked, refused, not running.
        raise TargetRefusal(_NO_KEYRING) from exc
    if not found:
        raise TargetRefusal(_NOT_IN_KEYRING)
    return str(found)
