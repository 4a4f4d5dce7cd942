"""Errors 6xxx: cards."""

from __future__ import annotations

from server.errors.base import GaopaiError, LocalizedText


class NoReader(GaopaiError):
    code = 6001
    what = LocalizedText("没有可读{card}的读卡器。", "There is no reader for {card}.")
    remedy = LocalizedText(
        "请连接读卡器；已连接时请运行 gaopai doctor。", "Connect one; if it is connected, run gaopai doctor."
    )


class NoCard(GaopaiError):
    code = 6002
    what = LocalizedText("在 {seconds} 秒内没有放卡。", "No card was presented within {seconds} seconds.")
    remedy = LocalizedText(
        "请把卡放到或插入 {device} 后再读。", "Put the card on or into {device} and read again."
    )


class CardTakenAway(GaopaiError):
    code = 6003
    what = LocalizedText("读取时卡离开了 {device}。", "The card left {device} while it was read.")
    remedy = LocalizedText("请重新放卡，读完前不要移动。", "Present it again and leave it until it is read.")


class WrongCard(GaopaiError):
    code = 6004
    what = LocalizedText("{device} 上的卡不是{card}。", "The card at {device} is not {card}.")
    remedy = LocalizedText("请换成所要求的卡。", "Present the kind of card that was asked for.")


class CardSilent(GaopaiError):
    """A card without power, inserted upside down, or broken."""

    code = 6005
    what = LocalizedText("{device} 中的卡没有应答。", "The card in {device} does not answer.")
    remedy = LocalizedText(
        "请检查插卡方向，擦净芯片后再试；若仍无应答，卡可能已损坏。",
        "Check which way it is inserted, wipe its chip and try again; it may be broken if that does not help.",
    )


class SeveralCards(GaopaiError):
    """`devices` are the names of the readers."""

    code = 6006
    what = LocalizedText(
        "多个读卡器上同时有卡：{devices}。", "There are cards at several readers: {devices}."
    )
    remedy = LocalizedText("请只留下要读的那张卡。", "Leave only the one that is to be read.")


class CardUnreadable(GaopaiError):
    """`reason` names the step and the status, without anything the card said."""

    code = 6007
    what = LocalizedText("{device} 读不出这张卡：{reason}。", "{device} cannot read this card: {reason}.")
    remedy = LocalizedText("请取下卡后重新放卡再试。", "Take the card away, present it again and retry.")


class PortraitNotDecoded(GaopaiError):
    """`reason` is a clause about the decoder, without anything of the portrait."""

    code = 6008
    what = LocalizedText("头像无法解码：{reason}。", "The portrait cannot be decoded: {reason}.")
    remedy = LocalizedText(
        "请检查配置中的 cards.wlt_library；imageWlt 中有原始数据。",
        "Check cards.wlt_library in the configuration; imageWlt has the portrait as it is.",
    )
