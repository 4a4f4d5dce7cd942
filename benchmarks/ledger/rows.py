"""Rows of the ledger: one figure of the gate each, and what every picture contributed to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
"""Folder of the ledger."""
ROWS = "rows.jsonl"
OUTCOMES = "outcomes"
DIGITS = 4
"""Decimal places of a value in the ledger."""

Contributions = Mapping[str, Mapping[str, float]]
"""By figure, by picture."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Origin of a figure.

    Attributes
    ----------
    command
        Arguments of ``script/bench`` that measure it again.
    commit
        Commit that was checked out, with ``+`` where the working tree had changed.
    date
        Day of the measurement, ISO 8601.
    sources
        Hash of everything that it depends on; empty where that is not known, which counts as changed.
    machine
        Processor, kernel and Python.
    load
        Load average when it began: what else the machine did.
    seconds
        Processor time that it took.
    """

    command: str
    commit: str
    date: str
    sources: str
    machine: str
    load: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Best:
    """The best value that a row ever had."""

    value: float
    commit: str
    date: str


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes
    ----------
    probe
        Name and set, as in ``desks/shared``.
    figure
        Name of the measure.
    value, noise
        Mean over the pictures, and its standard error.
    pictures
        Number of contributions.
    better
        ``higher`` or ``lower``.
    goal
        The value to reach; None where there is none.
    unit
        As `benchmarks.gate.probe.Figure` has it.
    accepted
        Reason for which a fall is wanted, or was taken for now; empty otherwise.
    """

    probe: str
    figure: str
    value: float
    noise: float
    pictures: int
    better: str
    goal: float | None
    unit: str
    best: Best
    accepted: str
    provenance: Provenance

    @property
    def key(self) -> str:
        """Name of the row, as ``--accept`` takes it."""
        return f"{self.probe}: {self.figure}"

    @property
    def subject(self) -> str:
        """Name and set of the probe, without the peer's name behind them."""
        return self.probe.partition(" by ")[0]

    @property
    def peer(self) -> str:
        """Name of the other program that was judged; empty where it is ours."""
        return self.probe.partition(" by ")[2]

    @property
    def missed(self) -> bool:
        """True if the value is on the wrong side of the goal."""
        if self.goal is None:
            return False
        return self.value < self.goal if self.better == "higher" else self.value > self.goal

    @property
    def shortfall(self) -> float:
        """Share of the goal that is missing, 0..1; of a goal of none, the share that is there."""
        if self.goal is None or not self.missed:
            return 0.0
        away = abs(self.value - self.goal)
        return min(1.0, away / (max(abs(self.value), abs(self.goal)) if self.goal else 1.0))

    @property
    def below_best(self) -> bool:
        """True if the row was better once, by more than its noise."""
        worse = self.best.value - self.value if self.better == "higher" else self.value - self.best.value
        return worse > self.noise


def read_rows(folder: Path = FOLDER) -> list[Row]:
    """Return all rows, in the order of the tables."""
    path = folder / ROWS
    if not path.is_file():
        return []
    return [_row(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _row(entry: dict[str, Any]) -> Row:
    best = Best(**entry.pop("best"))
    provenance = Provenance(**entry.pop("provenance"))
    return Row(**entry, best=best, provenance=provenance)


def write_rows(rows: Iterable[Row], folder: Path = FOLDER) -> None:
    """Replace all rows."""
    lines = (json.dumps(asdict(row), ensure_ascii=False) for row in rows)
    (folder / ROWS).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def with_best(row: Row, before: Row | None) -> Row:
    """Return a row whose best value takes that of the row before it into account."""
    if before is None:
        return row
    higher = max if row.better == "higher" else min
    best = row.best if higher(row.best.value, before.best.value) == row.best.value else before.best
    return replace(row, best=best)


def read_outcomes(probe: str, folder: Path = FOLDER) -> dict[str, dict[str, float]]:
    """Return what each picture contributed to the figures of a probe; empty where it was never measured."""
    path = _outcomes_file(probe, folder)
    if not path.is_file():
        return {}
    kept = json.loads(path.read_text(encoding="utf-8"))
    return {
        figure: {name: float("nan") if value is None else value for name, value in values.items()}
        for figure, values in kept.items()
    }


def write_outcomes(probe: str, values: Contributions, folder: Path = FOLDER) -> None:
    """Replace what each picture contributed to the figures of a probe; a picture a line."""
    kept = {
        figure: {name: None if value != value else round(value, DIGITS) for name, value in each.items()}
        for figure, each in sorted(values.items())
    }
    path = _outcomes_file(probe, folder)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8")


def _outcomes_file(probe: str, folder: Path) -> Path:
    return folder / OUTCOMES / f"{probe.replace('/', '-').replace(' ', '_')}.json"
