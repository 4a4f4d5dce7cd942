"""``script/bench gate``: measure, compare with the ledger, fail where a row fell by more than its noise."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from benchmarks import report
from benchmarks.gate.comparing import contact_sheet
from benchmarks.gate.falls import Change, change, mean, noise
from benchmarks.gate.measuring import CACHE, Measured, measure
from benchmarks.gate.probe import Better, Figure, Probe
from benchmarks.gate.probes import MODULES, PEERS, load_probes
from benchmarks.ledger import page
from benchmarks.ledger.looks import use
from benchmarks.ledger.rows import (
    Best,
    Provenance,
    Row,
    read_outcomes,
    read_rows,
    with_best,
    write_outcomes,
    write_rows,
)
from lab import collected

_NAMED = 8
"""Pictures that are named of those a row lost."""


def main(arguments: Sequence[str]) -> int:
    """Measure probes, print what changed, and write the ledger where asked; 1 if a row fell."""
    options = _options(arguments)
    load = round(os.getloadavg()[0], 2)
    probes, unloaded = load_probes(PEERS if options.peers else MODULES)
    chosen = [probe for probe in probes if _is_chosen(probe, options)]
    if unknown := sorted(
        set(options.probes) - {name for probe in chosen for name in _names(probe)} - set(unloaded)
    ):
        return _refuse(unknown, probes)
    for name, reason in unloaded.items():
        print(f"{name}: not measured, {reason}")
    for half in dict.fromkeys(probe.set for probe in chosen):
        use(half)
    begun = time.monotonic()
    measured = measure(chosen, options.sample)
    for line in _result(chosen, measured, bool(options.probes)):
        print(line)
    before = {row.key: row for row in read_rows()}
    changes = dict(_changes(chosen, measured))
    for line in _told(changes, measured):
        print(line)
    fallen = [key for key, each in changes.items() if each.fell and key not in options.accept]
    broken = [
        f"FAILED  {key}: {name}: {error}"
        for key, one in measured.items()
        for name, error in one.failed.items()
    ]
    for key in fallen:
        print(f"FELL  {key}; if that is wanted: script/bench gate --write --accept '{key}' 'why'")
    print(
        f"{len(measured)} probes, {len(changes)} rows, {len(fallen)} fell; {time.monotonic() - begun:.0f} s"
    )
    if fallen or broken:
        print(*broken, sep="\n")
        return 1
    if options.write:
        _write(chosen, measured, before, options.accept, load)
    return 0


def _refuse(unknown: Iterable[str], probes: Iterable[Probe]) -> int:
    known = ", ".join(sorted({probe.name for probe in probes}))
    print(f"There is no stage {', '.join(unknown)}; there are: {known}", file=sys.stderr)
    return 2


def _names(probe: Probe) -> set[str]:
    return {probe.name, f"{probe.name}/{probe.set}", probe.key}


def _result(probes: Iterable[Probe], measured: Mapping[str, Measured], figures: bool) -> Iterable[str]:
    """Yield a line for each probe that was not measured and, with `figures`, for each figure that was."""
    for probe in probes:
        if probe.key not in measured:
            yield f"{probe.key}: skipped, it takes {probe.needs or 'what is not on this machine'}"
            continue
        for figure in probe.figures if figures else ():
            if values := measured[probe.key].values.get(figure.name):
                goal = "" if figure.goal is None else f", to reach {figure.goal:g}"
                yield f"  {probe.key}: {figure.name}: {mean(values):.4f} of {len(values)}{goal}"


def _is_chosen(probe: Probe, options: argparse.Namespace) -> bool:
    """Return whether a probe is to be measured; one of a kept half only where its set is named, too."""
    if probe.set in collected.KEPT:
        return f"{probe.name}/{probe.set}" in options.probes
    if options.probes:
        return bool(_names(probe) & set(options.probes))
    # Processor time of a machine that tests other things is no figure.
    return not (options.sample and probe.timed)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench gate", description=__doc__)
    parser.add_argument("probes", nargs="*", help="stages, or stage/set; all unless given")
    parser.add_argument("--sample", action="store_true", help="a thinned choice of five minutes")
    parser.add_argument(
        "--peers", action="store_true", help="other programs at these stages, instead of ours"
    )
    parser.add_argument(
        "--write", action="store_true", help="put what was measured into the ledger and on the page"
    )
    parser.add_argument(
        "--accept",
        nargs=2,
        action="append",
        default=[],
        metavar=("ROW", "WHY"),
        help="a fall that is wanted, with its reason, which readers of the page see",
    )
    options = parser.parse_args(arguments)
    options.accept = dict(options.accept)
    if options.write and options.sample:
        parser.error("a sample is not written: measure the whole set")
    return options


def _changes(probes: Iterable[Probe], measured: Mapping[str, Measured]) -> Iterable[tuple[str, Change]]:
    """Yield the change of each of our rows that the ledger knows, on the pictures that both measured."""
    for probe in probes:
        if probe.key not in measured or probe.peer:
            continue
        old = read_outcomes(probe.key)
        for figure in probe.figures:
            new = measured[probe.key].values.get(figure.name, {})
            if figure.name in old and new:
                yield (
                    f"{probe.key}: {figure.name}",
                    change(old[figure.name], new, figure.better, figure.spread),
                )


def _told(changes: Mapping[str, Change], measured: Mapping[str, Measured]) -> Iterable[str]:
    """Yield lines for each row that changed, the worst first, with the pictures that it lost."""

    def loss(each: Change) -> float:
        return (each.before - each.after) * each.better.sign / each.noise

    for key, each in sorted(changes.items(), key=lambda item: -loss(item[1])):
        if not (each.won or each.lost):
            continue
        yield (
            f"{'-' if each.fell else ' '} {key}: {each.before:.4f} -> {each.after:.4f} "
            f"(+- {each.noise:.4f}), {len(each.won)} won, {len(each.lost)} lost"
        )
        if each.lost:
            more = f" and {len(each.lost) - _NAMED} more" if len(each.lost) > _NAMED else ""
            yield f"      lost: {', '.join(each.lost[:_NAMED])}{more}"
        sheet = contact_sheet(key, each.lost, measured[key.partition(": ")[0]])
        if sheet is not None:
            yield f"      to look at: {sheet}"


def _write(
    probes: Iterable[Probe],
    measured: Mapping[str, Measured],
    before: Mapping[str, Row],
    accepted: Mapping[str, str],
    load: float,
) -> None:
    """Replace the rows and outcomes of what was measured, keep the others, and render the page."""
    rows = dict(before)
    for probe in probes:
        if probe.key not in measured:
            continue
        found = measured[probe.key]
        provenance = replace(report.provenance(command_of(probe), found.sources, found.seconds), load=load)
        rows = {key: row for key, row in rows.items() if row.probe != probe.key}
        for figure in probe.figures:
            if values := found.values.get(figure.name):
                row = _row(probe, figure, values, provenance)
                known = before.get(row.key)
                reason = accepted.get(row.key, known.accepted if known is not None else "")
                row = with_best(replace(row, accepted=reason), known)
                rows[row.key] = row if row.below_best else replace(row, accepted="")
        if not probe.peer:
            write_outcomes(probe.key, found.values)
            _keep_pictures(probe.key, found)
    order = {probe.key: number for number, probe in enumerate(load_probes((*MODULES, *PEERS))[0])}
    write_rows(sorted(rows.values(), key=lambda row: order.get(row.probe, len(order))))
    page.write()


def command_of(probe: Probe) -> str:
    """Return the arguments of ``script/bench`` that measure a probe again."""
    subject = f"{probe.name}/{probe.set}"
    return f"gate {shlex.quote(subject)}{' --peers' if probe.peer else ''}"


def _row(probe: Probe, figure: Figure, values: Mapping[str, float], provenance: Provenance) -> Row:
    value = round(mean(values), 5)
    return Row(
        probe=probe.key,
        figure=figure.name,
        value=value,
        noise=round(noise(values, figure.spread), 5),
        pictures=len(values),
        better="higher" if figure.better is Better.HIGHER else "lower",
        goal=figure.goal,
        unit=figure.unit,
        best=Best(value, provenance.commit, provenance.date),
        accepted="",
        provenance=provenance,
    )


def _keep_pictures(key: str, measured: Measured) -> None:
    """Keep the pictures of what the ledger holds, so that the next change can be seen beside them."""
    folder = CACHE / "before" / key.replace("/", "-").replace(" ", "_")
    folder.mkdir(parents=True, exist_ok=True)
    for path in measured.shown.values():
        if path.is_file():
            shutil.copyfile(path, folder / path.name)
