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
            files.MergeFileAnswer(file_path="/var/lib/gaopai/ab.pdf", page_count=2, blank_pages=()),
        ),
    ),
)
