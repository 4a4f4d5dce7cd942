"""``gaopai tls``: certificates for wss, made for this computer and trusted by its browsers."""

from __future__ import annotations

import argparse
import datetime
import os
import pwd
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from server import config as configuration
from server.children.account import call_as
from server.config import AccessConfig, ConfigError
from server.telemetry.printable import printable
from server.tls import nss, system
from server.tls.nss import Certutil, StoreFailed, certutil
from server.tls.store import CertificateStore, read_authority

SUMMARY = "Make certificates for wss that the browsers of this account trust, or take them out."
ORDINARY_USERS = range(1000, 60000)
"""User IDs of the accounts of people, whose browsers get the certificate."""
ACCOUNT_SECONDS = 120.0
"""Time limit for the browsers of one account, in seconds, whose files may keep a reader waiting for ever."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    install = actions.add_parser("install", help="make what is missing, and let browsers trust it")
    remove = actions.add_parser("remove", help="take it out of every browser, and delete it")
    status = actions.add_parser("status", help="print what is there and who trusts it")
    trust = actions.add_parser("trust", help="let browsers trust what another account's service made")
    trust.add_argument("authority", type=Path, metavar="FILE", help="its authority.pem")
    for each in (install, remove, status):
        each.add_argument("--config", type=Path, metavar="FILE", help="configuration in TOML")
    for each in (install, remove, trust):
        each.add_argument("--system", action="store_true", help="the whole system's list too; for root")
    for each in (remove, trust):
        each.add_argument("--all-users", action="store_true", help="every account's browsers; for root")


def run(arguments: argparse.Namespace) -> int:
    """Run the command; return 1 on partial failure, 2 for an invalid configuration."""
    if getattr(arguments, "all_users", False) and os.geteuid() != 0:
        raise ConfigError("--all-users is for root")
    with certutil() as tool:
        return _act(tool, arguments)


def _act(tool: Certutil, arguments: argparse.Namespace) -> int:
    if arguments.action == "trust":
        name, pem = read_authority(arguments.authority)
        return _trust(tool, name, pem, system_too=arguments.system, everybody=arguments.all_users)
    config = configuration.load(arguments.config)
    store = CertificateStore(configuration.access_folder(config.access))
    actions = {"install": _install, "remove": _remove, "status": _status}
    return actions[arguments.action](tool, store, arguments)


def _install(tool: Certutil, store: CertificateStore, arguments: argparse.Namespace) -> int:
    authority = store.install(_now())
    print(f"{authority.name}: {store.anchor}, until {authority.certificate.not_valid_after_utc:%Y-%m-%d}")
    return _trust(tool, authority.name, authority.pem, system_too=arguments.system)


def _trust(tool: Certutil, name: str, pem: bytes, *, system_too: bool, everybody: bool = False) -> int:
    """Let browsers of this account, or of all, trust an authority; return 1 on partial failure."""
    failures = 0
    if system_too:
        failures += _each([partial(system.trust, name, pem)])
    if everybody:
        failures += _for_all(tool, partial(_trust_own, tool, name, pem))
    else:
        failures += _trust_own(tool, name, pem)
    print("browsers that run have to be started again", file=sys.stderr)
    return int(failures > 0)


def _trust_own(tool: Certutil, name: str, pem: bytes) -> int:
    """Let the browsers of this account trust an authority; return the number of failures."""
    home = Path.home()
    failures = _each([partial(nss.make_first, tool, home)])
    failures += _each(partial(_trust_in, tool, each, name, pem) for each in nss.databases(home))
    return failures


def _trust_in(tool: Certutil, database: Path, name: str, pem: bytes) -> None:
    nss.trust(tool, database, name, pem)
    print(f"trusted in {printable(database)}")


def _remove(tool: Certutil, store: CertificateStore, arguments: argparse.Namespace) -> int:
    failures = 0
    if arguments.system:
        failures += _each([_distrust_everywhere])
    if arguments.all_users:
        failures += _for_all(tool, partial(_remove_for_account, tool))
    return _remove_own(tool, store, failures)


def _remove_for_account(tool: Certutil) -> int:
    return _remove_own(tool, CertificateStore(configuration.access_folder(AccessConfig())), 0)


def _remove_own(tool: Certutil, store: CertificateStore, failures: int) -> int:
    failures += _each(partial(_distrust, tool, each) for each in nss.databases(Path.home()))
    if failures:
        # Some browser still trusts the authority, whose key stays where it can be found again.
        print("gaopai: the certificates are kept until no browser trusts them", file=sys.stderr)
        return 1
    if store.remove():
        print(f"removed {store.anchor.parent}")
    return 0


def _status(tool: Certutil, store: CertificateStore, arguments: argparse.Namespace) -> int:
    authority, leaf = store.read()
    if authority is None or leaf is None:
        print("no certificate; make one: gaopai tls install")
    else:
        print(f"{authority.name}: until {authority.certificate.not_valid_after_utc:%Y-%m-%d}")
        print(f"service: {leaf.days_left(_now())} days left, {store.certificate}")
    failures = _each(partial(_print_trusted, tool, each) for each in nss.databases(Path.home()))
    for path in system.anchors():
        print(f"{path}: trusted")
    return int(failures > 0 or authority is None or leaf is None)


def _distrust(tool: Certutil, database: Path) -> None:
    if nss.distrust(tool, database):
        print(f"out of {printable(database)}")


def _distrust_everywhere() -> None:
    if system.distrust():
        print(f"out of {system.ANCHORS}")


def _print_trusted(tool: Certutil, database: Path) -> None:
    names = ", ".join(nss.trusted(tool, database))
    print(f"{printable(database)}: {printable(names) or 'not trusted'}")


def _each(actions: Iterable[Callable[[], None]]) -> int:
    """Run all actions, also after one that failed; return the number of failures."""
    failed = 0
    for act in actions:
        try:
            act()
        except StoreFailed as exc:
            failed += 1
            print(f"gaopai: {printable(exc)}", file=sys.stderr)
    return failed


def _for_all(tool: Certutil, act: Callable[[], int]) -> int:
    """Run an action for every ordinary account, as that account; return the number of failures."""
    # Buffered output would be printed by every copy as well.
    sys.stdout.flush()
    accounts = [account for account in pwd.getpwall() if account.pw_uid in ORDINARY_USERS]
    return sum(not _as(account, act, tool.slot) for account in accounts)


def _as(account: pwd.struct_passwd, act: Callable[[], int], slot: int) -> bool:
    """Run an action as an account, whose home may be missing; return whether it succeeded."""
    try:
        ended = call_as(
            account, lambda: int(Path.home().is_dir() and act() > 0), ACCOUNT_SECONDS, keep=(slot,)
        )
    except TimeoutError:
        print(f"gaopai: {account.pw_name}: the account's files keep us waiting; given up", file=sys.stderr)
        return False
    for said, stream in ((ended.output, sys.stdout), (ended.errors, sys.stderr)):
        print(said.decode(errors="replace"), end="", file=stream)
    return ended.code == 0


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
