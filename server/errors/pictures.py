"""Errors 3xxx: pictures."""

from __future__ import annotations

from server.errors.base import GaopaiError, LocalizedText


class PictureUnreadable(GaopaiError):
    code = 3001
    what = LocalizedText("{picture} 无法解码：{reason}。", "{picture} cannot be decoded: {reason}.")
    remedy = LocalizedText(
        "请提供完整的 JPEG、PNG、BMP、TIFF 或 WebP 图片。",
        "Give a complete JPEG, PNG, BMP, TIFF or WebP picture.",
    )


class PictureTooLarge(GaopaiError):
    code = 3002
    what = LocalizedText(
        "{picture} 为 {size}，超过上限 {limit}。", "{picture} is {size}, over the limit of {limit}."
    )
    remedy = LocalizedText("请缩小后再试。", "Make it smaller and try again.")


class DecoderUnavailable(GaopaiError):
    """Files of pages are decoded in processes of their own, and never in the service's."""

    code = 3003
    what = LocalizedText(
        "无法启动解码进程：{reason}。", "No process to decode files can be started: {reason}."
    )
    remedy = LocalizedText(
        "请稍后重试；若仍如此，请由管理员检查内存和进程数限制并重启服务。",
        "Try again later; if it stays so, let the administrator check the limits of memory and processes "
        "and restart the service.",
    )


class ModelDamaged(GaopaiError):
    """`role` is that of a model that comes with gaopai, its name in the list of models."""

    code = 3004
    what = LocalizedText(
        "gaopai 自带的模型 {role} 缺失或已损坏。",
        "The model {role}, which comes with gaopai, is missing or damaged.",
    )
    remedy = LocalizedText(
        "请管理员重新安装 gaopai；gaopai models verify 检查各模型文件。",
        "An administrator installs gaopai again; gaopai models verify checks the files.",
    )


class FontMissing(GaopaiError):
    """Its text says nothing of the watermark's, which may be personal data."""

    code = 3005
    what = LocalizedText(
        "此电脑没有包含水印全部文字的字体。", "No font of this machine has all characters of the watermark."
    )
    remedy = LocalizedText(
        "请安装中文字体，例如 fonts-noto-cjk 或 fonts-wqy-microhei，或在配置 [output] font 中指定字体文件。",
        "Install a font that has them, such as fonts-noto-cjk or fonts-wqy-microhei, or name its file as "
        "[output] font in the configuration.",
    )


class PageUnsure(GaopaiError):
    """A copy that may still tell what was to be hidden is none; the text quotes nothing of the page."""

    code = 3010
    what = LocalizedText(
        "{picture} 的内容不能可靠识别，没有制作副本。",
        "{picture} cannot be read surely enough; no copy of it was made.",
    )
    remedy = LocalizedText(
        "请平放后重新拍摄：清晰、正向、无反光，文字高度在 20 像素以上；或由人工遮盖。",
        "Capture it again: sharp, upright, without glare, letters at least 20 pixels high; or cover it by hand.",
    )


class NothingToHide(GaopaiError):
    """A copy that hides nothing is not given for one that does."""

    code = 3011
    what = LocalizedText(
        "{picture} 中没有找到要遮盖的内容，没有制作副本。",
        "Nothing that was to be hidden was found in {picture}; no copy of it was made.",
    )
    remedy = LocalizedText(
        "请确认图片和 hide 参数；确实没有这些内容时无需副本。",
        "Check the picture and the parameter hide; if there is nothing of the kind, no copy is needed.",
    )


class SidesMissing(GaopaiError):
    code = 3006
    what = LocalizedText(
        "{picture} 中应有 {wanted} 面，只找到 {found} 面。",
        "{picture} should show {wanted} side(s); {found} found.",
    )
    remedy = LocalizedText(
        "请把证件或页面平放，完整在画面之内，互相分开，底色与其不同。",
        "Lay cards or pages flat, whole in the picture, apart from each other, on another colour.",
    )


class OriginalGone(GaopaiError):
    code = 3007
    what = LocalizedText(
        "此 handle 没有对应的原图，或原图已过期。", "No original is kept by this handle, or no longer."
    )
    remedy = LocalizedText(
        "请重新拍照；原图保留 {minutes} 分钟。",
        "Take the picture again; originals are kept for {minutes} minutes.",
    )
