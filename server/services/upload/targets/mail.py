"""Target: recipients of e-mail, by SMTP."""

from __future__ import annotations

import contextlib
import mimetypes
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

import aiosmtplib

from server.config.targets import MailTarget
from server.errors import LocalizedText, UploadBroken, UploadTooLarge, UploadUnreachable
from server.services.upload.post import CONNECT_SECONDS, HUNG_UP, NO_TLS, certificate_reason
from server.services.upload.targets.connecting import connected, tls_of
from server.services.upload.targets.port import (
    FULL,
    NO_PASSWORD,
    DeliveredFile,
    Delivery,
    Reach,
    Receipt,
    TargetRefusal,
)
from server.services.upload.targets.secrets import secret_of

MIB = 1024 * 1024
"""Bytes in a mebibyte."""
_RECIPIENTS = LocalizedText("它不接受收件人或发件人", "it does not accept a recipient or the sender")
_REFUSED = LocalizedText("它拒绝了邮件", "it refused the message")
_NO_SMTP = LocalizedText("它不是可用的邮件服务器", "it is no mail server that can be used")
_NO_SPACE = (452, 552)
"""Codes of a server or mailbox without room (RFC 5321)."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Server that passes messages on.

    A message has the same ``Message-ID`` in each attempt: where a server's last word was lost, and it is sent
    again, mailboxes that look for it keep one.
    """

    config: MailTarget
    reach: Reach

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Send a message with the file attached."""
        config = self.config
        file = delivery.file
        if file.size > config.megabytes * MIB:
            raise UploadTooLarge(size=f"{file.size / MIB:.1f} MiB", limit=f"{config.megabytes} MiB")
        secret = await secret_of(self.reach, config.secret)
        tls = await tls_of(self.reach, config.authorities)
        message_id = f"<{delivery.id}@gaopai.invalid>"
        content = await self.reach.pools.run(self._message, file, message_id)
        with _translated():
            client = await self._connected(tls)
            try:
                if config.user and config.security != "none":
                    await client.login(config.user, secret)
                refused, _ = await client.sendmail(config.sender, list(config.recipients), content)
                if refused:
                    # Some have it: sending it again would give it to them twice.
                    return Receipt(message_id, response="; ".join(str(one.code) for one in refused.values()))
                return Receipt(message_id)
            finally:
                client.close()

    def close(self) -> None:
        """Do nothing: each delivery has a connection of its own."""

    async def _connected(self, tls: ssl.SSLContext) -> aiosmtplib.SMTP:
        config = self.config
        addresses = await self.reach.addresses(config.host, config.port)
        sock = await connected(addresses, config.port)
        client = aiosmtplib.SMTP(
            hostname=config.host,
            sock=sock,
            use_tls=config.security == "tls",
            start_tls=False,
            tls_context=tls,
            local_hostname=f"[{sock.getsockname()[0]}]",
            timeout=None,
        )
        try:
            await client.connect(timeout=CONNECT_SECONDS)
            if config.security == "starttls":
                await client.starttls(server_hostname=config.host, tls_context=tls, timeout=CONNECT_SECONDS)
        except BaseException:
            client.close()
            sock.close()
            raise
        return client

    def _message(self, file: DeliveredFile, message_id: str) -> bytes:
        """Return the message; blocks."""
        message = EmailMessage(policy=SMTP)
        message["From"] = self.config.sender
        message["To"] = ", ".join(self.config.recipients)
        message["Subject"] = file.safe_name
        message["Date"] = formatdate()
        message["Message-ID"] = message_id
        message["X-Gaopai-SHA256"] = file.sha256
        message.set_content(f"{file.safe_name}\n")
        kind, _, form = (mimetypes.guess_type(file.name)[0] or "application/octet-stream").partition("/")
        message.add_attachment(
            b"".join(file.whole_pieces()), maintype=kind, subtype=form, filename=file.safe_name
        )
        return message.as_bytes()


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except aiosmtplib.SMTPAuthenticationError as exc:
        raise TargetRefusal(NO_PASSWORD) from exc
    except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPSenderRefused) as exc:
        raise TargetRefusal(FULL if _code(exc) in _NO_SPACE else _RECIPIENTS) from exc
    except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError) as exc:
        raise _tls_fault(exc) or UploadBroken(reason=HUNG_UP) from exc
    except aiosmtplib.SMTPConnectError as exc:
        raise _tls_fault(exc) or UploadUnreachable(reason=_NO_SMTP) from exc
    except aiosmtplib.SMTPException as exc:
        raise _tls_fault(exc) or TargetRefusal(FULL if _code(exc) in _NO_SPACE else _REFUSED) from exc
    except (ssl.SSLError, OSError) as exc:
        raise _tls_fault(exc) or UploadBroken(reason=HUNG_UP) from exc


def _code(exc: aiosmtplib.SMTPException) -> int:
    if isinstance(exc, aiosmtplib.SMTPRecipientsRefused):
        return exc.recipients[0].code
    return exc.code if isinstance(exc, aiosmtplib.SMTPResponseException) else 0


def _tls_fault(exc: BaseException | None) -> UploadUnreachable | None:
    while exc is not None:
        if isinstance(exc, ssl.SSLCertVerificationError):
            return UploadUnreachable(reason=certificate_reason(exc))
        if isinstance(exc, ssl.SSLError):
            return UploadUnreachable(reason=NO_TLS)
        exc = exc.__cause__ or exc.__context__
    return None


def target(config: MailTarget, reach: Reach) -> MailServer:
    """Return the target of a configuration."""
    return MailServer(config, reach)
