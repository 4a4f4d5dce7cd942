"""Store of a computer's local authority and certificate, and TLS contexts with them."""

from __future__ import annotations

import datetime
import os
import shutil
import ssl
import stat
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from server.storage.atomic import write_private

if TYPE_CHECKING:
    from server.tls.authority import Credential

FOLDER = "tls"
AUTHORITY = "authority"
SERVICE = "service"


LONGEST = 1 << 16
"""Limit of a certificate that another account made, in bytes."""


class CertificateUnusable(Exception):
    """There is no usable certificate; the text has the remedy, and `zh` says it in Chinese."""

    exit_code = 1

    def __init__(self, text: str, zh: str = "") -> None:
        super().__init__(text)
        self.zh = zh or text


class CertificateStore:
    """Folder with both certificates and their keys, private to its owner.

    Parameters
    ----------
    folder
        Folder of decisions and certificates, see `server.config.access_folder`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER

    @property
    def certificate(self) -> Path:
        """Path of the service's certificate."""
        return self._folder / f"{SERVICE}.pem"

    @property
    def key(self) -> Path:
        """Path of the service's private key."""
        return self._folder / f"{SERVICE}.key"

    @property
    def anchor(self) -> Path:
        """Path of the authority's certificate, the trust anchor."""
        return self._folder / f"{AUTHORITY}.pem"

    def install(self, now: datetime.datetime) -> Credential:
        """Make or renew the authority and the service's certificate as needed; return the authority."""
        certificates = _authority_module()
        authority = self._read(AUTHORITY)
        if authority is None or authority.days_left(now) < certificates.LEAF_DAYS:
            authority = certificates.new_authority(now)
            self._write(AUTHORITY, authority)
        self.renew(now)
        return authority

    def begin(self, now: datetime.datetime) -> bool:
        """Make authority and certificate if there is no authority; return whether they were made."""
        if self._read(AUTHORITY) is not None:
            return False
        self.install(now)
        return True

    def renew(self, now: datetime.datetime) -> bool:
        """Replace the service's certificate if it ends soon; return whether it was replaced."""
        certificates = _authority_module()
        authority = self._read(AUTHORITY)
        leaf = self._read(SERVICE)
        if authority is None:
            raise CertificateUnusable("there is no certificate yet; make one: gaopai tls install")
        if leaf is not None and not certificates.needs_renewal(leaf, authority, now):
            return False
        self._write(SERVICE, certificates.new_leaf(authority, now))
        return True

    def read(self) -> tuple[Credential | None, Credential | None]:
        """Read authority and certificate, None for a missing one."""
        return self._read(AUTHORITY), self._read(SERVICE)

    def remove(self) -> bool:
        """Remove the folder; return whether there was one."""
        try:
            shutil.rmtree(self._folder)
        except FileNotFoundError:
            return False
        except OSError as exc:
            raise CertificateUnusable(f"{self._folder}: cannot be removed ({exc.strerror})") from exc
        return True

    def _read(self, name: str) -> Credential | None:
        credentials = _authority_module().Credential
        path = self._folder / f"{name}.pem"
        try:
            found: Credential = credentials.load(path.read_bytes(), path.with_suffix(".key").read_bytes())
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise CertificateUnusable(
                f"{exc.filename}: cannot be read ({exc.strerror})",
                f"不能读取 {exc.filename}（{exc.strerror}）",
            ) from exc
        except ValueError as exc:
            raise CertificateUnusable(
                f"{path}: {exc}; start anew: gaopai tls remove, then install",
                f"{path} 不能用（{exc}）；请重新开始：先 gaopai tls remove，再 gaopai tls install",
            ) from exc
        return found

    def _write(self, name: str, credential: Credential) -> None:
        path = self._folder / f"{name}.pem"
        try:
            self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.mkdir(mode=0o700, exist_ok=True)
            # First, as an old certificate beside a new key would look complete.
            path.unlink(missing_ok=True)
            write_private(path.with_suffix(".key"), credential.key_pem)
            write_private(path, credential.pem)
        except OSError as exc:
            raise CertificateUnusable(f"{path}: cannot be written ({exc.strerror})") from exc


def read_authority(path: Path) -> tuple[str, bytes]:
    """Return name and certificate of the authority in a file, for browsers to trust.

    Raises
    ------
    CertificateUnusable
        It cannot be read, or is not as a service makes it: for servers at loopback alone.
    """
    certificates = _authority_module()
    try:
        name, pem = certificates.read_authority(_read_small(path))
    except OSError as exc:
        raise CertificateUnusable(f"{path}: cannot be read ({exc.strerror})") from exc
    except ValueError as exc:
        raise CertificateUnusable(f"{path}: not trusted: {exc}") from exc
    return name, pem


def _read_small(path: Path) -> bytes:
    """Return the content of a file of another account's, which may be anything.

    Raises
    ------
    OSError
    ValueError
        It is no file, or too long for a certificate.
    """
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("it is no file")
        content = file.read(LONGEST + 1)
    if len(content) > LONGEST:
        raise ValueError("it is too long for a certificate")
    return content


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return a TLS context for a listener."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    load(context, certificate, key)
    return context


def load(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """Load certificate and key into a context, for new connections."""
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError) as exc:  # SSLError is an OSError
        reason = getattr(exc, "reason", None) or getattr(exc, "strerror", None) or exc
        raise CertificateUnusable(
            f"certificate {certificate} and key {key} cannot be used ({reason})",
            f"证书 {certificate} 和密钥 {key} 不能用（{reason}）",
        ) from exc


def _no_password() -> str:
    raise ValueError("the key is encrypted")


def _authority_module() -> ModuleType:
    try:
        from server.tls import authority  # noqa: PLC0415 (it takes a library that is optional)
    except ImportError as exc:
        raise CertificateUnusable(
            "cryptography is not installed: pip install 'gaopai[tls]'",
            "没有安装 cryptography：pip install 'gaopai[tls]'",
        ) from exc
    return authority
