"""What the bar says, by a clock of the test's own."""

from __future__ import annotations

import io

from server.batch.report import Bar


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_tells_share_rate_time_left_and_failures() -> None:
    clock = Clock()
    bar = Bar(io.StringIO(), clock)
    bar.expect(100)
    for number in range(40):
        clock.now += 0.5
        bar.file_begun(1)
        bar.page_done()
        bar.file_done(failed=number == 7)
    assert bar.line() == "[##########..............] 40/100 files, 1 failed, 40 pages, 2.0 pages/s, 0:30 left"
    assert bar.line(66) == "[###....] 40/100 files, 1 failed, 40 pages, 2.0 pages/s, 0:30 left"
    assert bar.line(60) == "40/100 files, 1 failed, 40 pages, 2.0 pages/s, 0:30 left"
    assert bar.line(20) == "40/100 files, 1 fail"


def test_one_document_of_many_pages_moves_too() -> None:
    clock = Clock()
    bar = Bar(io.StringIO(), clock)
    bar.expect(1)
    bar.file_begun(1000)
    for _ in range(250):
        clock.now += 0.1
        bar.page_done()
    assert bar.line() == "[######..................] 0/1 files, 250 pages, 10.0 pages/s, 1:15 left"


def test_files_to_come_count_as_long_as_those_so_far() -> None:
    clock = Clock()
    bar = Bar(io.StringIO(), clock)
    bar.expect(4)
    bar.file_begun(20)
    for _ in range(20):
        clock.now += 1.0
        bar.page_done()
    bar.file_done(failed=False)
    assert "1:00 left" in bar.line()


def test_before_the_number_is_known_it_tells_what_is_done() -> None:
    clock = Clock()
    bar = Bar(io.StringIO(), clock)
    clock.now = 3725.0
    bar.file_done(failed=False)
    assert bar.line() == "1 files, 0 pages, 0.0 pages/s, 1:02:05"


def test_the_rate_is_that_of_late() -> None:
    clock = Clock()
    bar = Bar(io.StringIO(), clock)
    for seconds in [10.0] * 50 + [0.1] * 400:
        clock.now += seconds
        bar.page_done()
    assert "10.0 pages/s" in bar.line()


def test_it_is_not_redrawn_for_every_page() -> None:
    sink = io.StringIO()
    clock = Clock()
    bar = Bar(sink, clock)
    for _ in range(1000):
        clock.now += 0.001
        bar.page_done()
    assert 5 <= sink.getvalue().count("\r") <= 12
    bar.close()
    assert sink.getvalue().endswith("\n")


def test_a_page_that_failed_is_no_page_that_is_done() -> None:
    bar = Bar(io.StringIO(), Clock())
    bar.expect(41)
    bar.file_begun(1)
    bar.page_done(failed=True)
    assert bar.line(40).startswith("0/41 files, 0 pages")
