"""Progress of a batch and outcome of each file, as one JSON object a line or as names and sentences."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from imgcore.types import CropOutcome, CropState, Quad
from server.batch.pages import BatchSource
from server.errors import Language, LocalizedText
from server.telemetry.printable import json_line

KEPT = 1000
"""Failures listed at the end; more are counted only, so that a million do not fill the memory."""

_PAGE = LocalizedText("第 {page} 页：", "page {page}: ")
_MORE = LocalizedText("另有 {count} 个", "and {count} more")
_FILES = LocalizedText("{count} 个文件：", "{count} file(s): ")
_WRITTEN = LocalizedText("{count} 写入", "{count} written")
_BEFORE = LocalizedText("{count} 之前已完成", "{count} done before")
_UNSURE = LocalizedText("没有把握", "not sure")
_FAILED = LocalizedText("{count} 失败", "{count} failed")


@dataclass(slots=True)
class Record:
    """One file as far as it is known.

    Attributes
    ----------
    pages
        Their number; 0 before that is known.
    waiting
        Pages among them that have no result yet.
    resumed
        Pages that an earlier run had done.
    parts
        Names of results below the output folder that wait to be joined.
    parts, outputs, stages, crops
        By page, since pages do not finish in order.
    failures
        Pairs of page (0 for the whole file) and reason.
    """

    source: BatchSource
    pages: int = 0
    waiting: int = 1
    resumed: int = 0
    milliseconds: float = 0.0
    parts: dict[int, list[str]] = field(default_factory=dict)
    outputs: dict[int, list[str]] = field(default_factory=dict)
    stages: dict[int, Sequence[dict[str, Any]]] = field(default_factory=dict)
    crops: dict[int, Sequence[CropOutcome]] = field(default_factory=dict)
    failures: list[tuple[int, LocalizedText]] = field(default_factory=list)

    def files(self) -> list[str]:
        """The results, page by page."""
        return [name for _, names in sorted(self.outputs.items()) for name in names]

    def error(self, language: Language = "en") -> str | None:
        """Return the reason why the file is not whole, in one line, or None."""
        if not self.failures:
            return None
        reasons = sorted((page, text.fill(language, {})) for page, text in self.failures)
        return "; ".join(
            f"{_PAGE.fill(language, {'page': page})}{text}" if page else text for page, text in reasons
        )

    def plain(self) -> dict[str, Any]:
        """The file as the report tells it."""
        crops = [
            {"page": page, **_crop(crop)} for page, crops in sorted(self.crops.items()) for crop in crops
        ]
        return {
            "file": str(self.source.path),
            "pages": self.pages,
            "outputs": self.files(),
            "resumed": self.resumed,
            "crop": crops[0] if crops else None,
            "crops": crops,
            "stages": [
                {"page": page, **stage} for page, stages in sorted(self.stages.items()) for stage in stages
            ],
            "ms": round(self.milliseconds, 1),
            "error": self.error(),
        }


def _crop(crop: CropOutcome) -> dict[str, Any]:
    return {
        "state": crop.state.value,
        "corners": None if crop.corners is None else _corners(crop.corners),
        "reason": crop.reason or None,
        "paper": crop.paper or None,
        "doubted": [{"corners": _corners(each.corners), "reason": each.reason} for each in crop.doubted],
    }


def _corners(quad: Quad) -> list[list[float]]:
    return [[round(x, 2), round(y, 2)] for x, y in quad]


class Report:
    """Takes finished files and tells about them; remembers the failures.

    Parameters
    ----------
    tell
        Gets each line for standard output.
    as_json
        One JSON object a file instead of the names of its results; its errors are in English.
    language
        Language of failures, doubts and summary.
    """

    def __init__(self, tell: Callable[[str], None], as_json: bool, language: Language = "en") -> None:
        self._tell = tell
        self._language: Language = language
        self._as_json = as_json
        self._kept: list[str] = []
        self._doubted: list[str] = []
        self.files = 0
        self.pages = 0
        self.resumed = 0
        self.failed = 0
        self.written = 0
        self.unsure = 0

    def add(self, record: Record) -> None:
        """Tell about a file."""
        self.files += 1
        self.pages += record.pages
        self.resumed += record.resumed
        self.written += bool(record.outputs) and record.resumed < record.pages
        self._note_doubt(record)
        if self._as_json:
            self._tell(json_line(record.plain()))
        else:
            for name in record.files():
                self._tell(name)
        if (error := record.error(self._language)) is not None:
            self.failed += 1
            if len(self._kept) < KEPT:
                self._kept.append(f"{record.source.path}: {error}")

    def _note_doubt(self, record: Record) -> None:
        """Remember a file whose documents were found and not trusted."""
        doubts = [
            f"{self._said(_PAGE, page=page)}{crop.reason}" if record.pages > 1 else str(crop.reason)
            for page, crops in sorted(record.crops.items())
            for crop in crops
            if crop.state is CropState.UNSURE
        ]
        if not doubts:
            return
        self.unsure += 1
        if len(self._doubted) < KEPT:
            self._doubted.append(f"{record.source.path}: {self._said(_UNSURE)} ({'; '.join(doubts)})")

    def doubts(self) -> list[str]:
        """One line a file that somebody should look at, and one for those that were too many."""
        more = self.unsure - len(self._doubted)
        return [*self._doubted, *([self._said(_MORE, count=more)] if more else [])]

    def summary(self) -> str:
        """Return what became of all files, in one line."""
        done = self.files - self.failed - self.written
        parts = [
            self._said(_WRITTEN, count=self.written),
            self._said(_BEFORE, count=done) if done else "",
            f"{self.unsure} {self._said(_UNSURE)}" if self.unsure else "",
            self._said(_FAILED, count=self.failed) if self.failed else "",
        ]
        return self._said(_FILES, count=self.files) + ", ".join(filter(None, parts))

    def failures(self) -> list[str]:
        """One line a failed file, and one for those that were too many."""
        more = self.failed - len(self._kept)
        return [*self._kept, *([self._said(_MORE, count=more)] if more else [])]

    def _said(self, text: LocalizedText, **values: int) -> str:
        return text.fill(self._language, values)


_REDRAW_SECONDS = 0.1
"""Least time between two drawings of the bar, in seconds."""
_RATE_PAGES = 200
"""Number of last pages that the rate is taken from: steady, and yet soon right after a change."""
_WIDTH = 24
"""Width of the bar in columns, where the terminal has room for it."""
_LEAST_WIDTH = 4
"""Least width of the bar in columns; a narrower terminal gets the figures alone."""


class Progress:
    """Somebody who watches a batch; this one looks away, as there is no bar in a log file."""

    def expect(self, files: int) -> None:
        """Take note of the number of files, once that is known."""

    def file_begun(self, pages: int) -> None:
        """A file's pages were counted; `page_done` will be called for each."""

    def file_done(self, failed: bool) -> None:
        """One more file is finished; or was before, or failed."""

    def page_done(self, failed: bool = False) -> None:
        """One more page is finished, or failed."""

    def close(self) -> None:
        """The batch has ended."""


class Bar(Progress):
    """A line at the bottom of a terminal: files, pages, rate, time left, failures.

    Parameters
    ----------
    stream
        A terminal.
    clock
        Gives seconds, from any start.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock
        self._begun = clock()
        self._drawn = float("-inf")
        self._files = 0
        self._pages = 0
        self._ended = 0
        self._failed = 0
        self._total: int | None = None
        self._files_begun = 0
        self._pages_begun = 0
        self._times = deque([self._begun], maxlen=_RATE_PAGES)

    def expect(self, files: int) -> None:
        """See `Progress`."""
        self._total = files

    def file_begun(self, pages: int) -> None:
        """See `Progress`."""
        self._files_begun += 1
        self._pages_begun += pages

    def file_done(self, failed: bool) -> None:
        """See `Progress`."""
        self._files += 1
        self._failed += failed
        self._draw()

    def page_done(self, failed: bool = False) -> None:
        """See `Progress`."""
        self._ended += 1
        self._pages += not failed
        self._times.append(self._clock())
        self._draw()

    def close(self) -> None:
        """See `Progress`."""
        self._draw(now=True)
        print(file=self._stream, flush=True)

    def line(self, room: int = 100) -> str:
        """Return the line for `room` columns: the figures, and a bar in the rest."""
        text = self._figures()
        left = self._left()
        width = min(_WIDTH, room - len(text) - len("[] "))
        if left is None or width < _LEAST_WIDTH:
            return text[:room]
        filled = round(width * self._ended / max(1.0, self._ended + left))
        return f"[{'#' * filled}{'.' * (width - filled)}] {text}"

    def _figures(self) -> str:
        rate = self._rate()
        left = self._left()
        of_all = "" if self._total is None else f"/{self._total}"
        time_left = None if left is None or rate == 0 else f"{_duration(left / rate)} left"
        parts = (
            f"{self._files}{of_all} files",
            f"{self._failed} failed" if self._failed else None,
            f"{self._pages} pages",
            f"{rate:.1f} pages/s",
            time_left or _duration(self._clock() - self._begun),
        )
        return ", ".join(part for part in parts if part is not None)

    def _draw(self, now: bool = False) -> None:
        if not now and self._clock() - self._drawn < _REDRAW_SECONDS:
            return
        self._drawn = self._clock()
        room = shutil.get_terminal_size().columns - 1
        self._stream.write(f"\r{self.line(room)}\x1b[K")
        self._stream.flush()

    def _left(self) -> float | None:
        """Pages still to be done: of files begun counted, of others so many as those have on average."""
        if self._total is None:
            return None
        begun = max(0, self._pages_begun - self._ended)
        average = self._pages_begun / self._files_begun if self._files_begun else 1.0
        return begun + max(0, self._total - max(self._files, self._files_begun)) * average

    def _rate(self) -> float:
        """Pages a second."""
        elapsed = self._clock() - self._times[0]
        return (len(self._times) - 1) / elapsed if elapsed > 0 else 0.0


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
