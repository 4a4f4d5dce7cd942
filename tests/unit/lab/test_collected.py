"""Collected pictures are made again from clones, byte by byte, and what is missing is named."""

import hashlib
import json
import subprocess
from collections import Counter

import cv2
import numpy as np
import pytest

from lab import collected
from lab.held_pages import load_hands
from lab.marked import load_marked

CONTENT = b"a picture"


def git(folder, *arguments):
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", "-C", folder, *identity, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def mirrors(tmp_path):
    """A folder with a clone whose newest commit no longer has the picture."""
    clone = tmp_path / "mirrors" / "owner+name"
    clone.mkdir(parents=True)
    git(clone, "init", "--quiet")
    (clone / "desk.jpg").write_bytes(CONTENT)
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "-m", "one")
    (clone / "desk.jpg").unlink()
    git(clone, "commit", "--quiet", "-a", "-m", "two")
    return clone.parent


@pytest.fixture
def manifest(mirrors, tmp_path, monkeypatch):
    """Return a function that writes a manifest of one picture."""
    path = tmp_path / "collected.json"
    monkeypatch.setattr(collected, "MANIFEST", path)
    for others in ("HANDS", "TINTS", "COLOUR", "PAIRS"):
        monkeypatch.setattr(collected, others, tmp_path / f"{others.lower()}.json")
        getattr(collected, others).write_text("[]", encoding="utf-8")
    commit = git(mirrors / "owner+name", "rev-parse", "HEAD~1")

    def write(**changes):
        entry = {"file": "a.jpg", "class": "negative", "kind": "desk", "half": "open", "documents": []}
        entry |= {"width": 1, "height": 1}
        source = {"repo": "owner/name", "commit": commit, "path": "desk.jpg"}
        sha256 = {"sha256": hashlib.sha256(CONTENT).hexdigest()}
        path.write_text(json.dumps([entry | source | sha256 | changes]), encoding="utf-8")

    return write


def test_a_picture_comes_from_the_commit_that_has_it(mirrors, manifest, tmp_path):
    manifest()
    assert collected.build(["--mirrors", str(mirrors), "--into", str(tmp_path / "into")]) == 0
    assert (tmp_path / "into" / "a.jpg").read_bytes() == CONTENT
    assert collected.build(["--into", str(tmp_path / "into")]) == 0  # It is there already.


def test_the_kept_half_is_made_when_asked_for(mirrors, manifest, tmp_path):
    manifest(half="kept")
    arguments = ["--mirrors", str(mirrors), "--into", str(tmp_path)]
    assert collected.build(arguments) == 0
    assert not list(load_marked(collected.MANIFEST, tmp_path))
    collected.build([*arguments, "--kept"])
    assert len(list(load_marked(collected.MANIFEST, tmp_path))) == 1
    assert len(list(load_marked(collected.MANIFEST, tmp_path, "kept"))) == 1
    assert not list(load_marked(collected.MANIFEST, tmp_path, "open"))


@pytest.mark.parametrize(
    ("half", "asked", "made"),
    [(half, f"--{asked}", int(half == asked)) for half in collected.KEPT for asked in collected.KEPT],
)
def test_each_kept_part_is_asked_for_by_its_name(mirrors, manifest, tmp_path, half, asked, made):
    manifest(half=half)
    assert collected.build(["--mirrors", str(mirrors), "--into", str(tmp_path), asked]) == 0
    assert len(list(tmp_path.glob("*.jpg"))) == made


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"repo": "other/one"}, "no clone of the repository"),
        ({"path": "missing.jpg"}, "not in"),
        ({"sha256": "0" * 64}, "another file than was marked"),
    ],
)
def test_what_is_missing_is_named(mirrors, manifest, tmp_path, capsys, changes, said):
    manifest(**changes)
    assert collected.build(["--mirrors", str(mirrors), "--into", str(tmp_path / "into")]) == 1
    assert said in capsys.readouterr().out
    assert not list((tmp_path / "into").iterdir())


MANIFESTS = [collected.MANIFEST, collected.HANDS, collected.PAIRS]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.stem)
def test_the_manifest_of_the_project_tells_licence_and_half(manifest):
    entries = json.loads(manifest.read_text(encoding="utf-8"))
    assert "open" in {entry["half"] for entry in entries}
    assert {entry["half"] for entry in entries} <= {*collected.HALVES}
    assert not [entry["file"] for entry in entries if entry["fit"] and entry["half"] != "open"]
    assert not [
        entry["file"]
        for entry in entries
        if entry["fit"] and entry["licence"].startswith(("none", "DocUNet"))
    ]
    assert len({entry["sha256"] for entry in entries}) == len(entries)


LEAST_LEARNED = (50, 18)
CORNERS = [[0, 0], [49, 0], [49, 49], [0, 49]]


def test_fingers_are_marked_on_their_pages():
    for entry in json.loads(collected.HANDS.read_text(encoding="utf-8")):
        assert len(entry["page"]) == 4
        page = np.array(entry["page"], np.float32)
        for finger in entry["fingers"]:
            middle = np.array(finger, np.float32).mean(axis=0)
            assert cv2.pointPolygonTest(page, (float(middle[0]), float(middle[1])), True) > -20, entry["file"]


def test_hands_to_learn_from_do_not_measure(manifest, tmp_path, monkeypatch):
    monkeypatch.setenv("GAOPAI_COLLECTED", str(tmp_path))
    entries = [
        {"file": f"{fit}.png", "half": "open", "fit": fit, "page": CORNERS, "fingers": [CORNERS[:3]]}
        for fit in (False, True)
    ]
    for entry in entries:
        cv2.imwrite(str(tmp_path / entry["file"]), np.zeros((50, 50, 3), np.uint8))
    collected.HANDS.write_text(json.dumps(entries), encoding="utf-8")
    assert [page.name for page in load_hands()] == ["False.png"]
    assert [page.name for page in load_hands(fit=True)] == ["True.png"]


def test_hands_to_learn_from_are_of_many_projects():
    entries = json.loads(collected.HANDS.read_text(encoding="utf-8"))
    learned = Counter(entry["repo"] for entry in entries if entry["fit"])
    assert learned.total() >= LEAST_LEARNED[0]
    assert len(learned) >= LEAST_LEARNED[1]
    # A project measures or is learned from, as its hands are the same.
    assert not learned.keys() & {entry["repo"] for entry in entries if not entry["fit"] and "repo" in entry}


def test_a_pair_is_two_photographs_of_one_half():
    sheets = {}
    for entry in json.loads(collected.PAIRS.read_text(encoding="utf-8")):
        sheets.setdefault(entry["sheet"], []).append((entry["half"], entry["kind"]))
    assert {len(both) for both in sheets.values()} == {2}
    assert all(one == other for one, other in sheets.values())
