"""Target: a bucket of S3, or of what is compatible with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from yarl import URL

from server.config.targets import S3Target
from server.errors import UploadBroken
from server.services.upload.post import INCOMPLETE
from server.services.upload.targets.connecting import check_status, session_of
from server.services.upload.targets.port import (
    NAME_TAKEN,
    NO_FOLDER,
    PIECE,
    DeliveredFile,
    Delivery,
    Reach,
    Receipt,
    TargetRefusal,
)
from server.services.upload.targets.secrets import secret_of

_NOTHING = hashlib.sha256(b"").hexdigest()
EXISTS = (409, 412)
"""Statuses of a PUT that was not to replace an object, where there is one or another is just being put."""


class _Signer(S3SigV4Auth):  # type: ignore[misc]
    """Signature of a body that is known by its hash alone."""

    def payload(self, request: Any) -> str:
        return str(request.context["sha256"])


@dataclass(slots=True)
class _Bucket:
    """Bucket while a connection lasts; an object is there as a whole or not at all."""

    session: aiohttp.ClientSession
    url: str
    config: S3Target
    secret: str

    async def is_content(self, name: str, file: DeliveredFile) -> bool | None:
        """Return whether an object is this file, None if there is none of that name."""
        async with self._request("HEAD", name, {}) as response:
            if response.status == 404:
                return None
            check_status(response.status)
            if response.content_length != file.size:
                return False
        found = hashlib.sha256()
        async with self._request("GET", name, {}) as response:
            check_status(response.status)
            async for data in response.content.iter_chunked(PIECE):
                found.update(data)
        return found.hexdigest() == file.sha256

    async def put(self, name: str, file: DeliveredFile) -> bool:
        """Put an object; return False where there is one of that name."""
        headers = {"Content-Length": str(file.size), "If-None-Match": "*"}
        async with self._request("PUT", name, headers, file) as response:
            if response.status in EXISTS:
                return False
            if response.status == 404:
                raise TargetRefusal(NO_FOLDER)
            check_status(response.status)
            return True

    def _request(
        self, method: str, name: str, headers: dict[str, str], file: DeliveredFile | None = None
    ) -> aiohttp.client._RequestContextManager:
        address = f"{self.url.rstrip('/')}/{quote(self.config.bucket, safe='')}/{quote(name, safe='/~')}"
        request = AWSRequest(method, address, headers={"Accept-Encoding": "identity", **headers})
        request.context["sha256"] = _NOTHING if file is None else file.sha256
        credentials = Credentials(self.config.access_key, self.secret)
        _Signer(credentials, "s3", self.config.region).add_auth(request)
        return self.session.request(
            method,
            URL(address, encoded=True),
            data=None if file is None else file.pieces(),
            headers=dict(request.headers.items()),
            skip_auto_headers=("Content-Type", "User-Agent"),
            allow_redirects=False,
        )


@dataclass(frozen=True, slots=True)
class S3Service:
    """Service with a bucket for deliveries."""

    config: S3Target
    reach: Reach

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Put the file as an object that replaces none."""
        file = delivery.file
        secret = await secret_of(self.reach, self.config.secret)
        async with session_of(self.reach, self.config.url, self.config.authorities) as (session, destination):
            bucket = _Bucket(session, str(destination.url), self.config, secret)
            for own in file.names():
                name = self.config.prefix + own
                same = await bucket.is_content(name, file)
                if same is None:
                    if await bucket.put(name, file):
                        return Receipt(name)
                    same = await bucket.is_content(name, file)
                if same:
                    return Receipt(name, already=True)
                if same is None:
                    # Another attempt is just putting it: whether it will be there is not known yet.
                    raise UploadBroken(reason=INCOMPLETE)
        raise TargetRefusal(NAME_TAKEN)

    def close(self) -> None:
        """Do nothing: each delivery has a connection of its own."""


def target(config: S3Target, reach: Reach) -> S3Service:
    """Return the target of a configuration."""
    return S3Service(config, reach)
