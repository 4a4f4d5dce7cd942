"""One upload: what is to be sent where, and how that ended."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from server.errors import (
    GaopaiError,
    UploadBroken,
    UploadRejected,
    UploadTimeout,
    UploadUnreachable,
)

_LATER = (UploadBroken, UploadTimeout, UploadUnreachable)
_BUSY = frozenset({408, 429})


def _new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Upload:
    """What a page asked for; holds personal data, so it is shown nowhere.

    Attributes
    ----------
    url
        As the page gave it.
    page
        The origin of the page, None for a program that is no browser.
    params
        Form fields, sent before the files, in this order.
    files
        Names below the storage root.
    picture
        Sent instead of files where there is one.
    req_id
        JSON text of the request's number.
    id
        The same each time this upload is tried.
    """

    url: str
    page: str | None
    params: Mapping[str, str]
    files: tuple[str, ...] = ()
    picture: bytes | None = None
    req_id: bytes = b'""'
    id: str = field(default_factory=_new_id)

    def __repr__(self) -> str:
        return f"Upload({self.id})"


@dataclass(frozen=True, slots=True, repr=False)
class UploadOutcome:
    """How an upload ended.

    Attributes
    ----------
    error
        None when the server took everything and its answer is complete.
    status
        Of the server's answer, None when there was none.
    response
        The beginning of that answer.
    """

    error: GaopaiError | None
    status: int | None = None
    response: str | None = None

    @property
    def delivered(self) -> bool:
        """Whether the server said that it has everything; its further words may have been cut off."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def may_pass(self) -> bool:
        """Whether the same upload may well succeed later."""
        if self.delivered:
            return False
        if isinstance(self.error, UploadRejected):
            return self.status is not None and (self.status >= 500 or self.status in _BUSY)
        return isinstance(self.error, _LATER)
