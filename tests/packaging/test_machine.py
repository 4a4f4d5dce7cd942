"""The package on a Debian that was just installed: it works there, and leaves nothing.

The tests build on each other, in this order: a boot for each would take minutes.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import ssl
from asyncio.subprocess import DEVNULL
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.packaging.client import CAPTURE, SCAN, SCAN_ENDS, ask
from tests.packaging.conftest import CONFIG
from tests.packaging.installed import is_heard, logged_in, newer, pids, send, status, traces
from tests.packaging.machine import Machine
from tests.patience import PATIENCE
from tests.service import free_port

KEPT = "/srv/environment"
"""A copy of the package's environment, which one account may use where nothing is installed."""
DYNAMIC = range(61184, 65520)
"""Accounts that systemd makes while a service runs."""
pytestmark = [pytest.mark.package, pytest.mark.timeout(1800)]


def test_the_doctor_finds_nothing_missing(installed: Machine) -> None:
    said = installed.run("gaopai", "doctor", "--json", "--config", "/etc/gaopai/gaopai.toml")
    checks = {check["name"]: check for check in json.loads(said)["checks"]}
    assert [name for name, check in checks.items() if not check["ok"] and not check["optional"]] == []
    assert checks["kernels"]["reason"] == "compiled"
    assert checks["python-sane"]["ok"]


async def test_an_ordinary_account_serves_a_page(installed: Machine, port: int) -> None:
    account = ("setpriv", "--reuid=clerk", "--regid=clerk", "--init-groups", "env", "HOME=/tmp")
    inside = ("nsenter", f"--target={installed.init}", "--all", "--", *account)
    serve = ("/usr/bin/gaopai", "serve", "--demo", "--port", str(port))
    process = await asyncio.create_subprocess_exec(*inside, *serve, stdout=DEVNULL, stderr=DEVNULL)
    try:
        (answer,) = await ask(port, {"func": "GetServiceInfo"})
    finally:
        send("TERM", pids(installed)[0], installed)
        async with asyncio.timeout(PATIENCE):
            await process.wait()
    assert answer["result"] == 0
    assert not is_heard(port)


async def test_every_account_that_logs_in_has_its_own_service(installed: Machine, port: int) -> None:
    with logged_in(installed) as account:
        _, picture = await ask(port, *CAPTURE)
        assert picture["result"] == 0
        (pid, *_) = pids(installed)
        facts = status(installed, pid)
        assert facts["Uid"].split() == [str(account)] * 4
        assert (facts["NoNewPrivs"], facts["Seccomp"]) == ("1", "2")
    assert not is_heard(port)


async def test_it_works_confined_by_namespaces_too(installed: Machine, port: int) -> None:
    clerk = ("--reuid=clerk", "--regid=clerk", "--clear-groups")
    if "1" not in installed.run("setpriv", *clerk, "unshare", "--user", "echo", "1", check=False):
        pytest.skip("this kernel keeps namespaces from users")
    drop_in = "/etc/systemd/user/gaopai.service.d/confined.conf"
    installed.run("install", "-D", "-m", "644", "/usr/share/doc/gaopai/confined.conf", drop_in)
    with logged_in(installed) as account:
        with acting_as(account):
            _, picture = await ask(port, *CAPTURE)
            scanners, page = await ask(port, *SCAN, until=SCAN_ENDS)
        assert picture["result"] == 0
        assert "Noname frontend-tester" in scanners["scannerName"][0]
        assert page["result"] == 0
        (pid, *_) = pids(installed)
        assert status(installed, pid)["CapBnd"] == "0" * 16
        within = ("nsenter", f"--target={pid}", "--mount")
        assert "Read-only file system" in installed.run(*within, "touch", "/usr/written", check=False)
        installed.run("rm", "-r", "/etc/systemd/user/gaopai.service.d")
    assert not is_heard(port)


@contextmanager
def acting_as(account: int) -> Iterator[None]:
    """Connections made meanwhile are that account's: root is a stranger within a namespace, and refused."""
    os.seteuid(account)
    try:
        yield
    finally:
        os.seteuid(0)


async def test_s22_camera_and_scanner_work_under_the_system_unit(installed: Machine, port: int) -> None:
    installed.run("systemctl", "start", "gaopai.service")  # returns when the service says that it serves
    _, picture = await ask(port, *CAPTURE)
    assert picture["result"] == 0
    scanners, page = await ask(port, *SCAN, until=SCAN_ENDS)
    assert "Noname frontend-tester" in scanners["scannerName"][0]
    assert page["result"] == 0


def test_s22_the_system_unit_is_confined(installed: Machine) -> None:
    pid = installed.run("systemctl", "show", "--property=MainPID", "--value", "gaopai.service").strip()
    facts = status(installed, pid)
    assert {facts[name] for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (facts["NoNewPrivs"], facts["Seccomp"]) == ("1", "2")
    within = ("nsenter", f"--target={pid}", "--mount")
    assert "Read-only file system" in installed.run(*within, "touch", "/etc/written", check=False)
    assert installed.run(*within, "ls", "/home").strip() == ""
    unit = installed.run("systemctl", "show", "gaopai.service")
    assert "DevicePolicy=closed" in unit
    assert "LimitCORE=0\n" in unit


TRY = """
import os, sys
with open("/sys/fs/cgroup/system.slice/gaopai.service/cgroup.procs", "w") as group:
    group.write(str(os.getpid()))
for path in sys.argv[1:]:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
        print("opened")
    except OSError as exc:
        print(exc.strerror)
"""


def test_s22_only_devices_that_the_unit_names_are_open(installed: Machine) -> None:
    nodes = {"serial": ("4", "64"), "null": ("1", "3"), "memory": ("1", "1")}
    for name, numbers in nodes.items():
        installed.run("mknod", f"/run/{name}", "c", *numbers)
    # Root, in the service's control group: what is refused is refused by the device policy.
    command = ("/usr/lib/gaopai/bin/python3", "-c", TRY, *(f"/run/{name}" for name in nodes))
    serial, null, memory = installed.run(*command).splitlines()
    assert serial != "Operation not permitted"  # there need be none here
    assert (null, memory) == ("opened", "Operation not permitted")


async def test_s22_a_reload_keeps_the_process(installed: Machine, port: int) -> None:
    (pid, *_) = pids(installed)
    installed.run("systemctl", "reload", "gaopai.service")
    await ask(port, {"func": "GetServiceInfo"})
    assert pids(installed)[0] == pid


async def test_s22_the_watchdog_ends_a_service_that_hangs(installed: Machine, port: int) -> None:
    dropin = installed.root / "run/systemd/system/gaopai.service.d"
    dropin.mkdir(parents=True)
    (dropin / "watchdog.conf").write_text("[Service]\nWatchdogSec=2\nRestartSec=0\n")
    installed.run("systemctl", "daemon-reload")
    installed.run("systemctl", "restart", "gaopai.service")
    show = ("systemctl", "show", "--value", "gaopai.service")
    pid = installed.run(*show, "--property=MainPID").strip()
    send("STOP", pid, installed)
    # systemd kills it after two seconds, and starts another.
    await ask(port, {"func": "GetServiceInfo"})
    assert installed.run(*show, "--property=MainPID").strip() != pid
    assert installed.run(*show, "--property=NRestarts").strip() == "1"


APT = ("apt-get", "--quiet", "--yes", "--no-install-recommends", "install")


async def test_an_upgrade_starts_again_what_ran(
    installed: Machine, package: Path, port: int, tmp_path: Path
) -> None:
    config = installed.run("cat", "/etc/gaopai/gaopai.toml")
    (before,) = pids(installed)[:1]
    shutil.copy(newer(package, tmp_path), installed.root / "tmp/newer.deb")
    installed.run(*APT, "/tmp/newer.deb", timeout=400)
    (answer,) = await ask(port, {"func": "GetServiceInfo"})
    assert answer["result"] == 0
    assert before not in pids(installed)
    assert installed.run("dpkg-query", "-W", "-f", "${Version}", "gaopai").endswith(".1")
    assert installed.run("cat", "/etc/gaopai/gaopai.toml") == config
    assert not (installed.root / "run/gaopai.upgrade").exists()


async def test_an_upgrade_starts_again_the_service_of_who_is_logged_in(installed: Machine, port: int) -> None:
    installed.run("systemctl", "stop", "gaopai.service")
    with logged_in(installed):
        await ask(port, {"func": "GetServiceInfo"})
        (before,) = pids(installed)[:1]
        installed.run(*APT, "--reinstall", "/tmp/newer.deb", timeout=400)
        (answer,) = await ask(port, {"func": "GetServiceInfo"})
        assert answer["result"] == 0
        assert before not in pids(installed)
        # A service that was stopped before stays so.
        assert installed.run("systemctl", "is-active", "gaopai.service", check=False).strip() == "inactive"
    installed.run("systemctl", "start", "gaopai.service")


async def test_the_machines_service_makes_its_certificate_and_root_lets_browsers_trust_it(
    installed: Machine, port: int
) -> None:
    wss = free_port()
    config = CONFIG.format(port=port).replace("[server]", f"[server]\ntls = true\ntls_port = {wss}")
    installed.write("/etc/gaopai/gaopai.toml", config)
    installed.run("systemctl", "restart", "gaopai.service")
    authority = "/var/lib/gaopai-access/tls/authority.pem"
    context = ssl.create_default_context(cadata=installed.run("cat", authority))
    _, writer = await asyncio.open_connection("127.0.0.1", wss, ssl=context)
    writer.close()
    mode, owner = installed.run("stat", "--format=%a %u", authority).split()
    assert mode == "600"
    assert int(owner) in DYNAMIC
    installed.run("gaopai", "tls", "trust", authority, "--system", "--all-users")
    home = installed.run("sh", "-c", "echo ~clerk").strip()
    assert "C,," in anchors(installed, home)
    assert installed.run("stat", "--format=%U", f"{home}/.pki/nssdb/cert9.db").strip() == "clerk"
    installed.run("gaopai", "tls", "remove", "--system", "--all-users")
    assert anchors(installed, home) == ""


def anchors(machine: Machine, home: str) -> str:
    """Who is trusted to vouch for servers: by the system, and by an account's browsers."""
    system = machine.run("find", "/usr/local/share/ca-certificates", "/etc/ssl/certs", check=False)
    database = f"sql:{home}/.pki/nssdb"
    browsers = machine.run("certutil", "-L", "-d", database, check=False)
    return "\n".join(line for line in f"{system}\n{browsers}".splitlines() if "gaopai" in line)


def test_nothing_is_left_after_purging(installed: Machine, port: int) -> None:
    assert is_heard(port)
    home = installed.run("sh", "-c", "echo ~clerk").strip()
    as_clerk = ("setpriv", "--reuid=clerk", "--regid=clerk", "--init-groups", "env", f"HOME={home}")
    installed.run(*as_clerk, "gaopai", "tls", "install")
    installed.run("gaopai", "tls", "install", "--system")
    trusted = anchors(installed, home)
    assert "/etc/ssl/certs" in trusted
    assert "C,," in trusted
    installed.run("cp", "--archive", "/usr/lib/gaopai", KEPT)
    installed.run("apt-get", "--quiet", "--yes", "purge", "gaopai", timeout=400)
    assert not is_heard(port)
    assert pids(installed) == []
    assert traces(installed) == []
    assert "gaopai" not in installed.run("systemctl", "list-unit-files")
    assert anchors(installed, home) == ""


async def test_an_account_installs_it_for_itself(installed: Machine, port: int) -> None:
    config = "/srv/gaopai.toml"
    home = installed.run("sh", "-c", "echo ~clerk").strip()
    installed.write(config, CONFIG.format(port=port))
    python = f"{KEPT}/bin/python3"
    with logged_in(installed) as account:
        as_clerk = ("setpriv", "--reuid=clerk", "--regid=clerk", "--init-groups", "env", f"HOME={home}")
        bus = f"XDG_RUNTIME_DIR=/run/user/{account}"
        install = (*as_clerk, bus, python, "-I", "-m", "server", "install", "--user")
        installed.run(*install, "--config", config)
        _, picture = await ask(port, *CAPTURE)
        assert picture["result"] == 0
        (pid, *_) = pids(installed, python)
        assert status(installed, pid)["Uid"].split() == [str(account)] * 4
        installed.run(*install, "--remove")
        assert not is_heard(port)
    assert installed.run("find", f"{home}/.config", "-name", "gaopai*") == ""
