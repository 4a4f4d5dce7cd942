"""S23: what is shipped is pinned by hashes, new enough, and listed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "packaging/requirements.txt"
TOOLS = ROOT / "packaging/tools.txt"
FLOORS = {"aiohttp": "3.13.3", "pillow": "12.3"}
"""The first versions without weaknesses that a page could use."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = [
    line for name in ("scanner", "card", "resident", "tls") for line in PROJECT["optional-dependencies"][name]
]
SHIPPED = [line for line in (*PROJECT["dependencies"], *EXTRAS) if not line.startswith("gaopai[")]


def pins(lock: Path) -> dict[str, list[str]]:
    """The entries of a lock file: the requirement's line and, after it, its hashes."""
    entries: dict[str, list[str]] = {}
    current = ""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if re.match(r"[A-Za-z0-9]", line):
            current = line.rstrip("\\ ")
            entries[current] = []
        elif found := re.search(r"--hash=(sha256:[0-9a-f]{64})", line):
            entries[current].append(found[1])
    return entries


@pytest.mark.parametrize("lock", [LOCK, TOOLS], ids=lambda lock: lock.name)
def test_every_pin_has_one_version_and_hashes(lock: Path) -> None:
    entries = pins(lock)
    assert len(entries) >= 3
    assert [entry for entry, hashes in entries.items() if "==" not in entry or not hashes] == []


def test_the_lock_fulfils_what_the_project_asks_for() -> None:
    pinned = {Requirement(entry).name: Requirement(entry) for entry in pins(LOCK)}
    for line in SHIPPED:
        wanted = Requirement(line)
        (exact,) = pinned[wanted.name].specifier
        assert wanted.specifier.contains(exact.version), f"{line}: run script/lock"


def test_a_pin_that_is_too_old_would_be_told() -> None:
    assert not Requirement("pillow>=12.3").specifier.contains("12.2.0")


@pytest.mark.parametrize(("name", "floor"), FLOORS.items())
def test_the_project_asks_for_versions_without_known_weaknesses(name: str, floor: str) -> None:
    (wanted,) = (one for one in map(Requirement, PROJECT["dependencies"]) if one.name == name)
    (bound,) = wanted.specifier
    assert bound.operator == ">="
    assert Version(bound.version) >= Version(floor)
    assert Version(metadata.version(name)) >= Version(floor)


@pytest.fixture(scope="module")
def bill() -> dict[str, object]:
    """The bill of materials of this environment, made as script/package makes it."""
    command = [sys.executable, ROOT / "packaging/sbom.py", sysconfig.get_path("purelib"), "0.1.0"]
    made = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    shown: dict[str, object] = json.loads(made.stdout)
    return shown


def validated(bill: object) -> object:
    """What the schema of CycloneDX says against a bill; None when nothing."""
    validation = pytest.importorskip("cyclonedx.validation.json", reason="cyclonedx-python-lib is missing")
    schema = pytest.importorskip("cyclonedx.schema")
    validator = validation.JsonStrictValidator(schema.SchemaVersion.V1_6)
    found: object = validator.validate_str(json.dumps(bill))
    return found


@pytest.mark.long
def test_the_bill_of_materials_keeps_to_the_schema(bill: dict[str, object]) -> None:
    assert validated(bill) is None


def test_the_schema_refuses_another(bill: dict[str, object]) -> None:
    assert validated(bill | {"components": [{"name": "of no type"}]}) is not None


def test_the_bill_lists_what_is_installed_and_what_wheels_carry(bill: dict[str, object]) -> None:
    listed = bill["components"]
    assert isinstance(listed, list)
    components = {re.split("[/@]", entry["purl"])[1]: entry for entry in listed}
    assert components.keys() >= {Requirement(line).name for line in PROJECT["dependencies"]}
    assert components["aiohttp"]["version"] == metadata.version("aiohttp")
    assert all("licenses" in components[name] for name in ("aiohttp", "numpy"))
    carried = components["av"].get("components", [])
    if not carried:
        pytest.skip("av is not installed from a wheel")
    assert any(entry["name"].startswith("libavcodec") for entry in carried)
