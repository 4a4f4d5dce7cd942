"""S23: what is shipped can be looked up in a copy of the advisories that was brought along."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "packaging/requirements.txt").read_text(encoding="utf-8")
NAME, VERSION = re.findall(r"^(aiohttp)==(\S+)", LOCK, re.MULTILINE)[0]
PIP_AUDIT = ROOT / ".cache/audit/.made"


@pytest.fixture(scope="module")
def advisories() -> Any:
    spec = importlib.util.spec_from_file_location("advisories", ROOT / "packaging/advisories.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def advisory(*events: dict[str, str], name: str = NAME, **more: Any) -> dict[str, Any]:
    """One as OSV writes it, of which ``events`` say from when to when it holds."""
    affected = {
        "package": {"ecosystem": "PyPI", "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": list(events)}],
        **more,
    }
    return {
        "id": "TEST-2026-1",
        "modified": "2026-11-20T08:00:00Z",
        "summary": "made up",
        "affected": [affected],
    }


ALL = {"introduced": "0"}
HOLDS = [
    ((ALL,), True),
    ((ALL, {"fixed": "3.2"}), True),
    ((ALL, {"fixed": "3.1"}), False),
    ((ALL, {"fixed": "3.1rc1"}), False),
    ((ALL, {"last_affected": "3.1"}), True),
    ((ALL, {"last_affected": "3.0.9"}), False),
    (({"introduced": "3.1"},), True),
    (({"introduced": "3.1.1"},), False),
    (({"fixed": "2.0"}, {"introduced": "1.0"}, {"introduced": "3.0"}, {"fixed": "3.5"}), True),
    (({"introduced": "1.0"}, {"fixed": "2.0"}, {"introduced": "3.2"}), False),
    (({"introduced": "3.10"},), False),
    ((ALL, {"limit": "3.0"}), False),
    ((ALL, {"limit": "*"}), True),
    ((), False),
]


@pytest.mark.parametrize(("events", "holds"), HOLDS, ids=str)
def test_an_advisory_holds_from_when_to_when_it_says(
    advisories: Any, events: tuple[dict[str, str], ...], holds: bool
) -> None:
    (affected,) = advisory(*events)["affected"]
    assert advisories.is_affected(affected, "3.1") is holds


def test_or_for_versions_that_it_lists_and_for_what_cannot_be_compared(advisories: Any) -> None:
    (affected,) = advisory(versions=["3.1"])["affected"]
    assert advisories.is_affected(affected, "3.1")
    assert not advisories.is_affected(affected, "3.2")
    (affected,) = advisory({"introduced": "of no known form"})["affected"]
    assert advisories.is_affected(affected, "3.1")


def as_folder(folder: Path, found: dict[str, Any]) -> Path:
    (folder / "one.json").write_text(json.dumps(found))
    return folder


def as_zip(folder: Path, found: dict[str, Any]) -> Path:
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        archive.writestr("TEST-2026-1.json", json.dumps(found))
    return folder / "all.zip"


@pytest.mark.parametrize("form", [as_folder, as_zip])
def test_it_is_asked_as_osv_is(
    advisories: Any, tmp_path: Path, form: Callable[[Path, dict[str, Any]], Path]
) -> None:
    database = advisories.Advisories(form(tmp_path, advisory(ALL, name="Some_Library")))
    assert database.newest.startswith("2026-11-20")
    server = advisories.served(database)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        for name, found in (("some-library", ["TEST-2026-1"]), ("another", [])):
            question = json.dumps({"package": {"name": name, "ecosystem": "PyPI"}, "version": "1"}).encode()
            url = f"http://127.0.0.1:{server.server_port}/v1/query"
            with urllib.request.urlopen(url, question, timeout=PATIENCE) as answer:
                assert [one["id"] for one in json.load(answer).get("vulns", [])] == found
    finally:
        server.shutdown()
        server.server_close()


def of_another_kind(folder: Path) -> Path:
    (folder / "one.json").write_text(
        json.dumps({"affected": [{"package": {"ecosystem": "npm", "name": "x"}}]})
    )
    return folder


def cut_off(folder: Path) -> Path:
    path = as_zip(folder, advisory(ALL))
    path.write_bytes(path.read_bytes()[:-30])
    return path


def empty(folder: Path) -> Path:
    return folder


def missing(folder: Path) -> Path:
    return folder / "none"


@pytest.mark.parametrize("made", [of_another_kind, cut_off, empty, missing])
def test_what_is_no_copy_does_not_say_that_all_is_well(made: Callable[[Path], Path], tmp_path: Path) -> None:
    words = [sys.executable, str(ROOT / "packaging/advisories.py"), str(made(tmp_path)), "true"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2
    assert "gaopai: " in done.stderr


@pytest.mark.skipif(not PIP_AUDIT.exists(), reason="pip-audit is not here; script/audit installs it")
@pytest.mark.parametrize(("fixed", "code"), [("99999", 1), (VERSION, 0)])
def test_script_audit_finds_a_pinned_version_in_it(tmp_path: Path, fixed: str, code: int) -> None:
    database = as_zip(tmp_path, advisory(ALL, {"fixed": fixed}))
    words = [str(ROOT / "script/audit"), "--database", database.name]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == code, done.stdout + done.stderr
    assert "newest advisory is of 2026-11-20" in done.stdout
    told = re.search(rf"^{NAME}\s+{re.escape(VERSION)}\s+TEST-2026-1\s+{fixed}", done.stdout, re.MULTILINE)
    assert bool(told) is bool(code)
    assert ("nothing is known of these versions" in done.stdout) is not bool(code)
