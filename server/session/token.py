"""The optional token: a secret that a client knows beside its origin."""

from __future__ import annotations

import hmac
import os
import re
import secrets
import stat
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from server.config import ConfigError

SUBPROTOCOL_PREFIX = "gaopai.token."
QUERY = "token"
FEWEST, MOST = 20, 256
WRONG_UNTIL_WAIT = 10
FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
"""Seconds; doubled with each further wrong one."""
WHO_IS_REMEMBERED = 256

_TOKEN = re.compile(rf"[A-Za-z0-9._~-]{{{FEWEST},{MOST}}}")


class TokenVerdict(Enum):
    """What came of a token."""

    RIGHT = 0
    WRONG = 1
    WAIT = 2


@dataclass(slots=True)
class _Failures:
    count: int = 0
    until: float = 0.0


class Token:
    """Compares what clients show with the secret, ever more slowly where they guess.

    Parameters
    ----------
    secret
        As `read_token` gives it.
    """

    def __init__(self, secret: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._secret = secret.encode()
        self._clock = clock
        self._failures: OrderedDict[str | None, _Failures] = OrderedDict()

    def judge(self, shown: str | None, who: str | None) -> TokenVerdict:
        """Compare.

        Parameters
        ----------
        who
            An origin, None for clients without one: guesses of one are not held against another.
        """
        failures = self._failures.get(who)
        if failures is not None and self._clock() < failures.until:
            return TokenVerdict.WAIT
        if shown is not None and hmac.compare_digest(shown.encode(errors="replace"), self._secret):
            self._failures.pop(who, None)
            return TokenVerdict.RIGHT
        if shown is not None:
            self._note(who)
        return TokenVerdict.WRONG

    def wait_seconds(self, who: str | None) -> int:
        """For how long `who` is not listened to."""
        failures = self._failures.get(who)
        return 0 if failures is None else max(0, round(failures.until - self._clock() + 0.5))

    def _note(self, who: str | None) -> None:
        failures = self._failures.setdefault(who, _Failures())
        self._failures.move_to_end(who)
        failures.count += 1
        if (over := failures.count - WRONG_UNTIL_WAIT) >= 0:
            failures.until = self._clock() + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(over, 20))
        if len(self._failures) > WHO_IS_REMEMBERED:
            self._failures.popitem(last=False)


def shown_token(query: Mapping[str, str], headers: Mapping[str, str]) -> str | None:
    """The token that a request shows: in its query, as a subprotocol, or as an authorization.

    None where there is none, or several that differ, which would be several guesses at once.
    """
    found = set(offered_tokens(headers.get("Sec-WebSocket-Protocol", "")))
    if QUERY in query:
        found.add(query[QUERY])
    scheme, _, credentials = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        found.add(credentials.strip())
    return found.pop() if len(found) == 1 else None


def offered_tokens(protocols: str) -> list[str]:
    """The tokens among the subprotocols that a client offers."""
    offered = (protocol.strip() for protocol in protocols.split(","))
    return [name.removeprefix(SUBPROTOCOL_PREFIX) for name in offered if name.startswith(SUBPROTOCOL_PREFIX)]


def protocols(headers: Mapping[str, str], known: str) -> tuple[str, ...]:
    """The subprotocols that may be confirmed: the `known` one, or that which shows the token.

    A browser hangs up where none of those that it offered is confirmed.
    """
    offered = headers.get("Sec-WebSocket-Protocol", "")
    if known in (name.strip() for name in offered.split(",")):
        return (known,)
    return tuple(SUBPROTOCOL_PREFIX + token for token in offered_tokens(offered))


def new_token() -> str:
    """A secret of 256 bits."""
    return secrets.token_urlsafe(32)


def read_token(path: Path) -> str:
    """The secret in a file, surrounding white space aside.

    Raises
    ------
    ConfigError
        The file cannot be read, others can read or write it, or what it holds is no token.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            text = file.read(MOST + 16).decode("ascii", errors="replace").strip()
    except OSError as exc:
        raise ConfigError(
            f"token_file {path}: cannot be read ({exc.strerror}); make one: gaopai token new"
        ) from exc
    if status.st_uid not in (os.geteuid(), 0) or stat.S_IMODE(status.st_mode) & 0o037:
        raise ConfigError(f"token_file {path}: others can read it; make it yours alone: chmod 600 {path}")
    if not _TOKEN.fullmatch(text):
        raise ConfigError(
            f"token_file {path}: holds no token of {FEWEST} to {MOST} letters, digits and ._~-; "
            "make one: gaopai token new"
        )
    return text
