"""A batch goes on past what is bad, and on from where it stopped."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from imgcore import codec
from imgcore.settings import Settings
from server.batch import pages as output_module
from server.batch.faults import BatchFault
from server.batch.journal import Journal
from server.batch.pages import OutputWriter, find_sources
from server.batch.report import KEPT, Progress, Record, Report
from server.batch.run import Batch, Sinks
from server.batch.work import EnhanceRequest, PageResult
from server.batch.workers import InProcess, Job, Jobs
from server.errors import LocalizedText

PLAIN = EnhanceRequest(Settings(), "png")


@dataclass
class Run:
    """What one run told, by file name, and the pages that it worked on."""

    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    worked: list[tuple[str, int]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


class Watched(InProcess):
    """Notes what is worked on, and may stop after some pages."""

    def __init__(self, request: EnhanceRequest, run: Run, stop_after: int) -> None:
        super().__init__(request)
        self._run = run
        self._left = stop_after

    def run(self, jobs: Jobs) -> Iterator[tuple[Job, PageResult]]:
        for job, answer in super().run(jobs):
            self._run.worked.append((job.source.path.name, job.page))
            yield job, answer
            self._left -= 1
            if self._left == 0:
                jobs.stop()  # type: ignore[attr-defined]


def batch(
    folder: Path, output: Path, request: EnhanceRequest = PLAIN, stop_after: int = -1, force: bool = False
) -> Run:
    """One run over a folder."""
    run = Run()
    with Journal(OutputWriter(output, [folder]).root) as journal:
        report = Report(lambda line: take(run, line), as_json=True)
        sinks = Sinks(OutputWriter(output, [folder]), journal, report, Progress())
        sources = find_sources([folder], output)
        Batch(sources, request, sinks, force).run(Watched(request, run, stop_after))
    run.failures = report.failures()
    return run


def take(run: Run, line: str) -> None:
    entry = json.loads(line)
    run.told[Path(entry["file"]).name] = entry


def paged(count: int) -> bytes:
    sink = io.BytesIO()
    pages = [PIL.Image.new("L", (5, 4), 50 * number) for number in range(count)]
    pages[0].save(sink, "TIFF", save_all=True, append_images=pages[1:])
    return sink.getvalue()


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.suffix == ".png"
    }


def test_all_is_done_and_originals_stay(folder: Path, tmp_path: Path) -> None:
    (folder / "doc.tif").write_bytes(paged(3))
    before = {path: path.read_bytes() for path in folder.iterdir()}
    run = batch(folder, tmp_path / "out")
    assert sorted(contents(tmp_path / "out")) == [
        *("0.png", "1.png", "2.png", "3.png", "4.png", "5.png"),
        *("doc-1.png", "doc-2.png", "doc-3.png"),
    ]
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    entry = run.told["doc.tif"]
    assert entry["pages"] == 3
    assert [Path(name).name for name in entry["outputs"]] == ["doc-1.png", "doc-2.png", "doc-3.png"]
    assert [stage["page"] for stage in entry["stages"]] == sorted(stage["page"] for stage in entry["stages"])
    assert {stage["name"] for stage in entry["stages"]} >= {"rotate", "crop"}
    assert entry["ms"] > 0
    assert entry["error"] is None


def test_a_bad_file_is_told_and_passed(folder: Path, tmp_path: Path) -> None:
    (folder / "2.png").write_bytes(b"no picture")
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7")
    (folder / "gone.jpg").symlink_to(tmp_path / "nowhere")
    run = batch(folder, tmp_path / "out")
    assert sorted(contents(tmp_path / "out")) == ["0.png", "1.png", "3.png", "4.png", "5.png"]
    assert len(run.failures) == 3
    assert "No such file" in run.told["gone.jpg"]["error"]


def test_a_bad_page_costs_its_own_result_only(folder: Path, tmp_path: Path) -> None:
    data = bytearray(paged(3))
    with PIL.Image.open(io.BytesIO(bytes(data))) as opened:
        opened.seek(1)
        where = opened._frame_pos[1]  # type: ignore[attr-defined]
    # Its first tag is the width; a width of no pixels is no page.
    data[where + 2 + 8 : where + 2 + 12] = bytes(4)
    (folder / "doc.tif").write_bytes(bytes(data))
    run = batch(folder, tmp_path / "out")
    assert "page 2: " in run.told["doc.tif"]["error"]
    assert {"doc-1.png", "doc-3.png"} <= set(contents(tmp_path / "out"))
    assert "doc-2.png" not in contents(tmp_path / "out")


def test_it_goes_on_where_it_stopped(folder: Path, tmp_path: Path) -> None:
    (folder / "doc.tif").write_bytes(paged(4))
    whole = batch(folder, tmp_path / "whole")
    first = batch(folder, tmp_path / "out", stop_after=8)
    assert first.worked[-2:] == [("doc.tif", 1), ("doc.tif", 2)]
    assert "doc.tif" not in first.told
    second = batch(folder, tmp_path / "out")
    assert second.worked == [("doc.tif", 3), ("doc.tif", 4)]
    assert second.told["doc.tif"]["resumed"] == 2
    assert second.told["doc.tif"]["outputs"][0].endswith("doc-1.png")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert len(whole.worked) == 10
    assert batch(folder, tmp_path / "out").worked == []


def test_what_changed_is_done_again(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    batch(folder, output)
    (folder / "1.png").write_bytes(codec.encode(np.zeros((3, 3), np.uint8), "png"))
    (output / "2.png").unlink()
    os.utime(folder / "3.png", ns=(1, 1))
    run = batch(folder, output)
    assert [name for name, _ in run.worked] == ["1.png", "2.png", "3.png"]
    assert codec.decode((output / "1.png").read_bytes(), 100).shape == (3, 3)


def test_other_settings_and_force_do_everything_again(folder: Path, tmp_path: Path) -> None:
    batch(folder, tmp_path / "out")
    turned = EnhanceRequest(Settings(rotate=90), "png")
    assert len(batch(folder, tmp_path / "out", turned).worked) == 6
    assert len(batch(folder, tmp_path / "out", turned).worked) == 0
    assert len(batch(folder, tmp_path / "out", turned, force=True).worked) == 6
    assert len(batch(folder, tmp_path / "out").worked) == 6, "the results are of other settings now"


def test_a_failure_is_tried_again(folder: Path, tmp_path: Path) -> None:
    (folder / "2.png").write_bytes(b"no picture")
    for _ in range(2):
        assert ("2.png", 1) in batch(folder, tmp_path / "out").worked


@pytest.mark.long
def test_two_inputs_that_lead_to_one_name_are_told(folder: Path, tmp_path: Path) -> None:
    (folder / "0.tif").write_bytes(paged(2))
    (folder / "0.png").unlink()
    (folder / "0-1.png").write_bytes((folder / "1.png").read_bytes())
    for _ in range(2):
        run = batch(folder, tmp_path / "out")
        told = [entry["error"] for entry in run.told.values() if entry["error"]]
        assert len(told) == 1
        assert "would replace that of" in told[0]


def test_names_that_several_runs_gave_twice_are_told(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    (folder / "0.tif").write_bytes(paged(2))
    batch(folder, tmp_path / "out")
    (folder / "0.tif").rename(tmp_path / "0.tif")
    (folder / "0-1.tif").write_bytes(paged(1))
    batch(folder, tmp_path / "out")
    (tmp_path / "0.tif").rename(folder / "0.tif")
    run = batch(folder, tmp_path / "out")
    assert sum("would replace that of" in (entry["error"] or "") for entry in run.told.values()) == 1


def test_a_full_disk_ends_the_batch(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(output_module, "write_all", full)
    with pytest.raises(BatchFault, match="No space left"):
        batch(folder, tmp_path / "out")


def test_the_list_of_failures_ends_somewhere() -> None:
    report = Report(lambda _: None, as_json=True)
    for source in find_sources([Path(f"{number}.png") for number in range(KEPT + 5)], Path("out")):
        report.add(Record(source, failures=[(0, LocalizedText("坏", "bad"))]))
    assert len(report.failures()) == KEPT + 1
    assert report.failures()[-1] == "and 5 more"
