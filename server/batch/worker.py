"""The process that works on one page after the other."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import cv2

from server.batch import wire
from server.batch.work import enhance_page
from server.children.channel import Channel


def main(channel: Channel) -> None:
    """Work until the other end hangs up."""
    # Sent to all processes of a service that stops; the batch ends this one when it has taken note.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    cv2.setNumThreads(1)
    try:
        request = wire.decode_request(channel.receive().data)
        channel.send(wire.READY)
        while True:
            task = wire.decode_task(channel.receive().data)
            result = enhance_page(Path(os.fsdecode(task.path)), task.page, request)
            channel.send_file(wire.DONE, [wire.encode(result)])
    except EOFError:
        return
