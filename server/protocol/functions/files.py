"""Functions to upload and merge files."""

from __future__ import annotations

from server.errors import (
    BadName,
    BadSuffix,
    Cancelled,
    DecoderUnavailable,
    DocumentProtected,
    FileExists,
    FileMissing,
    FileOfAnotherOrigin,
    FileOfNoPage,
    FileUnreadable,
    LocalizedText,
    PathOutside,
    PictureTooLarge,
    PictureUnreadable,
    StorageFailed,
    StorageFull,
    ToolMissing,
    UploadBroken,
    UploadNotAllowed,
    UploadRejected,
    UploadTimeout,
    UploadTooLarge,
    UploadUnreachable,
)
from server.protocol.function import Example, Function
from server.protocol.messages import files

_READING = (PathOutside, BadName, FileMissing, FileUnreadable, FileOfAnotherOrigin)
_SENDING = (
    *(UploadNotAllowed, UploadUnreachable, UploadTimeout),
    *(UploadRejected, UploadTooLarge, UploadBroken),
)

_ADDRESS = "http://127.0.0.1:8082/download/n3Jx0cK9pQw7rT2vYb5mZs8aLd4eHf6G"

FUNCTIONS = (
    Function(
        name="UploadHttpFile",
        request=files.UploadHttpFileRequest,
        answer=files.UploadHttpFileAnswer,
        errors=(*_READING, PictureUnreadable, PictureTooLarge, *_SENDING, Cancelled),
        long=True,
        since="V1.5",
        summary=LocalizedText(
            "以 multipart/form-data 上传文件和表单参数；失败时文件保留。",
            "Send files and form parameters as multipart/form-data. On failure the files stay.",
        ),
        example=Example(
            {
                "url": "https://files.example.cn/upload",
                "imageBase64": "",
                "imagePath": "/var/lib/gaopai/a.jpg",
                "params": {"name": "value", "number": 1111},
            },
            files.UploadHttpFileAnswer(status=200, response="ok"),
        ),
    ),
    Function(
        name="MergeFile",
        request=files.MergeFileRequest,
        answer=files.MergeFileAnswer,
        errors=(
            *_READING,
            PictureUnreadable,
            PictureTooLarge,
            DecoderUnavailable,
            DocumentProtected,
            ToolMissing,
            BadSuffix,
            FileExists,
            StorageFull,
            StorageFailed,
            Cancelled,
        ),
        long=True,
        since="V1.5",
        summary=LocalizedText(
            "把图片和文档按顺序合并为一个文件：PDF、多页 TIFF、可搜索的 PDF 或 OFD。",
            "Merge pictures and documents, in order, into one file: PDF, TIFF, searchable PDF or OFD.",
        ),
        example=Example(
            {
                "imagePath": ["/var/lib/gaopai/a.jpg", "/var/lib/gaopai/b.jpg"],
                "fileType": 0,
                "filePath": "/var/lib/gaopai/ab.pdf",
            },
            files.MergeFileAnswer(
                file_path="/var/lib/gaopai/ab.pdf", page_count=2, blank_pages=(), download_url=_ADDRESS
            ),
            files.ProgressPush(event="OnProgress", kind="merge", done=1, total=2),
        ),
        pushes=(files.ProgressPush,),
    ),
    Function(
        name="ListFiles",
        request=files.ListFilesRequest,
        answer=files.ListFilesAnswer,
        errors=(FileUnreadable,),
        since="gaopai 0.1",
        summary=LocalizedText(
            "列出本网站的页面生成的文件，最新的在前。",
            "List the files that pages of this site made, the newest first.",
        ),
        example=Example(
            {"prefix": "case17/", "limit": 20},
            files.ListFilesAnswer(
                files=(
                    files.FileEntry(
                        path="/var/lib/gaopai/case17/ab.pdf", size=184_320, time="2026-11-28T10:15:30+08:00"
                    ),
                ),
                more=False,
            ),
        ),
    ),
    Function(
        name="GetFile",
        request=files.GetFileRequest,
        answer=files.GetFileAnswer,
        errors=(*_READING, FileOfNoPage, PictureTooLarge),
        since="gaopai 0.1",
        summary=LocalizedText(
            "取回本网站的页面生成的文件：一次性的下载地址，或 base64。",
            "Fetch a file that pages of this site made: an address that is good once, or base64.",
        ),
        example=Example(
            {"path": "case17/ab.pdf"},
            files.GetFileAnswer(
                path="/var/lib/gaopai/case17/ab.pdf",
                size=184_320,
                time="2026-11-28T10:15:30+08:00",
                mime="application/pdf",
                download_url=_ADDRESS,
            ),
        ),
    ),
)
