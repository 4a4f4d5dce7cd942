"""Errors of handwritten signatures (4xxx, with those of files).

Not among the names of `server.errors`: what works on pictures imports those, and its figures would go stale.
"""

from __future__ import annotations

from server.errors.base import GaopaiError, LocalizedText


class SignatureBusy(GaopaiError):
    code = 4017
    what = LocalizedText("另一份文件正在签字。", "Another document is being signed.")
    remedy = LocalizedText("请等待签完，或先取消它。", "Wait until it is done, or cancel it first.")


class SignatureTimeout(GaopaiError):
    code = 4018
    status = 504
    what = LocalizedText("在 {seconds} 秒内没有签完。", "It was not signed within {seconds} seconds.")
    remedy = LocalizedText(
        "文件没有改变；请重新发起签字。", "The document is as it was; ask for the signature again."
    )


class SignerLeft(GaopaiError):
    code = 4019
    what = LocalizedText("签字人没有签字就离开了。", "The signer left without signing.")
    remedy = LocalizedText(
        "文件没有改变；请重新发起签字。", "The document is as it was; ask for the signature again."
    )


class SignatureTicketGone(GaopaiError):
    code = 4020
    status = 410
    what = LocalizedText(
        "此签字链接已用过、已过期，或签字已结束。",
        "This address for signing was used, has expired, or the signing has ended.",
    )
    remedy = LocalizedText("请在柜台重新发起签字。", "Ask at the counter for another.")


class SignatureElsewhere(GaopaiError):
    code = 4021
    status = 403
    what = LocalizedText(
        "签字页只能在本机、由本服务自己的网页打开。",
        "The page for signing opens on this computer alone, in the page of this service.",
    )
    remedy = LocalizedText(
        "请在柜台的第二屏幕上打开链接。", "Open its address on the second screen of the counter."
    )


class PlaceOffPage(GaopaiError):
    code = 4022
    status = 422
    what = LocalizedText(
        "签字位置不在第 {page} 页之内，该页为 {width} × {height} 毫米。",
        "The place is not on page {page}, which is {width} x {height} mm.",
    )
    remedy = LocalizedText(
        "请给出页面之内的矩形，单位毫米。", "Give a rectangle on the page, in millimetres."
    )


class NoSuchPage(GaopaiError):
    code = 4023
    status = 422
    what = LocalizedText("没有第 {page} 页，文件共 {pages} 页。", "There is no page {page}; it has {pages}.")
    remedy = LocalizedText("请给出文件中的页码。", "Give the number of a page that is there.")


class SignedAlready(GaopaiError):
    code = 4024
    what = LocalizedText("文件 {name} 已有签名。", "The document {name} is signed already.")
    remedy = LocalizedText(
        "若要在其后再签一人，请用 countersign: true；已有的签名保持有效。",
        "For a further signer use countersign: true; the signatures before stay as they are.",
    )


class PlaceNotFound(GaopaiError):
    """The text that was sought is not told, as a page may seek anything."""

    code = 4025
    status = 422
    what = LocalizedText(
        "文件中没有找到要签字的位置。", "The text that marks the place is not in the document."
    )
    remedy = LocalizedText("请用 left、top、width、height 给出位置。", "Give left, top, width and height.")


class PlaceTaken(GaopaiError):
    code = 4029
    what = LocalizedText("此处已有签名。", "There is a signature at this place already.")
    remedy = LocalizedText("请另选位置。", "Choose another place.")


class InkTooLong(GaopaiError):
    code = 4026
    status = 413
    what = LocalizedText(
        "签字超过 {strokes} 笔或 {points} 个点。", "It has more than {strokes} strokes or {points} points."
    )
    remedy = LocalizedText("请重新签字。", "Write it again.")


class InkMissing(GaopaiError):
    code = 4027
    status = 422
    what = LocalizedText("还没有签字。", "Nothing is written yet.")
    remedy = LocalizedText("请先在框内签字。", "Write in the box first.")


class DocumentUnread(GaopaiError):
    code = 4028
    what = LocalizedText("文件还没有看到末尾。", "The document was not read to its end.")
    remedy = LocalizedText("请先翻到末尾。", "Scroll to its end first.")
