"""Pages to be worked on, and the runners that work on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from server.batch.plan import Source
from server.batch.work import PageResult, Request, enhance_page


@dataclass(frozen=True, slots=True)
class Job:
    """One page to be worked on; counted from 1."""

    source: Source
    page: int


class Jobs(Protocol):
    """The source of work for runners."""

    @property
    def stopped(self) -> bool:
        """True once nothing more is wanted, not even pages in work."""

    def take(self) -> Job | None:
        """Return the next job; None where there is none now, though a result may bring more."""


class Runner(Protocol):
    """Something that works on jobs."""

    def run(self, jobs: Jobs) -> Iterator[tuple[Job, PageResult]]:
        """Give results in the order they come, each job's once; few jobs are taken ahead of the results.

        It ends when there are no more jobs, or at once when `jobs.stopped`.
        """


class InProcess:
    """Works in this process: for one picture, which is done before a second process has started."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def run(self, jobs: Jobs) -> Iterator[tuple[Job, PageResult]]:
        """See `Runner`."""
        while not jobs.stopped and (job := jobs.take()) is not None:
            yield job, enhance_page(job.source.path, job.page, self._request)
