"""Real pictures of public repositories, made again from those: ``python -m lab.collected``.

``collected.json`` beside this names each by repository, commit, path and sha256, with its licence, class and
the corners marked by hand. ``collected_hands.json`` names those of pages with fingers on them,
``collected_tints.json`` those with pale fields or of coloured paper, which are marked,
``collected_colour.json`` those with printed photographs, fields, light print and shadows, and
``collected_pairs.json`` those of one bent sheet or book from two places.
The pictures are never part of the project: they go to a folder of the cache
(``GAOPAI_COLLECTED`` names another). ``--mirrors`` is a folder with clones of the repositories, named
``owner+name``, ``owner/name`` or ``name``; with ``--clone`` those missing are cloned into it, without the
files that nobody asks for.

Some are ``kept``: no finder is shown one before a figure is claimed, so only ``--kept`` makes them. Claims
use them up: the ledger counts how often each half was measured, and after three times its pictures are
marked ``open`` here, and others are collected. What is shipped learns only from those with
``"fit": true``, which are open, and whose licence allows it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

MANIFEST = Path(__file__).with_suffix(".json")
HANDS = MANIFEST.with_name("collected_hands.json")
TINTS = MANIFEST.with_name("collected_tints.json")
COLOUR = MANIFEST.with_name("collected_colour.json")
PAIRS = MANIFEST.with_name("collected_pairs.json")
KEPT = {"kept": "kept tints", "kept6": "kept, set 6"}
"""Titles of the parts that figures are claimed by, in the order of their collecting."""
HALVES = {"open": "open half"} | KEPT
"""Titles of all parts that the pictures come in."""
_ADDRESS = "https://github.com/{}"
_SECONDS = 600
_INSIDE = ("", ".git", "repo", "repo/.git")
"""Places of a git directory in the folder of a clone."""


def default_folder() -> Path:
    """The folder that the pictures go to."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("GAOPAI_COLLECTED") or Path(base, "gaopai", "collected"))


def build(arguments: Sequence[str]) -> int:
    """Write all pictures that can be had; the exit code is 1 if some are missing, which are named."""
    parser = argparse.ArgumentParser(prog="python -m lab.collected", description=__doc__.split("\n")[0])
    parser.add_argument("--mirrors", type=Path, help="folder with clones of the repositories")
    parser.add_argument("--clone", action="store_true", help="clone what is missing into --mirrors")
    for half in KEPT:
        parser.add_argument(
            f"--{half}",
            action="append_const",
            dest="halves",
            const=half,
            help="these, too, to claim a figure",
        )
    parser.add_argument("--into", type=Path, default=default_folder(), help="default: %(default)s")
    options = parser.parse_args(arguments)
    options.into.mkdir(parents=True, exist_ok=True)
    entries = [
        entry
        for manifest in (MANIFEST, HANDS, TINTS, COLOUR, PAIRS)
        for entry in json.loads(manifest.read_text(encoding="utf-8"))
        if "repo" in entry and entry["half"] in ("open", *(options.halves or ()))
    ]
    missing = list(_missing(entries, options.into, options.mirrors, options.clone))
    print(*missing, f"{len(entries) - len(missing)} of {len(entries)} pictures in {options.into}", sep="\n")
    return int(bool(missing))


def _missing(
    entries: Sequence[dict[str, str]], into: Path, mirrors: Path | None, clone: bool
) -> Iterator[str]:
    for entry in entries:
        target = into / entry["file"]
        if target.is_file() and _is_it(target.read_bytes(), entry):
            continue
        name = f"{entry['repo']} @ {entry['commit'][:12]}: {entry['path']}"
        repository = None if mirrors is None else find_clone(mirrors, entry["repo"], clone)
        if repository is None:
            yield f"{name}: no clone of the repository; name a folder of clones with --mirrors, add --clone"
        elif not _is_it(content := read_blob(repository, entry["commit"], entry["path"]), entry):
            yield f"{name}: {'another file than was marked' if content else 'not in ' + str(repository)}"
        else:
            target.write_bytes(content)


def _is_it(content: bytes, entry: dict[str, str]) -> bool:
    return hashlib.sha256(content).hexdigest() == entry["sha256"]


def find_clone(mirrors: Path, repository: str, clone: bool = False) -> Path | None:
    """Find the git directory of a repository in a folder of clones; with `clone` make it there."""
    names = (repository.replace("/", "+"), repository, repository.split("/")[1])
    for path in (mirrors / name / inside for name in names for inside in _INSIDE):
        if (path / "HEAD").is_file() and (path / "objects").is_dir():
            return path
    if not clone:
        return None
    into = mirrors / names[0]
    partial = ("clone", "--quiet", "--bare", "--filter=blob:none", _ADDRESS.format(repository), str(into))
    done = subprocess.run(["git", *partial], check=False, timeout=_SECONDS)
    return into if done.returncode == 0 else None


def read_blob(repository: Path, commit: str, path: str) -> bytes:
    """Read a file of a commit; empty where the clone does not have it."""
    command = ["git", f"--git-dir={repository}", "cat-file", "blob", f"{commit}:{path}"]
    return subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS).stdout


if __name__ == "__main__":
    sys.exit(build(sys.argv[1:]))
