"""Errors of pictures (3xxx), files (4xxx) and uploads (5xxx)."""

from __future__ import annotations

from server.errors.base import GaopaiError, LocalizedText, NameUnknown

# 3xxx: pictures ----------------------------------------------------------------------


class PictureUnreadable(GaopaiError):
    code = 3001
    status = 422
    what = LocalizedText("{picture} 无法解码：{reason}。", "{picture} cannot be decoded: {reason}.")
    remedy = LocalizedText(
        "请提供完整的 JPEG、PNG、BMP、TIFF 或 WebP 图片。",
        "Give a complete JPEG, PNG, BMP, TIFF or WebP picture.",
    )


class PictureTooLarge(GaopaiError):
    code = 3002
    status = 422
    what = LocalizedText(
        "{picture} 为 {size}，超过上限 {limit}。", "{picture} is {size}, over the limit of {limit}."
    )
    remedy = LocalizedText("请缩小后再试。", "Make it smaller and try again.")


class DecoderUnavailable(GaopaiError):
    """Files of pages are decoded in processes of their own, and never in the service's."""

    code = 3003
    status = 503
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
    status = 500
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
    status = 501
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
    status = 422
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
    status = 422
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
    status = 422
    what = LocalizedText(
        "{picture} 中应有 {wanted} 面，只找到 {found} 面。",
        "{picture} should show {wanted} side(s); {found} found.",
    )
    remedy = LocalizedText(
        "请把证件或页面平放，完整在画面之内，互相分开，底色与其不同。",
        "Lay cards or pages flat, whole in the picture, apart from each other, on another colour.",
    )


class PictureTooLong(GaopaiError):
    code = 3012
    status = 422
    what = LocalizedText(
        "{picture} 为 {size} 像素，边长上限为 {limit} 像素。",
        "{picture} has {size} pixels; a side may have {limit}.",
    )
    remedy = LocalizedText(
        "请缩小，或分成几张后再试。", "Make it smaller, or cut it into several, and try again."
    )


class PictureTooNarrow(GaopaiError):
    code = 3013
    status = 422
    what = LocalizedText(
        "{picture} 为 {size} 像素，太细长：长边最多为短边的 {limit} 倍。",
        "{picture} has {size} pixels, which is too narrow: it may be {limit} times as long as it is broad.",
    )
    remedy = LocalizedText(
        "请提供整页图片，或分成几张后再试。", "Give the picture of a whole page, or cut it into several."
    )


class OriginalGone(GaopaiError):
    code = 3007
    status = 410
    what = LocalizedText(
        "此 handle 没有对应的原图，或原图已过期。", "No original is kept by this handle, or no longer."
    )
    remedy = LocalizedText(
        "请重新拍照；原图保留 {minutes} 分钟。",
        "Take the picture again; originals are kept for {minutes} minutes.",
    )


# 4xxx: files -------------------------------------------------------------------------


class BadSuffix(GaopaiError):
    code = 4001
    status = 400
    what = LocalizedText("不支持后缀名 {suffix}。", "The file name suffix {suffix} is not supported.")
    remedy = LocalizedText("可用：{allowed}。", "Use one of: {allowed}.")


class PathOutside(GaopaiError):
    code = 4002
    status = 403
    what = LocalizedText("路径不在存储目录之内。", "The path is not inside the storage folder.")
    remedy = LocalizedText("请使用相对路径或 {root} 之下的路径。", "Use a relative path or one below {root}.")


class FileExists(GaopaiError):
    code = 4003
    what = LocalizedText("文件 {name} 已存在。", "The file {name} exists already.")
    remedy = LocalizedText(
        "请换一个文件名，或由管理员在配置中允许覆盖。",
        "Choose another name, or let the administrator allow overwriting in the configuration.",
    )


class StorageFull(GaopaiError):
    code = 4004
    status = 507
    what = LocalizedText("磁盘空间不足，{name} 未保存。", "The disk is full, {name} was not saved.")
    remedy = LocalizedText(
        "请清理磁盘后重试；没有留下不完整的文件。", "Free some space and try again; no partial file was left."
    )


class StorageFailed(GaopaiError):
    code = 4005
    status = 500
    what = LocalizedText("{name} 未能保存：{reason}。", "{name} could not be saved: {reason}.")
    remedy = LocalizedText(
        "请检查存储目录的权限；没有留下不完整的文件。",
        "Check the permissions of the storage folder; no partial file was left.",
    )


class RecordingCut(GaopaiError):
    """The file of a recording grows as it runs: what the disk took is there, and plays."""

    code = 4016
    what = LocalizedText(
        "录像 {name} 中断，磁盘不再写入：{reason}。",
        "The recording {name} was cut short by its disk: {reason}.",
    )
    remedy = LocalizedText(
        "此前的内容已保存，可以播放；请清理磁盘后再录。",
        "What was recorded until then was kept, and plays; free some space before the next one.",
    )


class FileMissing(NameUnknown):
    code = 4006
    status = 404
    what = LocalizedText("文件 {name} 不存在。", "There is no file {name}.")
    remedy = LocalizedText("请检查文件名。", "Check the name.")


class BadName(GaopaiError):
    code = 4007
    status = 400
    what = LocalizedText("文件名无效：{reason}。", "The file name is not valid: {reason}.")
    remedy = LocalizedText("请使用普通文件名。", "Use an ordinary file name.")


class FileUnreadable(GaopaiError):
    code = 4008
    status = 500
    what = LocalizedText("文件 {name} 无法读取：{reason}。", "The file {name} cannot be read: {reason}.")
    remedy = LocalizedText("请检查该文件及其权限。", "Check the file and its permissions.")


class DocumentProtected(GaopaiError):
    code = 4009
    status = 422
    what = LocalizedText("文件 {name} 受密码保护。", "The file {name} is protected by a password.")
    remedy = LocalizedText("请先去除密码再合并。", "Remove the password before merging.")


class ToolMissing(GaopaiError):
    """`tool` is a program that an optional function needs."""

    code = 4010
    status = 501
    what = LocalizedText("此电脑没有安装 {tool}。", "{tool} is not installed on this machine.")
    remedy = LocalizedText(
        "请运行 gaopai doctor，它会给出安装命令。", "Run gaopai doctor, it prints what to install."
    )


class FileOfAnotherOrigin(GaopaiError):
    code = 4011
    status = 403
    what = LocalizedText(
        "文件 {name} 由另一网站的页面生成。", "The file {name} was made by a page of another site."
    )
    remedy = LocalizedText(
        "请使用本页面生成的文件，或由管理员在配置中启用 [storage] sharing。",
        "Use files that this page made, or let the administrator switch [storage] sharing on.",
    )


class NamePartMissing(GaopaiError):
    """`part` is a placeholder of a file name."""

    code = 4012
    status = 422
    what = LocalizedText(
        "文件名中的 {part} 没有内容：{reason}。", "{part} in the file name is empty: {reason}."
    )
    remedy = LocalizedText("请先读卡，或换一个文件名。", "Read a card first, or choose another name.")


class FileOfNoPage(GaopaiError):
    code = 4013
    status = 403
    what = LocalizedText("文件 {name} 不是网页生成的。", "The file {name} was made by no page.")
    remedy = LocalizedText(
        "只能取回本网站的页面生成的文件，ListFiles 列出它们。",
        "Only files that pages of this site made can be fetched; ListFiles lists them.",
    )


class DocumentSigned(GaopaiError):
    code = 4014
    what = LocalizedText(
        "文件 {name} 已有数字签名，合并会使签名失效。",
        "The file {name} is signed; merging it would break the signature.",
    )
    remedy = LocalizedText(
        '请用 signed: "attach"（pdfa 为 3b）把原件附在文件中，或用 signed: "break" 不保留签名。',
        'Attach the original with signed: "attach" (pdfa 3b), or let the signature go with signed: "break".',
    )


class SigningFailed(GaopaiError):
    """`reason` says what hinders, without a word of the file."""

    code = 4015
    status = 502
    what = LocalizedText("签名或验证没有完成：{reason}。", "It was not signed or verified: {reason}.")
    remedy = LocalizedText(
        "原文件没有改变；请检查密钥、证书和时间戳服务器。",
        "The file is as it was; check the key, its certificate and the server of time stamps.",
    )


# 5xxx: upload ------------------------------------------------------------------------


class UploadNotAllowed(GaopaiError):
    """`reason` says which rule refused the address, without its path or query."""

    code = 5001
    status = 403
    what = LocalizedText(
        "不允许上传到该地址：{reason}。", "Uploading to this address is not allowed: {reason}."
    )
    remedy = LocalizedText(
        "请使用网页自己的来源，或由管理员把该来源加入 [upload] allow。",
        "Use the page's own origin, or let the administrator add the address to [upload] allow.",
    )


class UploadUnreachable(GaopaiError):
    code = 5002
    status = 502
    what = LocalizedText("无法连接上传服务器：{reason}。", "The upload server cannot be reached: {reason}.")
    remedy = LocalizedText(
        "文件均已保留；请检查网络后再上传。", "The files are kept; check the network and upload again."
    )


class UploadTimeout(GaopaiError):
    code = 5003
    status = 504
    what = LocalizedText(
        "上传在 {seconds} 秒内没有完成。", "The upload was not done within {seconds} seconds."
    )
    remedy = LocalizedText("文件均已保留；请稍后再上传。", "The files are kept; upload again later.")


class UploadRejected(GaopaiError):
    code = 5004
    status = 502
    what = LocalizedText(
        "上传服务器以状态 {status} 拒绝。", "The upload server refused with status {status}."
    )
    remedy = LocalizedText(
        "文件均已保留；原因见应答中的 response。", "The files are kept; response has the server's reason."
    )


class UploadTooLarge(GaopaiError):
    code = 5005
    status = 413
    what = LocalizedText(
        "上传共 {size}，超过上限 {limit}。", "The upload has {size}, over the limit of {limit}."
    )
    remedy = LocalizedText("请分几次上传。", "Send it in several uploads.")


class UploadBroken(GaopaiError):
    """The connection was there and then failed: whether the server kept the files is unknown."""

    code = 5006
    status = 502
    what = LocalizedText("上传中断：{reason}。", "The upload broke off: {reason}.")
    remedy = LocalizedText(
        "文件均已保留；请先确认服务器是否已收到，再决定是否重传。",
        "The files are kept; find out whether the server has them before sending again.",
    )
