"""Context that all connections share."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from server.access.activity import ActivityRecorder
from server.access.limits import ConnectionLimiter
from server.config import LimitsConfig
from server.connection.byte_budget import ByteBudgets
from server.services.context import Dispatcher


@dataclass(slots=True)
class ServerContext:
    """Shared objects of all connections.

    Attributes
    ----------
    limits
        Limits of the configuration; replaced when it is reloaded.
    bytes_in_work
        Budgets of the messages that arrive, wait or are in work, and of the answers that wait.
    client_ids
        Identifiers of clients, unique while the service runs.
    """

    dispatcher: Dispatcher
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    activity: ActivityRecorder = field(default_factory=ActivityRecorder)
    connections: ConnectionLimiter = field(default_factory=ConnectionLimiter)
    bytes_in_work: ByteBudgets = field(init=False)
    client_ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.bytes_in_work = ByteBudgets(lambda: self.limits)
