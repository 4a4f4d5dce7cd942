"""Faults of PC/SC and of cards, and the errors that they become."""

from __future__ import annotations

from server import errors
from server.errors import GaopaiError, LocalizedText

CANCELLED = 0x80100002
"""``SCARD_E_CANCELLED`` of ``pcsclite.h``: a wait was ended from elsewhere."""
INVALID_HANDLE = 0x80100003
"""``SCARD_E_INVALID_HANDLE`` of ``pcsclite.h``: the connection is not known to the service."""
UNKNOWN_READER = 0x80100009
"""``SCARD_E_UNKNOWN_READER`` of ``pcsclite.h``: there is no reader of that name."""
TIMEOUT = 0x8010000A
"""``SCARD_E_TIMEOUT`` of ``pcsclite.h``: nothing happened in the time that was given."""
SHARING_VIOLATION = 0x8010000B
"""``SCARD_E_SHARING_VIOLATION`` of ``pcsclite.h``: another program keeps the card to itself."""
NO_SMARTCARD = 0x8010000C
"""``SCARD_E_NO_SMARTCARD`` of ``pcsclite.h``: no card is in the reader."""
PROTO_MISMATCH = 0x8010000F
"""``SCARD_E_PROTO_MISMATCH`` of ``pcsclite.h``: the card speaks none of the wanted protocols."""
COMM_ERROR = 0x80100013
"""``SCARD_F_COMM_ERROR`` of ``pcsclite.h``: the communication with the service broke down."""
NOT_TRANSACTED = 0x80100016
"""``SCARD_E_NOT_TRANSACTED`` of ``pcsclite.h``: a command did not get through to the card."""
READER_UNAVAILABLE = 0x80100017
"""``SCARD_E_READER_UNAVAILABLE`` of ``pcsclite.h``: the reader was unplugged."""
NO_SERVICE = 0x8010001D
"""``SCARD_E_NO_SERVICE`` of ``pcsclite.h``: the service is not running."""
SERVICE_STOPPED = 0x8010001E
"""``SCARD_E_SERVICE_STOPPED`` of ``pcsclite.h``: the service has ended."""
NO_ACCESS = 0x80100027
"""``SCARD_E_NO_ACCESS`` of ``pcsclite.h``: this account may not use the service."""
NO_READERS = 0x8010002E
"""``SCARD_E_NO_READERS_AVAILABLE`` of ``pcsclite.h``: no reader is there."""
UNSUPPORTED_CARD = 0x80100065
"""``SCARD_W_UNSUPPORTED_CARD`` of ``pcsclite.h``: the card's answer to its reset is not understood."""
UNRESPONSIVE_CARD = 0x80100066
"""``SCARD_W_UNRESPONSIVE_CARD`` of ``pcsclite.h``: the card does not answer its reset."""
UNPOWERED_CARD = 0x80100067
"""``SCARD_W_UNPOWERED_CARD`` of ``pcsclite.h``: the card has no power."""
RESET_CARD = 0x80100068
"""``SCARD_W_RESET_CARD`` of ``pcsclite.h``: another program has reset the card."""
REMOVED_CARD = 0x80100069
"""``SCARD_W_REMOVED_CARD`` of ``pcsclite.h``: the card was taken away."""
SECURITY_VIOLATION = 0x8010006A
"""``SCARD_W_SECURITY_VIOLATION`` of ``pcsclite.h``: the service does not let this account in."""

PYSCARD = "pyscard"
"""Obstacle to using PC/SC: pyscard is not installed."""
LIBRARY = "libpcsclite"
"""Obstacle to using PC/SC: libpcsclite is not installed."""
STOPPED = "stopped"
"""Obstacle to using PC/SC: its service is not running."""
DENIED = "denied"
"""Obstacle to using PC/SC: this account may not use its service."""

CARD_READERS = LocalizedText("读卡器", "card readers")
SERVICE = LocalizedText("智能卡服务 pcscd", "the smart card service pcscd")
OTHER_REQUEST = LocalizedText("另一个请求", "another request")
_STOPPED = LocalizedText("智能卡服务 pcscd 没有运行", "the smart card service pcscd is not running")
_LACKS = {
    PYSCARD: LocalizedText("缺少 pyscard", "pyscard is not installed"),
    LIBRARY: LocalizedText("缺少 libpcsclite", "libpcsclite is not installed"),
    STOPPED: _STOPPED,
}
"""Reasons for people why PC/SC cannot be used, by the obstacle."""


class PcscFault(Exception):
    """A call of PC/SC failed; `code` is one of the above or another of ``pcsclite.h``."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"{self.code:08X}")


def obstacle(fault: PcscFault) -> str:
    """Return the obstacle to using the service, from its answer to a context."""
    return DENIED if fault.code in (SECURITY_VIOLATION, NO_ACCESS) else STOPPED


def unusable(obstacle: str) -> GaopaiError:
    """The error of a machine on which PC/SC cannot be used."""
    if obstacle == DENIED:
        return errors.DevicePermission(device=SERVICE)
    return errors.DriverMissing(kind=CARD_READERS, reason=_LACKS[obstacle])


def stopped(obstacle: str, device: str) -> GaopaiError:
    """The error of a reader whose service cannot be used any more."""
    if obstacle == DENIED:
        return errors.DevicePermission(device=device)
    return errors.DeviceFailed(device=device, reason=_STOPPED)


def error(fault: PcscFault, device: str) -> GaopaiError:
    """Return the error that a fault during a reading becomes.

    Parameters
    ----------
    device
        The reader's name, for people.
    """
    code = fault.code
    if code in (NO_SERVICE, SERVICE_STOPPED, COMM_ERROR, INVALID_HANDLE):
        return stopped(STOPPED, device)
    if code in (SHARING_VIOLATION, RESET_CARD):
        return errors.DeviceBusy(device=device, holder=errors.OTHER_PROGRAM)
    kind = _KINDS.get(code)
    if kind is not None:
        return kind(device=device)
    reason = LocalizedText(f"智能卡服务报告 {code:08X}", f"the smart card service reports {code:08X}")
    return errors.DeviceFailed(device=device, reason=reason)


_KINDS: dict[int, type[GaopaiError]] = {
    NO_SMARTCARD: errors.CardTakenAway,
    REMOVED_CARD: errors.CardTakenAway,
    # A card that answers its reset with nonsense, as one with a dirty chip does.
    PROTO_MISMATCH: errors.CardSilent,
    UNSUPPORTED_CARD: errors.CardSilent,
    UNRESPONSIVE_CARD: errors.CardSilent,
    UNPOWERED_CARD: errors.CardSilent,
    UNKNOWN_READER: errors.DeviceGone,
    READER_UNAVAILABLE: errors.DeviceGone,
    NO_READERS: errors.DeviceGone,
    SECURITY_VIOLATION: errors.DevicePermission,
    NO_ACCESS: errors.DevicePermission,
}
"""Errors that a fault during a reading becomes, by the code of the fault."""


def absent(status: int) -> bool:
    """Return whether a SELECT says that the card has no such application, or knows no such command."""
    return status >> 8 in (0x67, 0x6A, 0x6D, 0x6E) or status == 0x6999


def refused(device: str, step: LocalizedText, status: int) -> errors.CardUnreadable:
    """A command that the card did not carry out.

    Parameters
    ----------
    step
        The step that was tried: 读取持卡人文件, reading the holder's file.
    """
    reason = LocalizedText(f"{step.zh}返回状态 {status:04X}", f"{step.en} gave status {status:04X}")
    return errors.CardUnreadable(device=device, reason=reason)


def garbled(device: str, step: LocalizedText) -> errors.CardUnreadable:
    """A step whose answer makes no sense."""
    reason = LocalizedText(f"{step.zh}的应答无法识别", f"the answer to {step.en} makes no sense")
    return errors.CardUnreadable(device=device, reason=reason)
