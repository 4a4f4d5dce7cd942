"""A worker that does as a trap says: a page in the folder `TRAP`, named by what it does to the process."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from server.batch import work
from server.batch.pages import Content
from server.batch.work import EnhanceRequest, PageResult, enhance_page
from server.children import memory
from server.children.channel import Channel

TRAP = "/trap"


def main(channel: Channel) -> None:
    def sprung(content: Content, number: int, request: EnhanceRequest) -> PageResult:
        if isinstance(content, Path) and content.is_relative_to(TRAP):
            spring(content.name, channel)
        return enhance_page(content, number, request)

    work.enhance_page = sprung
    work.main(channel)


def spring(action: str, channel: Channel) -> None:
    match action:
        case "sleep":
            time.sleep(3600.0)
        case "nonsense":
            channel.send(work.DONE, memory.filled([b"\xc1"]))
        case "open file":
            channel.send(work.DONE, memory.bounded(100))
        case _:
            signal.raise_signal(signal.Signals[action])
