"""Errors 3xxx: pictures."""

from __future__ import annotations

from server.errors.base import GaopaiError, Text


class PictureUnreadable(GaopaiError):
    code = 3001
    what = Text("{picture} 无法解码：{reason}。", "{picture} cannot be decoded: {reason}.")
    remedy = Text(
        "请提供完整的 JPEG、PNG、BMP、TIFF 或 WebP 图片。",
        "Give a complete JPEG, PNG, BMP, TIFF or WebP picture.",
    )


class PictureTooLarge(GaopaiError):
    code = 3002
    what = Text("{picture} 为 {size}，超过上限 {limit}。", "{picture} is {size}, over the limit of {limit}.")
    remedy = Text("请缩小后再试。", "Make it smaller and try again.")
