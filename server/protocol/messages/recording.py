"""Functions and messages about recordings."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server import errors
from server.errors import LocalizedText
from server.protocol.function import CAMERA_USE, SAVING, Example, Function
from server.protocol.messages.base import Answer, Path, Request, doc
from server.protocol.messages.cameras import DevNum

Reason = Annotated[
    Literal["stopped", "seconds", "bytes", "disk", "device", "mode"],
    doc(
        "结束原因：stopped 已停止，seconds、bytes 达到上限，disk 磁盘将满，device 摄像头已关闭或断开，"
        "mode 分辨率已更换",
        "why it ended: stopped; seconds or bytes: a limit; disk: nearly full; device: the camera was closed "
        "or unplugged; mode: another resolution",
    ),
]
RecordPath = Annotated[str, doc("录像文件（Matroska）", "the recording, a Matroska file")]
Seconds = Annotated[float, doc("时长（秒）", "its length in seconds")]
Bytes = Annotated[int, doc("文件大小（字节）", "size of the file in bytes")]
Captures = Annotated[
    int, doc("其间的拍照次数，每次为一个章节", "captures made meanwhile, each the beginning of a chapter")
]
Signed = Annotated[
    bool,
    doc(
        "是否已签名；未签名的录像同样带有每 5 秒一次的哈希",
        "whether it is signed; one that is not has a hash of every five seconds all the same",
    ),
]


LongestSeconds = Annotated[int, msgspec.Meta(ge=1, le=31_536_000)]
LargestBytes = Annotated[int, msgspec.Meta(ge=1_000_000, le=1 << 50)]


class StartRecordRequest(Request, frozen=True, kw_only=True):
    dev_num: DevNum = None
    file_path: Annotated[
        Path, doc("文件名，后缀为 mkv；为空时使用默认名称", "file to write (mkv); empty: a default name")
    ] = ""
    seconds: Annotated[LongestSeconds | None, doc("最长秒数", "longest, in seconds")] = None
    max_bytes: Annotated[LargestBytes | None, doc("文件最大字节数", "largest file, in bytes")] = None


class StartRecordAnswer(Answer, frozen=True, kw_only=True):
    file_path: RecordPath


class StopRecordRequest(Request, frozen=True, kw_only=True):
    dev_num: DevNum = None


class StopRecordAnswer(Answer, frozen=True, kw_only=True):
    file_path: RecordPath
    seconds: Seconds
    size: Bytes
    captures: Captures
    reason: Reason
    signed: Signed


class RecordFinished(Answer, frozen=True, kw_only=True):
    """Notice of a recording that ended by itself; has the reqId of its StartRecord."""

    event: Annotated[Literal["OnRecordFinished"], doc("始终为 OnRecordFinished", "always OnRecordFinished")]
    kind: Annotated[Literal["record"], doc("始终为 record", "always record")]
    file_path: Annotated[str | None, doc("录像文件；写入失败时没有", "the file; none if the disk failed")] = (
        None
    )
    reason: Annotated[str | None, doc("结束原因，见 StopRecord", "why it ended, as StopRecord tells")] = None


FUNCTIONS = (
    Function(
        request=StartRecordRequest,
        answer=StartRecordAnswer,
        pushes=(RecordFinished,),
        errors=CAMERA_USE + SAVING,
        since="gaopai 0.1",
        summary=LocalizedText(
            "把已打开的摄像头录成文件，直到 StopRecord 或达到上限；其间的拍照成为章节。"
            "自行结束时推送 Notify（OnRecordFinished）。",
            "Record an open camera into a file, until StopRecord or a limit; captures become chapters. A "
            "Notify (OnRecordFinished) tells when it ends by itself.",
        ),
        example=Example(
            {"devNum": 0, "filePath": "case/17.mkv", "seconds": 600},
            StartRecordAnswer(file_path="/var/lib/gaopai/case/17.mkv"),
            RecordFinished(
                event="OnRecordFinished",
                kind="record",
                file_path="/var/lib/gaopai/case/17.mkv",
                reason="seconds",
            ),
        ),
    ),
    Function(
        request=StopRecordRequest,
        answer=StopRecordAnswer,
        errors=(
            errors.NoSuchDevice,
            errors.DeviceBusy,
            errors.DeviceTimeout,
            errors.NotRecording,
            errors.RecordingCut,
        ),
        since="gaopai 0.1",
        summary=LocalizedText("停止录像；文件随即完整。", "End the recording; its file is complete then."),
        example=Example(
            {"devNum": 0},
            StopRecordAnswer(
                file_path="/var/lib/gaopai/case/17.mkv",
                seconds=95.4,
                size=61_200_000,
                captures=3,
                reason="stopped",
                signed=True,
            ),
        ),
    ),
)
"""Functions about recordings, for the catalogue."""
