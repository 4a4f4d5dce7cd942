"""The status words of a SAM-V module, and their meaning to the person at the counter."""

from __future__ import annotations

from server.devices.ports.card_reader import CardKind
from server.errors import CardSilent, CardUnreadable, DeviceFailed, GaopaiError, LocalizedText, WrongCard

OK, FOUND = 0x90, 0x9F
CHECKSUM, LENGTH = 0x10, 0x11
BAD_COMMAND, NO_RIGHT, UNKNOWN_COMMAND = 0x21, 0x23, 0x24
CARD_REFUSES, MODULE_REFUSES, FALSE_DATA = 0x31, 0x32, 0x33
WRONG_CARD, READ_FAILED, RANDOM_FAILED = 0x40, 0x41, 0x47
SELF_TEST, NOT_AUTHORISED = 0x60, 0x66
NO_CARD, SELECT_FAILED, ABSENT = 0x80, 0x81, 0x91

NOT_UNDERSTOOD = frozenset({BAD_COMMAND, NO_RIGHT, UNKNOWN_COMMAND})
"""Said by a module of a command that it does not have."""
GARBLED = frozenset({CHECKSUM, LENGTH})
"""The module got our command damaged: it may be sent again."""
HOPELESS = frozenset({WRONG_CARD, SELF_TEST, NOT_AUTHORISED}) | NOT_UNDERSTOOD
"""Trying again changes nothing."""

_OF_CARD = {
    CARD_REFUSES: LocalizedText("卡拒绝了安全模块", "the card refuses the reader's security module"),
    MODULE_REFUSES: LocalizedText("安全模块拒绝了卡", "the reader's security module refuses the card"),
    FALSE_DATA: LocalizedText("卡中数据未通过校验", "the card's data fail the check"),
    READ_FAILED: LocalizedText("读取失败", "reading failed"),
    RANDOM_FAILED: LocalizedText(
        "安全模块未能生成随机数", "the security module could not draw a random number"
    ),
    ABSENT: LocalizedText("卡中没有该项内容", "the card does not hold what was asked for"),
}
_OF_READER = {
    CHECKSUM: LocalizedText("收到的命令校验和错误", "it received commands with a wrong checksum"),
    LENGTH: LocalizedText("收到的命令长度错误", "it received commands of a wrong length"),
    BAD_COMMAND: LocalizedText("不支持读卡命令", "it does not know the command to read"),
    NO_RIGHT: LocalizedText("没有读卡权限", "it has no right to read"),
    UNKNOWN_COMMAND: LocalizedText("不认识读卡命令", "it does not know the command to read"),
    SELF_TEST: LocalizedText("安全模块自检失败", "the self test of its security module failed"),
    NOT_AUTHORISED: LocalizedText("安全模块未经授权", "its security module is not authorised"),
}


def error(status: int, device: str) -> GaopaiError:
    """Return the error that a status becomes.

    Parameters
    ----------
    device
        The reader's name, for people.
    """
    if status == WRONG_CARD:
        return WrongCard(device=device, card=CardKind.RESIDENT.text)
    if status == SELECT_FAILED:
        return CardSilent(device=device)
    if status in _OF_READER:
        return DeviceFailed(device=device, reason=_OF_READER[status])
    return CardUnreadable(device=device, reason=_OF_CARD.get(status) or _unnamed(status))


def _unnamed(status: int) -> LocalizedText:
    return LocalizedText(
        f"安全模块返回状态 {status:02X}", f"the security module answers with status {status:02X}"
    )
