"""Targets: places that files are delivered to, each an adapter of one port, read when it is named."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from server.config.targets import TargetConfig
from server.errors import LocalizedText, TargetRefused, TargetUnknown
from server.protocol.spelling import nearest
from server.services.pools import ThreadPools
from server.services.upload.policy import UploadPolicy
from server.services.upload.targets.port import Delivery, Reach, Receipt, Target, TargetRefusal

_MODULES = ("folder", "http", "sftp", "webdav", "s3", "mail", "paperless", "smb")
"""Names of adapters, each a module here with a function ``target(config, reach)``."""
_TALKATIVE = ("asyncssh", "aiosmtplib", "botocore", "keyring", "smbclient", "smbprotocol", "spnego")
"""Loggers of their libraries, whose lines hold names of files and accounts, and traces of passwords."""


class Targets:
    """Targets of the configuration, by name.

    Parameters
    ----------
    policy
        Judges the addresses of every host.
    """

    def __init__(
        self, configured: Mapping[str, TargetConfig], policy: UploadPolicy, pools: ThreadPools
    ) -> None:
        self._configured = configured
        self._policy = policy
        self._pools = pools
        self._made: dict[str, Target] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all targets."""
        return tuple(self._configured)

    def check(self, name: str) -> None:
        """Raise `TargetUnknown` if there is no target of a name."""
        if name not in self._configured:
            raise TargetUnknown(name=name, nearest=nearest(name, self.names))

    async def deliver(self, name: str, delivery: Delivery) -> Receipt:
        """Deliver a file once.

        Raises
        ------
        TargetUnknown, TargetRefused
        UploadNotAllowed, UploadUnreachable, UploadBroken, UploadRejected, UploadTooLarge
        """
        self.check(name)
        for talkative in _TALKATIVE:
            logging.getLogger(talkative).setLevel(logging.CRITICAL + 1)
        try:
            if name not in self._made:
                # An adapter's library takes a moment to be read.
                self._made[name] = await self._pools.run(self._make, name)
            return await self._made[name].deliver(delivery)
        except TargetRefusal as exc:
            raise TargetRefused(target=name, reason=exc.reason) from exc

    async def close(self) -> None:
        """Close what targets hold between deliveries."""
        for made in self._made.values():
            made.close()

    def _make(self, name: str) -> Target:
        config = self._configured[name]
        adapter = str(config.__struct_config__.tag)
        assert adapter in _MODULES
        try:
            module: Any = import_module(f"{__name__}.{adapter}")
        except ImportError as exc:
            what = f"pip install 'gaopai[{adapter}]'"
            raise TargetRefusal(
                LocalizedText(f"缺少其程序库（{what}）", f"its library is missing ({what})")
            ) from exc
        made: Target = module.target(config, Reach(name, self._policy, self._pools))
        return made
