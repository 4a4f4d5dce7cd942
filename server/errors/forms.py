"""Errors about forms that were taught; of the codes of requests.

They are imported from here: `server.errors` is a source of most figures, which say nothing of forms.
"""

from __future__ import annotations

from server.errors.base import GaopaiError, LocalizedText


class FormUnknown(GaopaiError):
    code = 1017
    status = 404
    exit_code = 2
    what = LocalizedText("没有名为 {form} 的表单。", "There is no form named {form}.")
    remedy = LocalizedText(
        "gaopai form --list 列出已有的表单。", "gaopai form --list lists those that there are."
    )


class FormUnusable(GaopaiError):
    """The sample, the zones or the JSON of a form that was given; `reason` is a `LocalizedText`."""

    code = 1018
    status = 400
    exit_code = 2
    what = LocalizedText("表单不能使用：{reason}。", "The form cannot be used: {reason}.")
    remedy = LocalizedText("请按文档修改后重试。", "Correct it as the guide to forms says.")


class FormDamaged(GaopaiError):
    """A form of the folder; `reason` is a `LocalizedText`."""

    code = 1019
    status = 500
    exit_code = 2
    what = LocalizedText(
        "已存的表单 {form} 已损坏：{reason}。", "The stored form {form} is damaged: {reason}."
    )
    remedy = LocalizedText(
        "请重新示教或导入，或用 gaopai form --remove 删除。",
        "Teach or import it anew, or remove it with gaopai form --remove.",
    )


class NothingTaught(GaopaiError):
    code = 1020
    status = 404
    exit_code = 2
    what = LocalizedText("还没有示教任何表单。", "No form has been taught yet.")
    remedy = LocalizedText(
        "请先用 gaopai form --teach 示教，或用 --import 导入。",
        "Teach one with gaopai form --teach, or bring one with --import.",
    )
