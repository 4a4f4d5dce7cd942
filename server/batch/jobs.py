"""What there is to do, and who can do it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from server.batch.plan import Source
from server.batch.work import Answer, Request, enhance_page


@dataclass(frozen=True, slots=True)
class Job:
    """One page to be worked on; counted from 1."""

    source: Source
    page: int


class Jobs(Protocol):
    """Where runners get their work from."""

    @property
    def stopped(self) -> bool:
        """Whether nothing more is wanted, not even what is in work."""

    def take(self) -> Job | None:
        """The next job; None where there is none now, though an answer may bring more."""


class Runner(Protocol):
    """Something that works on jobs."""

    def run(self, jobs: Jobs) -> Iterator[tuple[Job, Answer]]:
        """Answers in the order they come, each job's once; few jobs are taken ahead of the answers.

        It ends when there are no more jobs, or at once when `jobs.stopped`.
        """


class Here:
    """Works in this process: for one picture, which is done before a second process has started."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def run(self, jobs: Jobs) -> Iterator[tuple[Job, Answer]]:
        """See `Runner`."""
        while not jobs.stopped and (job := jobs.take()) is not None:
            yield job, enhance_page(job.source.path, job.page, self._request)
