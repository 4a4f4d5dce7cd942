"""``script/bench compare A B``: two commits on the same pictures, won and lost, with sheets to look at."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.gate.falls import change
from benchmarks.gate.measuring import CACHE, Measured, measure
from benchmarks.gate.probe import Probe
from benchmarks.gate.probes import load_probes
from benchmarks.gate.show import SIDE
from benchmarks.ledger.sources import ROOT
from imgcore.types import Image

_ROWS = 12
"""Pictures on a contact sheet at most."""
_HEADING = 26
"""Height in pixels of the line above each pair."""
_HERE = "."
"""Stands for the working tree among the commits."""
_BUILD_SECONDS = 1200
_PRINTED = 20
"""Pictures that are named of those a row lost or won."""


def main(arguments: Sequence[str]) -> int:
    """Measure two commits, and print the rows and pictures in which they differ; 1 if a row fell."""
    parser = argparse.ArgumentParser(prog="script/bench compare", description=__doc__)
    parser.add_argument("before", help="a commit")
    parser.add_argument("after", nargs="?", default=_HERE, help="another; the working tree unless given")
    parser.add_argument("--probes", nargs="+", default=(), help="stages, or stage/set; all unless given")
    parser.add_argument("--sample", action="store_true", help="a thinned choice of five minutes")
    options = parser.parse_args(arguments)
    old, new = (
        _measured(commit, options.probes, options.sample) for commit in (options.before, options.after)
    )
    fell = False
    for probe in load_probes()[0]:
        if probe.key not in old or probe.key not in new:
            continue
        for figure in probe.figures:
            before, after = (one[probe.key].values.get(figure.name, {}) for one in (old, new))
            if not (before and after):
                continue
            found = change(before, after, figure.better, figure.spread)
            if not (found.won or found.lost):
                continue
            fell |= found.fell
            print(
                f"{'-' if found.fell else ' '} {probe.key}: {figure.name}: "
                f"{found.before:.4f} -> {found.after:.4f} (+- {found.noise:.4f})"
            )
            for word, names in (("lost", found.lost), ("won", found.won)):
                if names:
                    print(f"      {len(names)} {word}: {', '.join(names[:_PRINTED])}")
            sheet = _sheet(
                f"{probe.key}: {figure.name}", [*found.lost, *found.won],
                old[probe.key].shown, new[probe.key].shown,
            )  # fmt: skip
            if sheet is not None:
                print(f"      to look at: {sheet}")
    return int(fell)


def _measured(commit: str, names: Sequence[str], sample: bool) -> dict[str, Measured]:
    """Measure one commit, in a process of its own, with the pictures and figures of this working tree."""
    if commit == _HERE:
        return measure(_chosen(names), sample)
    tree = checked_out(commit)
    known = CACHE / "compared" / f"{tree.name}.json"
    known.parent.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {
        "PYTHONPATH": f"{overlay(tree)}",
        "GAOPAI_BENCH_CACHE": str(CACHE / "commits" / tree.name),
        "GAOPAI_SHARED": os.environ.get("GAOPAI_SHARED", str(ROOT.parent / "shared")),
    }
    command = [sys.executable, "-m", "benchmarks.gate.comparing", str(known), str(int(sample)), *names]
    subprocess.run(command, cwd=overlay(tree), env=environment, check=True)
    return {
        key: Measured(
            sources=commit, values=entry["values"], shown={n: Path(p) for n, p in entry["shown"].items()}
        )
        for key, entry in json.loads(known.read_text(encoding="utf-8")).items()
    }


def _chosen(names: Sequence[str]) -> list[Probe]:
    probes, unloaded = load_probes()
    for name, reason in unloaded.items():
        print(f"{name}: not measured, {reason}")
    return [probe for probe in probes if not names or probe.name in names or probe.key in names]


def _tell(path: Path, sample: bool, names: Sequence[str]) -> None:
    """Measure the picture core that is imported here, and write what it gave for the other process."""
    entries = {
        key: {"values": one.values, "shown": {name: str(shown) for name, shown in one.shown.items()}}
        for key, one in measure(_chosen(names), sample).items()
    }
    path.write_text(json.dumps(entries), encoding="utf-8")


def checked_out(commit: str) -> Path:
    """Return a folder with the files of a commit, its kernels compiled."""
    full = subprocess.run(
        ("git", "rev-parse", "--verify", f"{commit}^{{commit}}"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    tree = CACHE / "trees" / full[:12]
    if (tree / ".built").exists():
        return tree
    tree.mkdir(parents=True, exist_ok=True)
    archive = subprocess.run(("git", "archive", full), cwd=ROOT, capture_output=True, check=True)
    subprocess.run(("tar", "-x"), cwd=tree, input=archive.stdout, check=True)
    print(f"compiling the kernels of {full[:12]}", flush=True)
    subprocess.run(
        (sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"),
        cwd=tree, check=True, capture_output=True, timeout=_BUILD_SECONDS,
    )  # fmt: skip
    (tree / ".built").touch()
    return tree


def overlay(tree: Path) -> Path:
    """Return a folder of links: the picture core of a commit with the benchmarks of this working tree."""
    folder = tree.with_name(f"{tree.name}-overlay")
    folder.mkdir(exist_ok=True)
    sources = {name: tree / name for name in ("imgcore", "models", "server", "synthetic")}
    sources |= {name: ROOT / name for name in ("lab", "benchmarks")}
    for name, target in sources.items():
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(target, target_is_directory=True)
    return folder


def contact_sheet(row: str, names: Sequence[str], measured: Measured) -> Path | None:
    """Draw the pictures that a row lost beside those that the ledger was written with; None without any."""
    key = row.partition(": ")[0]
    folder = CACHE / "before" / key.replace("/", "-").replace(" ", "_")
    before = {name: folder / path.name for name, path in measured.shown.items()}
    return _sheet(row, names, before, measured.shown)


def _sheet(
    row: str, names: Sequence[str], before: Mapping[str, Path], after: Mapping[str, Path]
) -> Path | None:
    pairs = [_pair(name, before[name], after[name]) for name in names if name in before and name in after]
    pairs = pairs[:_ROWS]
    if not pairs:
        return None
    width = max(pair.shape[1] for pair in pairs)
    padded = [
        cv2.copyMakeBorder(pair, 0, 8, 0, width - pair.shape[1], cv2.BORDER_CONSTANT, value=(255, 255, 255))
        for pair in pairs
    ]
    path = CACHE / "sheets" / f"{re.sub(r'[^a-zA-Z0-9]+', '-', row)}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.vstack(padded))
    return path


def _pair(name: str, before: Path, after: Path) -> Image:
    """Return two pictures side by side below their name."""
    pictures = [cv2.imread(str(path)) for path in (before, after)]
    shown = [np.full((SIDE // 2, SIDE // 2, 3), 127, np.uint8) if each is None else each for each in pictures]
    rows = max(each.shape[0] for each in shown)
    filled = [
        cv2.copyMakeBorder(each, 0, rows - each.shape[0], 0, 8, cv2.BORDER_CONSTANT, value=(255, 255, 255))
        for each in shown
    ]
    pair = np.hstack(filled)
    headed = cv2.copyMakeBorder(pair, _HEADING, 0, 0, 0, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    cv2.putText(
        headed, f"{name}: before, after", (4, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA
    )
    return np.asarray(headed, np.uint8)


if __name__ == "__main__":
    _tell(Path(sys.argv[1]), sys.argv[2] == "1", sys.argv[3:])
