"""The decoding process: does one task after the other, from the first to the end of its service."""

from __future__ import annotations

import ctypes
import os
import select

import cv2

from server.children.channel import Channel
from server.decoding import wire
from server.decoding.faults import as_answer
from server.decoding.limits import allow_another_task
from server.decoding.tasks import TaskRunner
from server.runtime.address_space import bound_this_process

REST_SECONDS = 5.0
"""Time without a task after which whatever is open is let go, in seconds."""


def main(channel: Channel, limit_pixels: str) -> None:
    """Serve until the other end hangs up."""
    # There may be a process for each core: threads of a library would only be in the way.
    cv2.setNumThreads(1)
    bound_this_process()
    runner = TaskRunner(int(limit_pixels))
    # The allocator would keep a large file as long as the process lives.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    channel.send(wire.encode(wire.Ready()))
    while True:
        if not select.select([channel], [], [], REST_SECONDS)[0]:
            runner.rest()
            continue
        try:
            data, file = channel.receive()
        except EOFError:
            return
        assert file is not None
        allow_another_task()
        try:
            _serve(channel, runner, wire.decode_task(data), file)
        finally:
            os.close(file)
        if trim is not None:
            trim(0)


def _serve(channel: Channel, runner: TaskRunner, task: wire.Task, file: int) -> None:
    try:
        result = runner.run(task, file)
        if result.pieces is None:
            channel.send(wire.encode(result.answer))
        else:
            channel.send_file(wire.encode(result.answer), result.pieces)
    except Exception as exc:  # noqa: BLE001 - whatever it is, the service says it
        channel.send(wire.encode(as_answer(exc)))
