"""A thread for calls that block, perhaps for ever."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")

LINGER_SECONDS = 2.0
"""The thread outlives its last job by so long: a card takes many, one after the other."""


class SerialExecutor:
    """Does one job after the other, in their order.

    A call of PC/SC cannot be broken off: one whose caller has given up goes on, and jobs behind it wait. The
    thread is there while there are jobs. It is a daemon, because such a call must not keep the process.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._lock = threading.Lock()
        self._running = False

    async def call(self, job: Callable[[], T], seconds: float) -> T:
        """Do `job` and return its result.

        Raises
        ------
        TimeoutError
            It took too long, and goes on; or those before it did, and it will not be begun.
        """
        async with asyncio.timeout(seconds):
            return await asyncio.wrap_future(self.post(job))

    def post(self, job: Callable[[], T]) -> Future[T]:
        """Have `job` done; nobody needs to wait for it."""
        future: Future[T] = Future()
        with self._lock:
            self._jobs.put((future, job))
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name=self._name, daemon=True).start()
        return future

    def _run(self) -> None:
        while True:
            try:
                future, job = self._jobs.get(timeout=LINGER_SECONDS)
            except Empty:
                with self._lock:
                    if self._jobs.empty():
                        self._running = False
                        return
            else:
                _do(future, job)
                # While the next is waited for, nothing may keep what a card said.
                del future, job


def _do(future: Future[Any], job: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(job())
    except Exception as exc:  # noqa: BLE001 - the caller's, whatever it is
        future.set_exception(exc)
