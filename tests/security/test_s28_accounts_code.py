"""S28: root never runs code of an account, and what works in an account's folders has nothing of root's."""

from __future__ import annotations

import os
import pty
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.children.account import call_as
from server.cli import main
from server.tls import nss
from server.tls.authority import new_authority
from server.tls.nss import StoreFailed, certutil, is_there
from tests.patience import PATIENCE
from tests.security.certificates import NOW, home, new_database, nss_itself, trusted_in
from tests.service import REPOSITORY

__all__ = ["home"]

CLERK = 65534
MODULE = r"""
#include <stdio.h>
__attribute__((constructor)) static void loaded(void) { fclose(fopen(LOG, "a")); }
unsigned long C_GetFunctionList(void **list) { return 5; }
"""
needs_certutil = pytest.mark.skipif(not is_there(), reason="certutil (libnss3-tools) is not installed")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="takes root")


@pytest.fixture
def clerk() -> Iterator[pwd.struct_passwd]:
    """An account with a home that it may fill as it likes."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        home = Path(folder, "clerk")
        home.mkdir()
        yield pwd.struct_passwd(("clerk", "x", CLERK, CLERK, "", str(home), "/bin/sh"))


@pytest.fixture
def module(clerk: pwd.struct_passwd) -> Path:
    """A library of the account's that leaves a trace when it is loaded."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    built = Path(clerk.pw_dir, "module.so")
    trace = Path(clerk.pw_dir, "trace")
    words = ["gcc", "-shared", "-fPIC", "-x", "c", f'-DLOG="{trace}"', "-o", str(built), "-"]
    subprocess.run(words, input=MODULE, text=True, check=True)
    return built


def give(clerk: pwd.struct_passwd) -> None:
    for path in (Path(clerk.pw_dir), *Path(clerk.pw_dir).rglob("*")):
        os.chown(path, CLERK, CLERK, follow_symlinks=False)


def was_loaded(clerk: pwd.struct_passwd) -> bool:
    return Path(clerk.pw_dir, "trace").exists()


def by_name(database: Path, module: Path) -> None:
    with (database / "pkcs11.txt").open("a") as file:
        file.write(f"library={module}\nname=Ours\n\n")


def by_place(database: Path, module: Path) -> None:
    shutil.copy(module, database / "libnssckbi.so")


@needs_certutil
@pytest.mark.parametrize("plant", [by_name, by_place])
def test_no_module_that_a_database_names_is_loaded(
    clerk: pwd.struct_passwd, module: Path, plant: Callable[[Path, Path], None]
) -> None:
    database = new_database(Path(clerk.pw_dir, ".pki", "nssdb"))
    plant(database, module)
    made = new_authority(NOW)
    with certutil() as tool:
        nss.trust(tool, database, made.name, made.pem)
        assert nss.trusted(tool, database) == [made.name]
        nss.distrust(tool, database)
        assert nss.trusted(tool, database) == []
    assert not was_loaded(clerk)
    nss_itself(database, "-L")
    assert was_loaded(clerk), "the trap does not work, so the test shows nothing"


@needs_certutil
def test_what_was_changed_is_what_browsers_read(tmp_path: Path) -> None:
    made = new_authority(NOW)
    with certutil() as tool:
        nss.make_first(tool, tmp_path)
        nss.trust(tool, tmp_path / ".pki" / "nssdb", made.name, made.pem)
    assert trusted_in(tmp_path / ".pki" / "nssdb") == [made.name]


@needs_root
@needs_certutil
def test_the_database_of_another_account_is_not_opened(clerk: pwd.struct_passwd) -> None:
    with certutil() as tool:
        nss.make_first(tool, Path(clerk.pw_dir))
        give(clerk)
        with pytest.raises(StoreFailed, match="another account"):
            nss.trusted(tool, Path(clerk.pw_dir, ".pki", "nssdb"))


@needs_root
@pytest.mark.parametrize("words", ["tls install", "tls remove", "tls status", "token new", "allow --list"])
def test_nor_its_home_used_as_ones_own(
    clerk: pwd.struct_passwd, words: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As sudo leaves it on some systems."""
    give(clerk)
    monkeypatch.setenv("HOME", f"{clerk.pw_dir}/none/yet")
    assert main(words.split()) == 2
    assert list(Path(clerk.pw_dir).iterdir()) == []


SURROUNDINGS = """
import ctypes, os, pwd, sys
sys.path.insert(0, sys.argv[2])
from server.children.account import call_as
open("/dev/tty").close()
secret = os.open(sys.argv[2], os.O_RDONLY)
os.set_inheritable(secret, True)
os.environ["SECRET"] = "secret"
account = pwd.struct_passwd(("clerk", "x", 65534, 65534, "", sys.argv[1], "/bin/sh"))

def look():
    try:
        open("/dev/tty").close()
        print("terminal")
    except OSError:
        print("no terminal")
    paths = [f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd")]
    targets = {os.readlink(path).split(":")[0] for path in paths if os.path.lexists(path)}
    print(sorted(targets))
    print(os.getsid(0) == os.getpid(), os.getresuid(), os.getgroups(), "SECRET" in os.environ, os.getcwd())
    lines = open("/proc/self/status").read().splitlines()
    status = dict(line.split(":\\t") for line in lines if ":\\t" in line)
    print(status["NoNewPrivs"], status["CapEff"].strip("0") or "none", ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
    return 3

ended = call_as(account, look, 60)
print(ended.code, ended.errors.decode())
print(ended.output.decode())
"""


@needs_root
def test_it_has_no_terminal_no_descriptor_and_no_right_of_roots(clerk: pwd.struct_passwd) -> None:
    give(clerk)
    ours, theirs = pty.openpty()
    try:
        program = [sys.executable, "-c", SURROUNDINGS, clerk.pw_dir, str(REPOSITORY)]
        # A session of its own with that terminal, as root's shell has one.
        words = ["setsid", "--ctty", "--wait", *program]
        done = subprocess.run(
            words, stdin=theirs, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
    finally:
        os.close(ours)
        os.close(theirs)
    first, *seen = done.stdout.split("\n")
    assert first == "3 ", done.stdout
    assert seen[:2] == ["no terminal", "['/dev/null', '/memfd']"]
    assert seen[2] == f"True ({CLERK}, {CLERK}, {CLERK}) [] False /"
    # Not dumpable: no process of the account may trace it or read its memory.
    assert seen[3] == "1 none 0"


@needs_root
def test_one_that_is_stopped_or_waits_for_ever_is_given_up(clerk: pwd.struct_passwd) -> None:
    def stopped() -> int:
        os.kill(os.getpid(), signal.SIGSTOP)
        return 0

    with pytest.raises(TimeoutError):
        call_as(clerk, stopped, 0.3)


@needs_root
def test_what_it_prints_is_bounded_and_its_failure_told(clerk: pwd.struct_passwd) -> None:
    def much() -> int:
        for _ in range(100):
            print("x" * 100_000)
        raise ValueError("too much")

    ended = call_as(clerk, much, PATIENCE)
    assert ended.code == 1
    assert 0 < len(ended.output) <= 1 << 20


@needs_root
def test_a_memory_bomb_in_a_folder_is_its_own(clerk: pwd.struct_passwd) -> None:
    ended = call_as(clerk, lambda: len(bytearray(8 << 30)), PATIENCE)
    assert (ended.code, ended.errors) == (1, b"gaopai: clerk: MemoryError\n")


ALL_USERS = """
import os, pwd, sys
sys.path.insert(0, sys.argv[1])
from server.cli import main, tls
from server.tls import nss
nss.SECONDS = float(sys.argv[3])
pwd.getpwall = lambda: [pwd.struct_passwd(("clerk", "x", 65534, 65534, "", sys.argv[2], "/bin/sh"))]
tls.ORDINARY_USERS = range(65534, 65535)
sys.exit(main(["tls", "remove", "--all-users"]))
"""


def a_pipe(database: Path) -> None:
    (database / "cert9.db").unlink()
    os.mkfifo(database / "cert9.db")


def a_link_to_what_is_roots(database: Path) -> None:
    (database / "cert9.db").unlink()
    (database / "cert9.db").symlink_to("/etc/shadow")


def a_pipe_behind_it(database: Path) -> None:
    (database / "key4.db").unlink()
    os.mkfifo(database / "key4.db")


def a_huge_file(database: Path) -> None:
    os.truncate(database / "cert9.db", 1 << 40)


def a_hard_link(database: Path) -> None:
    (database / "key4.db").unlink()
    os.link(database / "cert9.db", database / "key4.db")


HOSTILE = [a_pipe, a_link_to_what_is_roots, a_pipe_behind_it, a_huge_file, a_hard_link]


def _roots_file() -> tuple[int, int, str]:
    """Return owner, mode and first line of a file of root's; other tests add accounts behind that line."""
    path = Path("/etc/shadow")
    status = path.stat()
    return status.st_uid, status.st_mode, path.read_text().partition("\n")[0]


@needs_root
@needs_certutil
@pytest.mark.parametrize("plant", HOSTILE)
def test_whatever_lies_in_an_accounts_folder_does_nothing_to_root(
    clerk: pwd.struct_passwd, tmp_path: Path, plant: Callable[[Path], None]
) -> None:
    database = Path(clerk.pw_dir, ".pki", "nssdb")
    with certutil() as tool:
        nss.make_first(tool, Path(clerk.pw_dir))
    shadow = _roots_file()
    plant(database)
    give(clerk)
    # NSS waits at a pipe until it is given up, which is what is judged there, and not for how long.
    patience = 1.0 if plant in (a_pipe, a_pipe_behind_it) else PATIENCE
    words = [sys.executable, "-c", ALL_USERS, str(REPOSITORY), clerk.pw_dir, str(patience)]
    done = subprocess.run(
        words, env={**os.environ, "HOME": str(tmp_path)}, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    assert _roots_file() == shadow
    assert not list(Path("/run").glob("gaopai-nss-*"))


def test_the_packages_scripts_enter_an_accounts_session_without_roots_terminal() -> None:
    script = (REPOSITORY / "packaging" / "maintainer.sh").read_text()
    body = script[script.index("in_sessions() {") :].partition("\n}\n")[0]
    (entry,) = [line for line in body.replace("\\\n", " ").splitlines() if "setpriv" in line]
    words = entry.split()
    # The time runs under root's name, where the account cannot stop it; then the session, then the rights.
    assert words.index("timeout") < words.index("setsid") < words.index("setpriv") < words.index("env")
    assert {"--signal=KILL", "--wait", "-i", "</dev/null", ">/dev/null", "2>&1", "3>&-"} <= set(words)
