"""A batch from the first file to the last: shares out pages, writes results, remembers, goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server.archive.pdfa import archived
from server.batch.faults import PageFault
from server.batch.journal import Done, Journal, SourceIdentity
from server.batch.pages import PARTS, BatchSource, OutputWriter, join, names
from server.batch.report import Progress, Record, Report
from server.batch.work import EnhanceRequest, PageResult, reason_of
from server.batch.workers import Job, PageRunner
from server.errors import LocalizedText

WHOLE = 0
"""Number that stands for all pages of a joined file, in place of that of one page."""


@dataclass(frozen=True, slots=True)
class Sinks:
    """Everything a batch writes to.

    Attributes
    ----------
    journal
        None where nothing is to be remembered.
    """

    output: OutputWriter
    journal: Journal | None
    report: Report
    progress: Progress


class Batch:
    """Hands pages to a runner and deals with their results; implements `server.batch.workers.Jobs`.

    Parameters
    ----------
    sources
        Taken one by one as the runner asks for work.
    force
        Work on everything, whatever earlier runs have done.
    """

    def __init__(
        self, sources: Iterator[BatchSource], request: EnhanceRequest, sinks: Sinks, force: bool = False
    ) -> None:
        self._sources = sources
        self._request = request
        self._sinks = sinks
        self._force = force
        self._digest = request.digest()
        self._pages: deque[Iterator[Job]] = deque()
        self._open: dict[BatchSource, tuple[Record, SourceIdentity]] = {}
        self.stopped = False

    def run(self, runner: PageRunner) -> None:
        """Work until all is done or `stop` was called.

        Raises
        ------
        BatchFault
            Nothing more can be written.
        """
        for job, result in runner.run(self):
            self._settle(job, result)

    def stop(self) -> None:
        """End soon; what is finished stays, and the next run goes on from there."""
        self.stopped = True

    def take(self) -> Job | None:
        """Return the next page to be worked on: of a file that was begun, else of the next one."""
        while not self.stopped:
            if self._pages:
                job = next(self._pages[0], None)
                if job is not None:
                    return job
                self._pages.popleft()
            elif (source := next(self._sources, None)) is not None:
                self._begin(source)
            else:
                return None
        return None

    def _begin(self, source: BatchSource) -> None:
        record = Record(source)
        try:
            identity = self._identify(source)
        except (OSError, PageFault) as exc:
            record.failures.append((0, reason_of(exc)))
            self._sinks.progress.file_begun(0)
            self._finish(record)
            return
        self._open[source] = record, identity
        if self._request.joined and (whole := self._earlier(record, identity, WHOLE)) is not None:
            record.pages = whole.pages
            record.waiting = 0
            record.resumed = whole.pages
            self._sinks.progress.file_begun(1)
            self._finish_if_done(record)
            return
        first = self._earlier(record, identity, 1)
        if first is None:
            self._pages.append(iter([Job(source, 1)]))
            return
        record.waiting -= 1
        self._rest(record, identity, first.pages)
        self._finish_if_done(record)

    def _identify(self, source: BatchSource) -> SourceIdentity:
        if source.problem:
            raise PageFault(
                LocalizedText(f"无法读取（{source.problem}）", f"it cannot be read ({source.problem})")
            )
        status = source.path.stat()
        return SourceIdentity(source.base, source.path.name, status.st_size, status.st_mtime_ns, self._digest)

    def _rest(self, record: Record, identity: SourceIdentity, pages: int) -> None:
        """Go on with the pages after the first, now that their number is known."""
        record.pages = pages
        self._sinks.progress.file_begun(pages)
        missing = [page for page in range(2, pages + 1) if self._earlier(record, identity, page) is None]
        record.waiting += len(missing)
        self._pages.append(Job(record.source, page) for page in missing)

    def _earlier(self, record: Record, identity: SourceIdentity, page: int) -> Done | None:
        """Find a page of an earlier run whose results are still there, and note it in the record."""
        if self._force or self._sinks.journal is None:
            return None
        done = self._sinks.journal.find(identity, page)
        if done is None:
            return None
        pictures = done.files // (2 if self._request.text_beside else 1)
        files = self._all_names(record.source, page, done.pages, pictures)
        if not self._sinks.output.has(files) or not self._is_free(record.source, files):
            return None
        self._note(record, page, files)
        record.resumed += 1
        self._sinks.progress.page_done()
        return done

    def _is_free(self, source: BatchSource, files: Sequence[str]) -> bool:
        """Return whether no other input of this run has these names; if one has, writing them says so."""
        try:
            self._sinks.output.reserve(source, files)
        except PageFault:
            return False
        return True

    def _settle(self, job: Job, result: PageResult) -> None:
        record, identity = self._open[job.source]
        record.waiting -= 1
        record.milliseconds += result.milliseconds
        record.stages[job.page] = result.stages
        record.crops[job.page] = result.crops
        if job.page == 1 and result.pages:
            self._rest(record, identity, result.pages)
        elif job.page == 1:
            self._sinks.progress.file_begun(1)
        failure = result.failure or self._keep(record, identity, job.page, result)
        if failure is not None:
            record.failures.append((job.page if record.pages > 1 else 0, failure))
        self._sinks.progress.page_done(failure is not None)
        self._finish_if_done(record)

    def _keep(
        self, record: Record, identity: SourceIdentity, page: int, result: PageResult
    ) -> LocalizedText | None:
        """Write a page's results, then remember them; return the reason where that is not possible."""
        if self._request.joined and record.pages == 1:
            return self._join(record, identity, result.pictures)
        files = self._all_names(record.source, page, record.pages, len(result.pictures))
        contents = [*result.pictures, *result.texts]
        try:
            if self._request.pdfa and not self._request.joined:
                contents = [archived(one, self._request.pdfa, record.source.base) for one in contents]
        except Exception as exc:  # noqa: BLE001 - as below
            return reason_of(exc)
        return self._write(record, identity, page, dict(zip(files, contents, strict=True)))

    def _join(self, record: Record, identity: SourceIdentity, parts: Sequence[bytes]) -> LocalizedText | None:
        """Write all results of a file as one."""
        (name,) = self._names(record.source, WHOLE, record.pages, 1)
        try:
            whole = join(self._request.format, parts)
            if self._request.pdfa:
                whole = archived(whole, self._request.pdfa, record.source.base)
        except Exception as exc:  # noqa: BLE001 - one document's misfortune must not end a batch
            return reason_of(exc)
        return self._write(record, identity, WHOLE, {name: whole})

    def _write(
        self, record: Record, identity: SourceIdentity, page: int, files: dict[str, bytes]
    ) -> LocalizedText | None:
        try:
            self._sinks.output.reserve(record.source, list(files))
            self._sinks.output.write(list(files), list(files.values()))
        except PageFault as fault:
            return fault.text
        if self._sinks.journal is not None:
            self._sinks.journal.add(identity, page, Done(record.pages, len(files)), list(files))
        self._note(record, page, list(files))
        return None

    def _all_names(self, source: BatchSource, page: int, pages: int, pictures: int) -> list[str]:
        """Return the names of a page's pictures, then those of their texts where these lie beside."""
        files = self._names(source, page, pages, pictures)
        texts = [f"{name.removesuffix(self._request.format)}txt" for name in files]
        return [*files, *texts] if self._request.text_beside else files

    def _names(self, source: BatchSource, page: int, pages: int, pictures: int) -> list[str]:
        suffix = self._request.format
        if not self._request.joined:
            return names(source.base, suffix, page, pages, pictures)
        if page == WHOLE:
            return [f"{source.base}.{suffix}"]
        return names(f"{PARTS}/{source.base}", suffix, page, max(2, pages), pictures)

    def _note(self, record: Record, page: int, files: Sequence[str]) -> None:
        if self._request.joined and page != WHOLE:
            record.parts[page] = list(files)
        else:
            record.outputs[page] = self._sinks.output.paths(files)

    def _finish_if_done(self, record: Record) -> None:
        if record.waiting:
            return
        _, identity = self._open.pop(record.source)
        if record.parts and not record.failures:
            self._bind(record, identity)
        self._finish(record)

    def _bind(self, record: Record, identity: SourceIdentity) -> None:
        """Join the pages now that all are there."""
        parts = [name for _, files in sorted(record.parts.items()) for name in files]
        try:
            failure = self._join(record, identity, self._sinks.output.read(parts))
        except OSError as exc:
            failure = reason_of(exc)
        if failure is not None:
            record.failures.append((0, failure))
        else:
            self._sinks.output.remove(parts)

    def _finish(self, record: Record) -> None:
        self._sinks.report.add(record)
        self._sinks.progress.file_done(bool(record.failures))
