"""What a decoding process does from its first job to the end of its service."""

from __future__ import annotations

import os
import select
import socket

import cv2

from server.children import memory
from server.decoding import wire
from server.decoding.faults import told
from server.decoding.limits import allow_another_job
from server.decoding.tasks import Tasks

REST_SECONDS = 5.0
"""After so long without a job what is open is let go."""


def serve(channel: socket.socket, limit_pixels: int) -> None:
    """Answer jobs until the other end hangs up."""
    # There may be a process for each core: threads of a library would only be in the way.
    cv2.setNumThreads(1)
    tasks = Tasks(limit_pixels)
    wire.send(channel, wire.Ready())
    while True:
        if not select.select([channel], [], [], REST_SECONDS)[0]:
            tasks.rest()
            continue
        try:
            job, file = wire.receive_job(channel)
        except (EOFError, ConnectionError):
            return
        allow_another_job()
        try:
            _answer(channel, tasks, job, file)
        finally:
            os.close(file)


def _answer(channel: socket.socket, tasks: Tasks, job: wire.AnyJob, file: int) -> None:
    try:
        done = tasks.do(job, file)
        made = None if done.pieces is None else memory.filled(done.pieces)
    except Exception as exc:  # noqa: BLE001 - whatever it is, the service says it
        wire.send(channel, told(exc))
        return
    try:
        wire.send(channel, done.answer, made)
    finally:
        if made is not None:
            os.close(made)
