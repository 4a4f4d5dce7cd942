"""S34: a child process that is taken over can do nothing with it."""

from __future__ import annotations

import json
import os
import platform
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest

from server.batch.workers import PROFILE as BATCH
from server.children import entry
from server.children.child import Child, ChildSpec, start
from server.children.confinement import Profile, landlock, seccomp
from server.cli import serve
from server.decoding.pool import PROFILE as DECODING
from server.devices.adapters.libfprint.driver import sensor_profile
from server.devices.adapters.samv.portrait import profile_of
from server.devices.adapters.sane.driver import driver_profile
from tests.patience import PATIENCE
from tests.security import taken_over

OTHER = """
import ctypes, sys
secret = ctypes.create_string_buffer(b"the token of the counter")
print(ctypes.addressof(secret), flush=True)
sys.stdin.read()
"""
"""A process that holds a secret."""
HERE = Path(__file__).parent
SECRET = b"the token of the counter"
PROFILES = {
    "decoding": DECODING,
    "batch": BATCH,
    "portrait": profile_of(Path("/opt/maker/libwlt.so")),
    "fingerprint": sensor_profile({}),
    "scanner at USB": driver_profile("genesys:libusb:001:004", environment={"TMPDIR": "/nonexistent"}),
    "scanner": driver_profile(environment={"TMPDIR": "/nonexistent"}),
}
NETWORK = {"connect by TCP", "open UDP", "hear the kernel"}
LEFT = {
    "decoding": set[str](),
    # It reads pictures wherever they lie.
    "batch": {"read the token", "list the home"},
    "portrait": set[str](),
    "fingerprint": {"hear the kernel"},
    "scanner at USB": {"run a program", "fork", "hear the kernel"},
    "scanner": {"run a program", "fork", *NETWORK},
}
"""What succeeds, by profile."""
FILES = {"read the token", "list the home", "write in the home", "change the token", "remove a file"}
REFUSALS = {"EPERM", "EACCES"}

needs_landlock = pytest.mark.skipif(
    not landlock.version(), reason="this kernel has no Landlock, which files are kept from children with"
)
needs_filter = pytest.mark.skipif(
    not seccomp.available(), reason="this kernel filters no system calls, or this processor's are not known"
)


@pytest.fixture
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """All that a stranger could want: files, this process, a server and a socket."""
    home = Path(os.environ["HOME"]) / "of-a-clerk"
    home.mkdir(exist_ok=True)
    for name in ("token", "victim", "other"):
        (home / name).write_bytes(SECRET)
    path = tmp_path_factory.mktemp("run") / "bus"
    with ExitStack() as open_for_them:
        server = open_for_them.enter_context(socket.create_server(("127.0.0.1", 0)))
        bus = open_for_them.enter_context(socket.socket(socket.AF_UNIX))
        bus.bind(str(path))
        bus.listen()
        other = open_for_them.enter_context(
            subprocess.Popen([sys.executable, "-c", OTHER], stdin=PIPE, stdout=PIPE)
        )
        open_for_them.callback(other.kill)
        assert other.stdout is not None
        yield {
            "home": str(home),
            "token": str(home / "token"),
            "service": other.pid,
            "address": int(other.stdout.readline()),
            "length": len(SECRET),
            "server": server.getsockname(),
            "socket": str(path),
        }


def outcomes(spec: ChildSpec, target: dict[str, Any]) -> dict[str, str]:
    """How each attempt of a child went."""
    profile = spec.profile and spec.profile._replace(reads=(*spec.profile.reads, str(HERE)))
    child = start(Child, replace(spec, module=taken_over.__name__, profile=profile), json.dumps(target))
    try:
        assert select.select([child.channel], [], [], PATIENCE)[0]
        heard: dict[str, str] = json.loads(child.receive().data)
    finally:
        child.end(PATIENCE)
    return heard


def done(outcome: dict[str, str]) -> set[str]:
    return {name for name, how in outcome.items() if how == taken_over.DONE}


@needs_landlock
@needs_filter
@pytest.mark.parametrize("kind", PROFILES)
def test_what_a_stranger_tries_is_refused(kind: str, target: dict[str, Any]) -> None:
    outcome = outcomes(ChildSpec("", untrusted=True, profile=PROFILES[kind]), target)
    left = LEFT[kind] | ({"connect to a socket"} if kind == "scanner" and landlock.version() < 9 else set())
    assert done(outcome) == left
    refused = {how for name, how in outcome.items() if name not in left}
    assert refused <= REFUSALS


def test_without_a_profile_it_would_succeed(target: dict[str, Any]) -> None:
    """The attempts are real ones."""
    outcome = outcomes(ChildSpec(""), target)
    ours = {"read the token", "write in the home", "run a program", "connect by TCP", "end the service"}
    assert done(outcome) >= ours
    if os.geteuid() == 0:
        assert {"trace", "read the memory", "open the memory"} <= done(outcome)


NEIGHBOURS = """
import ctypes, os, sys
from server.runtime.process import keep_memory_private
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
{step}
service = os.getpid()
if os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
try:
    os.close(os.open(f"/proc/{{service}}/mem", os.O_RDONLY))
except PermissionError:
    os._exit(3)
os._exit(4)
"""
"""A service and another program of its account, which opens the service's memory."""


@pytest.mark.parametrize(("step", "code"), [("keep_memory_private()", 3), ("", 4)])
def test_the_service_keeps_its_memory_from_its_account(step: str, code: int) -> None:
    if code == 4 and Path("/proc/sys/kernel/yama/ptrace_scope").exists():
        pytest.skip("Yama keeps neighbours apart by itself")
    program = NEIGHBOURS.format(step=step)
    ended = subprocess.run([sys.executable, "-c", program], timeout=PATIENCE, check=False, cwd=entry.ROOT)
    assert ended.returncode == code


def test_the_service_sets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[bool] = []
    monkeypatch.setattr(serve, "keep_memory_private", lambda: called.append(True))
    monkeypatch.setattr(serve.resource, "setrlimit", lambda *_: None)
    serve.secure_process()
    assert called


ALONE = """
import json, sys
from server.children.confinement import enforcement, landlock, seccomp
from server.children.confinement import Profile
from tests.security import taken_over
{off}
import os, ctypes
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
enforcement.enforce(Profile(), {root!r})
target = json.loads(sys.argv[1])
print(json.dumps({{name: taken_over._tried(name, target) for name in taken_over.ATTEMPTS}}))
"""


def alone(off: str, target: dict[str, Any]) -> dict[str, str]:
    """The same on a kernel that lacks one of the two."""
    program = ALONE.format(off=off, root=entry.ROOT)
    ended = subprocess.run(
        [sys.executable, "-c", program, json.dumps(target)],
        capture_output=True, text=True, timeout=PATIENCE, check=True, cwd=entry.ROOT,
    )  # fmt: skip
    outcome: dict[str, str] = json.loads(ended.stdout)
    return outcome


@needs_filter
def test_on_an_older_kernel_the_filter_alone_leaves_files_to_be_read(target: dict[str, Any]) -> None:
    # The neighbour is no service: it does not keep its memory to itself.
    left = {
        "read the token",
        "list the home",
        "read the arguments",
        "read the environment",
        "open the memory",
    }
    assert done(alone("landlock.version = lambda: 0", target)) <= left


@needs_landlock
def test_without_filters_files_and_processes_are_safe_all_the_same(target: dict[str, Any]) -> None:
    left = done(alone("seccomp.available = lambda: False", target))
    assert not left & {*FILES, "trace", "read the memory", "write the memory", "run a program"}


@pytest.mark.parametrize("name", ["landlock.restrict", "seccomp.install"])
def test_where_the_kernel_can_and_does_not_nothing_runs(name: str, target: dict[str, Any]) -> None:
    off = (
        "landlock.version, seccomp.available = lambda: 1, lambda: True\n"
        "def fail(*_):\n    raise OSError(22, 'refused')\n"
        f"landlock.restrict = seccomp.install = lambda *_: None\n{name} = fail"
    )
    with pytest.raises(subprocess.CalledProcessError):
        alone(off, target)


def test_a_child_that_cannot_be_confined_does_not_run(target: dict[str, Any]) -> None:
    spec = ChildSpec(taken_over.__name__, profile=Profile(families=("AF_NONE_SUCH",)))
    child = start(Child, spec, json.dumps(target))
    try:
        assert select.select([child.channel], [], [], PATIENCE)[0]
        with pytest.raises(EOFError):
            child.receive()
    finally:
        assert "AttributeError < seccomp.py" in str(child.end(PATIENCE))


ENGINES = """
import ctypes, sys
from server.children.confinement import enforcement
from server.decoding.pool import PROFILE
from imgcore.barcode.engines import find_engines
if {confined}:
    ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
    enforcement.enforce(PROFILE, {root!r})
print([engine.name for engine in find_engines()])
"""


@pytest.mark.long
def test_a_decoding_process_has_every_engine_for_codes() -> None:
    """Their libraries are found without programs and temporary files."""
    found = [
        subprocess.run(
            [sys.executable, "-c", ENGINES.format(confined=confined, root=entry.ROOT)],
            capture_output=True, text=True, timeout=PATIENCE, check=True, cwd=entry.ROOT,
        ).stdout
        for confined in (False, True)
    ]  # fmt: skip
    assert found[0] == found[1]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the other interface is of x86-64")
@needs_filter
def test_the_filter_knows_its_own_interface_only(target: dict[str, Any]) -> None:
    for profile in PROFILES.values():
        outcome = outcomes(ChildSpec("", profile=profile), target)
        assert outcome["call by another interface"] == "EPERM"


OLD_KERNEL = """
import asyncio, ctypes, json, struct
from contextlib import closing
libc = ctypes.CDLL(None, use_errno=True)
# Of the calls of Landlock, 444 to 446, an old kernel says that there are none (ENOSYS); all others go on.
steps = [(32, 0, 0, 0), (53, 0, 2, 444), (37, 1, 0, 446), (6, 0, 0, 0x50026), (6, 0, 0, 0x7FFF0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
program = struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(code))
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program, 0, 0) == 0
from server.cli.doctor.machine import confinement
from server.decoding.decoders import Decoders
from server.decoding.pool import Pool
from tests.unit.documents.samples import jpeg

async def decoded():
    pool = Pool(30_000_000)
    decoders = Decoders(pool)
    with closing(await decoders.opened("a", jpeg())) as file:
        shape = (await decoders.raster(file, 0)).image.shape
    await pool.close()
    return shape

check = confinement()
print(json.dumps([check.ok, check.reason.en, check.optional, asyncio.run(decoded())]))
"""


@pytest.mark.long
@needs_filter
def test_a_kernel_without_landlock_decodes_and_doctor_tells() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", OLD_KERNEL],
        capture_output=True, text=True, timeout=PATIENCE, check=True, cwd=entry.ROOT,
    )  # fmt: skip
    ok, reason, optional, shape = json.loads(ended.stdout)
    assert not ok and optional and reason.startswith("no Landlock (Linux ") and "what holds" in reason
    assert len(shape) == 3
