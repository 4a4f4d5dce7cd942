"""A driver's process that gives a driver less time after the service has gone."""

from __future__ import annotations

from server.children.channel import Channel
from server.devices.adapters.sane import worker


def main(channel: Channel) -> None:
    worker.HELD_SECONDS = 2.0
    worker.main(channel)
