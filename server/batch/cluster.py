"""Working on a Dask cluster: the same function on the same bytes, on other machines."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import cv2

from server.batch.faults import BatchFault
from server.batch.pages import BatchSource, Content, read_content
from server.batch.work import EnhanceRequest, PageResult, enhance_page, reason_of
from server.batch.workers import Job, Jobs
from server.errors import LocalizedText

CONNECT_SECONDS = 20.0
"""Time limit for the connection to the scheduler of a cluster, in seconds."""
ANSWER_SECONDS = 60.0
"""Time limit for fetching a finished answer of some megabytes, in seconds."""
AHEAD = 2
"""Number of pages that are handed out for each thread of the cluster."""

_TICK = 0.2
"""Interval at which it is looked whether the batch is to stop, in seconds, while no page is finished."""


class Cluster:
    """Works on a cluster whose workers have the same version of this program installed.

    They need not see our files: contents are sent, each file's once, and results come back.

    Parameters
    ----------
    address
        The scheduler's, such as ``tcp://10.0.0.5:8786`` or ``tls://...``.

    Raises
    ------
    BatchFault
        The package ``distributed`` is not installed.
    """

    def __init__(self, request: EnhanceRequest, address: str) -> None:
        try:
            # By name: it is optional, and type checkers need not have it.
            self._library: Any = import_module("distributed")
        except ImportError as exc:
            raise BatchFault(
                LocalizedText(
                    "--cluster 需要 Dask：pip install 'gaopai[cluster]'",
                    "--cluster needs Dask: pip install 'gaopai[cluster]'",
                )
            ) from exc
        self._request = request
        self._address = address
        self._finished: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._jobs: dict[Any, Job] = {}
        self._contents: dict[BatchSource, Any] = {}

    def run(self, jobs: Jobs) -> Iterator[tuple[Job, PageResult]]:
        """See `server.batch.workers.PageRunner`.

        Raises
        ------
        BatchFault
            There is no cluster at the address.
        """
        with self._connected() as client:
            while not jobs.stopped:
                yield from self._hand_out(client, jobs)
                if not self._jobs:
                    return
                try:
                    future = self._finished.get(timeout=_TICK)
                except queue.Empty:
                    continue
                yield self._collect(future)

    def _connected(self) -> Any:
        try:
            return self._library.Client(self._address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as exc:
            raise BatchFault(
                LocalizedText(
                    f"无法连接 {self._address} 的集群，请检查地址以及调度器是否运行",
                    f"there is no cluster at {self._address}; check the address and that its scheduler runs",
                )
            ) from exc

    def _hand_out(self, client: Any, jobs: Jobs) -> Iterator[tuple[Job, PageResult]]:
        """Submit as much as keeps the cluster busy; an answer at once for what cannot be read here."""
        room = AHEAD * max(1, sum(client.ncores().values()))
        while len(self._jobs) < room and (job := jobs.take()) is not None:
            try:
                content = self._content(client, job.source)
            except Exception as exc:  # noqa: BLE001 - the same as of a page
                yield job, PageResult(0, failure=reason_of(exc))
                continue
            # Not pure: Dask would keep the answers by the arguments' hash, which costs and gains nothing.
            future = client.submit(_enhance, content, job.page, self._request, pure=False)
            self._jobs[future] = job
            future.add_done_callback(self._finished.put)

    def _content(self, client: Any, source: BatchSource) -> Any:
        if source not in self._contents:
            self._contents[source] = client.scatter(read_content(source.path), hash=False)
        return self._contents[source]

    def _collect(self, future: Any) -> tuple[Job, PageResult]:
        job = self._jobs.pop(future)
        try:
            result: PageResult = future.result(timeout=ANSWER_SECONDS)
        except Exception as exc:  # noqa: BLE001 - whatever befell the worker, the batch goes on
            kind = type(exc).__name__
            result = PageResult(
                0,
                failure=LocalizedText(
                    f"集群未能处理（{kind}）", f"the cluster could not work on it ({kind})"
                ),
            )
        # The pages after the first are handed out next: only a file nobody works on may go.
        if result.pages <= 1 and all(other.source != job.source for other in self._jobs.values()):
            self._contents.pop(job.source, None)
        return job, result


def _enhance(content: Content, page: int, request: EnhanceRequest) -> PageResult:
    # The cluster decides how many pages a machine works on at once; each is to take one core.
    cv2.setNumThreads(1)
    return enhance_page(content, page, request)
