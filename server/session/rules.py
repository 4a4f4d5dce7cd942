"""The rules of the configuration about who may connect."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from server.config import Access
from server.session.origin import Gate
from server.session.peer import Peers, can_tell, own_users
from server.session.token import Token, read_token

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds until the configuration is read again.

    Attributes
    ----------
    gate
        Of origins and hosts.
    token
        None where none is asked for.
    peers
        None where users are not told apart.
    """

    gate: Gate
    token: Token | None = None
    peers: Peers | None = None

    @classmethod
    def of(cls, access: Access) -> Rules:
        """The rules as configured; reads the token.

        Raises
        ------
        BadOrigin
        ConfigError
        """
        gate = Gate.of(access.origins, access.hosts, access.native_clients)
        token = Token(read_token(Path(access.token_file).expanduser())) if access.token_file else None
        return cls(replace(gate, null_origin=access.null_origin), token, _peers(access))


def _peers(access: Access) -> Peers | None:
    if access.other_users:
        return None
    if not can_tell():
        log.warning("this machine does not tell whose a connection is: programs of all its users are let in")
        return None
    return Peers(own_users())
