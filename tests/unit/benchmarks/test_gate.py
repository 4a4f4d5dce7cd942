"""The gate: noise, falls, and the pictures that were won and lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.gate import command, measuring
from benchmarks.gate.falls import change, noise
from benchmarks.gate.measuring import Measured
from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.gate.probes import MODULES, PEERS, load_probes, standing_probes
from benchmarks.ledger import page, rows

FOUR_OF_THIRTY = {f"{number}.jpg": 0.99 for number in range(30)}


def test_a_row_of_equal_pictures_has_hardly_any_noise() -> None:
    assert noise(FOUR_OF_THIRTY) < 1e-3
    assert noise({"a": 0.0, "b": 1.0, "c": 0.0, "d": 1.0}) == pytest.approx(0.25, abs=0.05)


def test_four_lost_sheets_of_thirty_are_a_fall_and_are_named() -> None:
    after = FOUR_OF_THIRTY | {f"{number}.jpg": 0.0 for number in (3, 7, 9, 20)}
    found = change(FOUR_OF_THIRTY, after, Better.HIGHER)
    assert found.fell
    assert set(found.lost) == {"3.jpg", "7.jpg", "9.jpg", "20.jpg"}
    assert not found.won


def test_the_same_figures_do_not_fall() -> None:
    assert not change(FOUR_OF_THIRTY, FOUR_OF_THIRTY, Better.HIGHER).fell
    assert not change(FOUR_OF_THIRTY, FOUR_OF_THIRTY, Better.LOWER).fell


def test_one_page_that_is_cut_is_a_fall_where_none_was() -> None:
    none = {f"{number}.jpg": 0.0 for number in range(40)}
    found = change(none, none | {"5.jpg": 1.0}, Better.LOWER)
    assert found.fell
    assert found.lost == ("5.jpg",)


def test_only_pictures_that_both_measured_count() -> None:
    found = change({"a": 1.0, "gone": 0.0}, {"a": 1.0, "new": 0.0}, Better.HIGHER)
    assert (found.before, found.after, found.lost) == (1.0, 1.0, ())


def test_an_answer_that_is_not_given_any_more_is_lost() -> None:
    nothing = float("nan")
    assert change({"a": 3.0}, {"a": nothing}, Better.LOWER).lost == ("a",)
    assert change({"a": nothing}, {"a": 3.0}, Better.LOWER).won == ("a",)


def test_every_module_of_probes_loads_and_names_its_figures() -> None:
    probes, missing = load_probes((*MODULES, *PEERS))
    assert missing == {}
    assert len({probe.key for probe in probes}) == len(probes)
    names = {probe.module.removeprefix("benchmarks.gate.probes.") for probe in probes}
    assert names == {*MODULES, *PEERS}
    for probe in probes:
        names = [figure.name for figure in probe.figures]
        assert len(set(names)) == len(names), probe.key
        assert measuring.probe_hash(probe)


def test_every_stage_has_a_chapter_and_every_peer_a_stage_of_ours() -> None:
    ours = {probe.name for probe in standing_probes() if not probe.peer}
    assert sorted(stage for topic in page.TOPICS for stage in topic.stages) == sorted(ours)
    figures = {(p.name, p.set): p.figures for p in standing_probes() if not p.peer}
    for probe in standing_probes():
        if probe.peer:
            ours_too = {figure.name for figure in figures[probe.name, probe.set]}
            assert {figure.name for figure in probe.figures} <= ours_too


def test_a_kept_half_is_measured_only_where_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[str] = []
    counted: list[str] = []
    monkeypatch.setattr(command, "use", counted.append)
    monkeypatch.setattr(command, "measure", lambda probes, _: chosen.extend(p.key for p in probes) or {})
    command.main(["desks"])
    assert chosen == ["desks/shared", "desks/open"]
    chosen.clear()
    counted.clear()
    command.main(["desks/kept6"])
    assert chosen == ["desks/kept6"]
    assert counted == ["kept6"]


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """A gate of one probe, whose outcomes a test sets, and a ledger of its own."""
    outcomes = {f"{number}.jpg": 1.0 for number in range(20)}
    probe = Probe(
        "desks", "shared", [Figure("single: IoU", goal=0.5)],
        lambda: [Case(name, name) for name in outcomes],
        lambda case: Outcome({"single: IoU": outcomes[case.name]}),
    )  # fmt: skip

    def measured(probes: list[Probe], sample: bool) -> dict[str, Measured]:
        return {probe.key: Measured("hash", {"single: IoU": dict(outcomes)})}

    monkeypatch.setattr(command, "load_probes", lambda _: ([probe], {}))
    monkeypatch.setattr(command, "measure", measured)
    monkeypatch.setattr(command, "read_rows", lambda: rows.read_rows(tmp_path))
    monkeypatch.setattr(command, "write_rows", lambda some: rows.write_rows(some, tmp_path))
    monkeypatch.setattr(command, "read_outcomes", lambda key: rows.read_outcomes(key, tmp_path))
    monkeypatch.setattr(command, "write_outcomes", lambda key, some: rows.write_outcomes(key, some, tmp_path))
    monkeypatch.setattr(page, "write", lambda: None)
    return outcomes


def test_a_fall_fails_and_is_not_written(
    ledger: dict[str, float], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--write"]) == 0
    ledger["4.jpg"] = 0.0
    assert command.main(["--write"]) == 1
    said = capsys.readouterr().out
    assert "FELL  desks/shared: single: IoU" in said
    assert "4.jpg" in said
    assert command.read_rows()[0].value == 1.0


def test_a_fall_that_is_wanted_is_written_with_its_reason(ledger: dict[str, float]) -> None:
    command.main(["--write"])
    ledger["4.jpg"] = 0.0
    assert command.main(["--write", "--accept", "desks/shared: single: IoU", "a sheet that is none"]) == 0
    (row,) = command.read_rows()
    assert (row.value, row.accepted, row.best.value) == (0.95, "a sheet that is none", 1.0)
    ledger["4.jpg"] = 1.0
    assert command.main(["--write"]) == 0
    assert command.read_rows()[0].accepted == ""


def test_the_same_code_twice_falls_nowhere(ledger: dict[str, float]) -> None:
    command.main(["--write"])
    assert command.main([]) == 0


def test_a_picture_that_fails_fails_the_gate(
    ledger: dict[str, float], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = Measured("hash", {"single: IoU": {"1.jpg": 1.0}}, failed={"2.jpg": "ValueError: no picture"})
    monkeypatch.setattr(command, "measure", lambda probes, sample=False: {"desks/shared": broken})
    assert command.main([]) == 1
    assert "2.jpg" in capsys.readouterr().out


def test_outcomes_of_unchanged_sources_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "CACHE", tmp_path)
    probes, _ = load_probes(("skew",))
    (probe,) = probes
    case = Case("page", "page")
    path = measuring._kept_file(probe.key, case, "hash")
    path.parent.mkdir(parents=True)
    path.write_text('{"values": {"clean": {"page": 0.25, "other": null}}, "seconds": 1}')
    measured = Measured("hash")
    assert measuring._recall(probe, case, measured)
    assert measured.values["clean"]["page"] == 0.25
    assert np.isnan(measured.values["clean"]["other"])
    assert measured.measured == 0
    assert not measuring._recall(probe, case, Measured("another"))
