"""Context that all connections share."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from server.config import LimitsConfig
from server.session.activity import ActivityRecorder
from server.session.dispatcher import Dispatcher
from server.session.limits import ByteBudget, ConnectionLimiter


@dataclass(slots=True)
class ServerContext:
    """Shared objects of all connections.

    Attributes
    ----------
    limits
        Limits of the configuration; replaced when it is reloaded.
    bytes_in_work
        Budget of the messages in work, of all connections together.
    client_ids
        Identifiers of clients, unique while the service runs.
    """

    dispatcher: Dispatcher
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    activity: ActivityRecorder = field(default_factory=ActivityRecorder)
    bytes_in_work: ByteBudget = field(default_factory=ByteBudget)
    connections: ConnectionLimiter = field(default_factory=ConnectionLimiter)
    client_ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))
