"""Sources of the pictures that nets of fingers learn from: hands, pages, desks, and hands that hold pages."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.fingers.net import SIDE
from lab import collected
from lab.held_pages import cut_page, load_hands
from models.training.finger_hands import Bank, HeldPage, Sprite, drawn_hand, grabbed_hand, photographed_hand
from synthetic.documents.filled import any_page
from synthetic.documents.pages import make_page
from synthetic.scene.surfaces import plain_desk, worktop

Picture = npt.NDArray[np.uint8]

FIRST = 1_700_000
"""Seed of the first made page."""
MARGINS = (0.0, 0.04, 0.12, 0.3)
MOST_PAGES = 3
"""Strips of desk around a real page, as shares of half its sides; and pages that are cut from one picture."""
APART = 200
"""Hands that are kept apart, those of some twenty pupils."""


class Source(NamedTuple):
    """Pictures of a public repository: all of a folder that one commit has."""

    repo: str
    commit: str
    folder: str
    licence: str


HANDS = Source(
    "ardamavi/Sign-Language-Digits-Dataset",
    "4b09433ef9d5c60602e8805bb54b8aa2428527f8",
    "Dataset",
    "Apache-2.0",
)
"""Hands of 218 pupils before a wall; no faces. A. Mavi and Z. Dikle, 2017; arXiv:2011.08927."""
LARGE_HANDS = Source(
    "darjanin/cv1-fingerspelling-recognition", "71b86257e5c143fd0988f24627cc3854ee594ba5", "images", "MIT"
)
"""Hands of some ten people before walls, ten times as large."""
CUT_WELL = {
    *("10a", "10b", "10i", "10l", "10v", "10w", "10y", "1a", "1b", "1i", "1l", "1v", "1w", "1y"),
    *("2v", "2w", "2y", "3b", "3v", "3w", "4v", "4w", "6i", "7v", "8v", "8w"),
}
"""Pictures of `LARGE_HANDS` that hands are cut out of without their shadow."""
OFTEN = 12
"""Times that each of those hands is there: they are few."""


def gather(folder: Path, mirrors: Path, clone: bool, pages: int) -> tuple[Bank, Bank]:
    """Gather the parts, and those that are kept apart; those made are kept in `folder`."""
    seen = [picture for _, picture in photographs(HANDS, mirrors, clone)]
    sprites = [hand for picture in seen if (hand := photographed_hand(picture))]
    sprites = [*OFTEN * list(large_hands(mirrors, clone)), *sprites]
    random = np.random.default_rng(FIRST)
    drawn = [drawn_hand(random) for _ in range(240)]
    made = _kept(folder / "pages.npz", lambda: _made(pages))
    grounds = _kept(folder / "grounds.npz", _grounds)
    # There are few real ones.
    real = 2 * list(real_pages())
    beside = 2 * list(_real_grounds())
    printed = [*seen[:-APART:4], *(_as_picture(hand) for hand in drawn[:60])]
    held = list(held_pages())
    holding = [hand for page in held for hand in page.sprites()]
    bank = Bank([*made, *real], (sprites[:-APART], drawn), [*grounds, *beside], printed, held, holding)
    return bank, bank._replace(hands=(sprites[-APART:], sprites[-APART:]), held=(), holding=())


def photographs(source: Source, mirrors: Path, clone: bool) -> Iterator[tuple[str, Picture]]:
    """Pictures of a source by name: those of `HANDS` as they were taken, one pupil after the other."""
    repository = collected.find_clone(mirrors, source.repo, clone)
    if repository is None:
        raise SystemExit(f"no clone of {source.repo} in {mirrors}; add --clone")
    listing = [
        "git",
        f"--git-dir={repository}",
        "ls-tree",
        "-r",
        "-z",
        "--name-only",
        source.commit,
        source.folder,
    ]
    names = subprocess.run(listing, capture_output=True, check=True, text=True).stdout.split("\0")
    for name in sorted(names, key=lambda name: (Path(name).stem, name)):
        if name.lower().endswith(".jpg"):
            data = np.frombuffer(collected.read_blob(repository, source.commit, name), np.uint8)
            yield Path(name).stem, np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def large_hands(mirrors: Path, clone: bool) -> Iterator[Sprite]:
    """Cut out hands of `LARGE_HANDS`."""
    for name, picture in photographs(LARGE_HANDS, mirrors, clone):
        hand = grabbed_hand(picture) if name.removeprefix("set").replace("_", "") in CUT_WELL else None
        if hand is not None:
            yield hand


def _kept(path: Path, make: Any) -> list[Picture]:
    if not path.exists():
        np.savez(path, *make())
    with np.load(path) as file:
        return list(file.values())


def _made(count: int) -> Iterator[Picture]:
    """Made pages, `SIDE` long: prose with figures, forms, tables, cards."""
    drawn: set[int] = set()
    for number in range(count):
        seed = FIRST + number
        if number % 3 == 2:
            picture = any_page(np.random.default_rng([seed, 5]), drawn)
        else:
            picture = make_page(seed, (1240, 1754) if number % 3 else (880, 1240)).picture
        yield _reduced(picture)


def _grounds() -> Iterator[Picture]:
    for number in range(120):
        random = np.random.default_rng([FIRST, number, 7])
        surface = (plain_desk if number % 4 == 0 else worktop)(random, (SIDE, SIDE))
        yield np.clip(surface, 0, 255).astype(np.uint8)


def real_pages(side: int = SIDE) -> Iterator[Picture]:
    """Pages of pictures whose licence allows it, as far as they were collected, so long."""
    for entry in json.loads(collected.MANIFEST.read_text(encoding="utf-8")):
        path = collected.default_folder() / entry["file"]
        # Hands that hold a document would be pages without one.
        free = entry["class"] != "negative" and "hand" not in entry["kind"]
        if not (entry["half"] == "open" and entry["fit"] and path.is_file() and free):
            continue
        picture = np.asarray(cv2.imread(str(path)), np.uint8)
        yield _reduced(picture, side)
        for document in entry["documents"][:MOST_PAGES]:
            corners = np.array(document["quad"], np.float32)
            for margin in MARGINS:
                wider = corners + margin * (corners - corners.mean(axis=0))
                if wider.min() >= 0 and (wider.max(axis=0) < picture.shape[1::-1]).all():
                    yield _reduced(cut_page(picture, np.asarray(wider, np.float32), 2 * side)[0], side)


def held_pages() -> Iterator[HeldPage]:
    """Photographs of hands that hold something, whose licence allows it, as far as they were collected."""
    for held in load_hands(fit=True):
        if held.fingers:
            page = _reduced(held.page)
            skin = np.logical_or.reduce(held.fingers).astype(np.float32)
            yield HeldPage(page, cv2.resize(skin, page.shape[1::-1], interpolation=cv2.INTER_AREA))


def _real_grounds() -> Iterator[Picture]:
    """Squares of what documents lie on, of the same pictures."""
    random = np.random.default_rng([FIRST, 9])
    for entry in json.loads(collected.MANIFEST.read_text(encoding="utf-8")):
        path = collected.default_folder() / entry["file"]
        free = entry["class"] != "whole" and "hand" not in entry["kind"]
        if not (entry["half"] == "open" and entry["fit"] and path.is_file() and free):
            continue
        picture = _reduced(np.asarray(cv2.imread(str(path)), np.uint8))
        factor = max(picture.shape[:2]) / max(entry["width"], entry["height"])
        free = np.ones(picture.shape[:2], np.uint8)
        for document in entry["documents"]:
            corners = np.rint(np.array(document["quad"], np.float32) * factor).astype(np.int32)
            cv2.fillPoly(free, [corners], (0,), cv2.LINE_8)
        # A square whose middle is this far from any document holds none.
        room = cv2.distanceTransform(np.pad(free, 1), cv2.DIST_C, 3)[1:-1, 1:-1]
        for half in (60, 30):
            places = np.argwhere(room > half + 4)
            for y, x in places[random.permutation(len(places))[:3]]:
                yield np.ascontiguousarray(picture[y - half : y + half, x - half : x + half])


def _reduced(picture: Picture, side: int = SIDE) -> Picture:
    factor = side / max(picture.shape[:2])
    flags = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=flags), np.uint8)


def _as_picture(hand: Sprite) -> Picture:
    """A drawn hand before a pale ground."""
    cover = hand.cover[:, :, None]
    whole = np.clip(255 * hand.own * hand.colour * cover + 225 * (1 - cover), 0, 255)
    return np.asarray(whole, np.uint8)
