"""Measuring probes, picture by picture, on all processors; what did not change is not measured again."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from benchmarks.gate.probe import Case, Probe
from benchmarks.gate.probes import __name__ as probes_package
from benchmarks.gate.probes import load_probes
from benchmarks.ledger.sources import ROOT, sources_hash
from lab.photographs import SHARED

CACHE = Path(os.environ.get("GAOPAI_BENCH_CACHE", ROOT / ".cache" / "bench"))
"""Folder of outcomes that are kept from run to run."""
_JPEG_QUALITY = 80
"""Quality of pictures that are shown."""

Contributions = dict[str, dict[str, float]]
"""By figure, by picture."""


@dataclass(slots=True)
class Measured:
    """Result of one probe.

    Attributes
    ----------
    sources
        Hash of all that the figures depend on.
    values
        Contributions of all pictures.
    shown
        Files of pictures to look at, by the name of the case.
    failed
        Errors by the name of the case: those have no contributions.
    seconds
        Processor time, of the cases that were measured now.
    measured
        Number of those; the others were kept from an earlier run.
    """

    sources: str
    values: Contributions = field(default_factory=dict)
    shown: dict[str, Path] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    measured: int = 0


def use_shared_models() -> None:
    """Let models that no registry carries be found beside the shared pictures, as tests let them."""
    os.environ.setdefault("GAOPAI_MODELS", str(SHARED / "models"))


def probe_hash(probe: Probe) -> str:
    """Return the hash of the sources of a probe, its weights included."""
    return sources_hash((probe.module, *probe.runs), probe.weights)


def measure(probes: Sequence[Probe], sample: bool = False, workers: int | None = None) -> dict[str, Measured]:
    """Measure probes.

    Parameters
    ----------
    sample
        True to take only every `Probe.thin`-th case of each.
    workers
        Processes; all processors unless given.

    Returns
    -------
    dict
        By the probe's key; a probe without cases on this machine is left out.
    """
    use_shared_models()
    found: dict[str, Measured] = {}
    waiting: list[tuple[Probe, str]] = []
    for probe in probes:
        cases = list(probe.cases())[:: probe.thin if sample else 1]
        if not cases:
            continue
        measured = found[probe.key] = Measured(probe_hash(probe))
        for case in cases:
            if probe.timed or not _recall(probe, case, measured):
                waiting.append((probe, case.name))
    timed = [each for each in waiting if each[0].timed]
    _run([each for each in waiting if not each[0].timed], found, workers or os.cpu_count() or 1)
    _run(timed, found, 1)
    return found


def _run(waiting: Sequence[tuple[Probe, str]], found: Mapping[str, Measured], workers: int) -> None:
    """Measure cases in processes of their own, so that threads and memory of one do not reach another."""
    if not waiting:
        return
    modules = {probe.key: probe.module.removeprefix(f"{probes_package}.") for probe, _ in waiting}
    begun = time.monotonic()
    with ProcessPoolExecutor(min(workers, len(waiting)), mp_context=get_context("spawn")) as pool:
        tasks = {
            pool.submit(_judge, modules[probe.key], probe.key, name, probe_hash(probe)): (probe, name)
            for probe, name in waiting
        }
        for count, task in enumerate(as_completed(tasks), 1):
            probe, name = tasks[task]
            _take(task.result(), name, found[probe.key])
            if count % 50 == 0 or count == len(tasks):
                print(f"{count} of {len(tasks)}, {time.monotonic() - begun:.0f} s", flush=True)


def _take(kept: dict[str, object], name: str, measured: Measured) -> None:
    """Add what one case gave."""
    if "error" in kept:
        measured.failed[name] = str(kept["error"])
        return
    values = kept["values"]
    assert isinstance(values, dict)
    for figure, contributions in values.items():
        measured.values.setdefault(figure, {}).update(
            {each: float("nan") if value is None else value for each, value in contributions.items()}
        )
    if kept.get("shown"):
        measured.shown[name] = Path(str(kept["shown"]))
    measured.seconds += float(str(kept.get("seconds", 0.0)))
    measured.measured += 1


def _recall(probe: Probe, case: Case, measured: Measured) -> bool:
    """Take what an earlier run gave for a case with the same sources; False where there is none."""
    path = _kept_file(probe.key, case, measured.sources)
    if not path.is_file():
        return False
    _take(json.loads(path.read_text(encoding="utf-8")), case.name, measured)
    measured.measured -= 1
    return True


def _kept_file(key: str, case: Case, sources: str) -> Path:
    name = hashlib.sha256(f"{key} {case.name} {case.version}".encode()).hexdigest()[:20]
    return CACHE / "outcomes" / f"{key.replace('/', '-').replace(' ', '_')}-{sources}" / f"{name}.json"


@cache
def _cases_of(module: str, key: str) -> tuple[Probe, dict[str, Case]]:
    probe = next(each for each in load_probes((module,))[0] if each.key == key)
    return probe, {case.name: case for case in probe.cases()}


def _judge(module: str, key: str, name: str, sources: str) -> dict[str, object]:
    """Measure one case, in a process of its own; an exception is an answer, so that the others go on."""
    cv2.setNumThreads(1)
    probe, cases = _cases_of(module, key)
    case = cases[name]
    path = _kept_file(key, case, sources)
    begun = time.process_time()
    try:
        outcome = probe.judge(case)
    except Exception as exc:  # noqa: BLE001 - whatever a stage raises is told beside the picture's name
        return {"error": f"{type(exc).__name__}: {exc}"}
    seconds = time.process_time() - begun
    values = {
        figure: {
            each: None if np.isnan(contribution) else round(float(contribution), 5)
            for each, contribution in (value if isinstance(value, Mapping) else {name: value}).items()
        }
        for figure, value in outcome.values.items()
    }
    kept: dict[str, object] = {"values": values, "seconds": round(seconds, 3)}
    path.parent.mkdir(parents=True, exist_ok=True)
    if outcome.shown is not None:
        picture = path.with_suffix(".jpg")
        cv2.imwrite(str(picture), outcome.shown, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
        kept["shown"] = str(picture)
    if not probe.timed:
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps(kept), encoding="utf-8")
        partial.rename(path)
    return kept
