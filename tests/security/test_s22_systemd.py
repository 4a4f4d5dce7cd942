"""S22: the systemd units keep the service to what it needs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.patience import PATIENCE

UNITS = Path(__file__).parents[2] / "packaging/systemd"
SYSTEM = UNITS / "system/gaopai.service"
USER = UNITS.parents[1] / "server/cli/gaopai.service"
CONFINED = UNITS / "user/confined.conf"
EXPOSED = 2.5
"""What `systemd-analyze security` may say of the system unit, and of the other with its drop-in, of 10."""
BOTH = {
    "Type=notify",
    "Restart=on-failure",
    "StartLimitIntervalSec=0",
    "RestartMaxDelaySec=60",
    "NoNewPrivileges=yes",
    "MemoryDenyWriteExecute=yes",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=landlock_create_ruleset landlock_add_rule landlock_restrict_self",
    "LimitCORE=0",
    'ExecReload=/bin/sh -c "kill -HUP $MAINPID"',
    "MemoryMax=2G",
    "RuntimeDirectory=gaopai",
    "UMask=0077",
}
MACHINE = {
    "User=gaopai",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "DevicePolicy=closed",
    "DeviceAllow=char-video4linux rw",
    "DeviceAllow=char-usb_device rw",
    "CapabilityBoundingSet=",
    "StateDirectory=gaopai gaopai-access",
}
BACKOFF = re.compile(r"Unknown (key|lvalue).*'Restart(Steps|MaxDelaySec)'")
NEEDS_NAMESPACES = re.compile(
    r"^(Private|Protect|Device|ReadWritePaths|BindPaths|CapabilityBoundingSet)", re.M
)


@pytest.fixture
def analyze() -> str:
    """The command systemd-analyze, new enough to read units from files."""
    command = shutil.which("systemd-analyze")
    if command is None:
        pytest.skip("systemd-analyze is not installed")
    shown = subprocess.run(
        [command, "--version"], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    if int(shown.stdout.split()[1]) < 250:
        pytest.skip("systemd-analyze judges units in files from version 250 on")
    return command


def startable(unit: Path, folder: Path) -> Path:
    """A copy of `unit` whose program is there, which systemd-analyze asks for."""
    copy = folder / unit.name
    copy.write_text(unit.read_text().replace("/usr/bin/gaopai", "/bin/true"))
    return copy


def exposure(command: str, unit: Path) -> float:
    """How exposed systemd takes a unit for, 0 to 10."""
    judged = subprocess.run(
        [command, "security", "--offline=true", "--no-pager", unit],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    found = re.search(r"exposure level for \S+: ([\d.]+)", judged.stdout)
    assert found, judged.stdout + judged.stderr
    return float(found[1])


def test_the_system_unit_is_hardly_exposed(analyze: str, tmp_path: Path) -> None:
    assert exposure(analyze, startable(SYSTEM, tmp_path)) <= EXPOSED


def test_the_user_unit_is_hardly_exposed_with_its_drop_in(analyze: str, tmp_path: Path) -> None:
    unit = startable(USER, tmp_path)
    lines = CONFINED.read_text().partition("[Service]\n")[2]
    unit.write_text(unit.read_text().replace("[Install]", f"{lines}\n[Install]"))
    assert exposure(analyze, unit) <= EXPOSED


def test_a_unit_without_these_lines_is_told(analyze: str, tmp_path: Path) -> None:
    unit = startable(SYSTEM, tmp_path)
    bare = re.sub(
        r"^(Protect|Restrict|System|Capab|Device|NoNew|Dynamic|User).*\n", "", unit.read_text(), flags=re.M
    )
    unit.write_text(bare)
    assert exposure(analyze, unit) > EXPOSED


@pytest.mark.parametrize("unit", [SYSTEM, USER], ids=["system", "user"])
def test_systemd_understands_every_line(unit: Path, analyze: str, tmp_path: Path) -> None:
    checked = subprocess.run(
        [analyze, "verify", "--man=no", f"--{unit.parent.name}", startable(unit, tmp_path)],
        capture_output=True, text=True, timeout=PATIENCE, check=False, env={"XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    assert "Failed to initialize" not in checked.stderr
    # Units that a minimal machine lacks are named, too; they are not ours. Before 254 there is no backoff.
    ours = [line for line in checked.stderr.splitlines() if "gaopai.service:" in line]
    assert [line for line in ours if not BACKOFF.search(line)] == []


def test_both_units_confine_the_process() -> None:
    for unit in (SYSTEM, USER):
        assert set(unit.read_text().splitlines()) >= BOTH


def test_the_system_unit_sees_its_devices_and_its_folder_only() -> None:
    assert set(SYSTEM.read_text().splitlines()) >= MACHINE


def test_the_user_unit_needs_no_namespaces_which_distributions_keep_from_users() -> None:
    assert NEEDS_NAMESPACES.findall(USER.read_text()) == []


@pytest.mark.parametrize("unit", [SYSTEM, USER], ids=["system", "user"])
def test_the_units_start_what_the_package_installs(unit: Path) -> None:
    start = re.search(r"^ExecStart=(.*)$", unit.read_text(), re.M)
    assert start
    assert start[1].removesuffix(" --other-users") == "/usr/bin/gaopai serve --config /etc/gaopai/gaopai.toml"
    # Browsers run as other users than a service of the whole machine.
    assert start[1].endswith("--other-users") == (unit is SYSTEM)
