"""Sending files on and merging them."""

from __future__ import annotations

from server.errors import (
    BadName,
    BadSuffix,
    Cancelled,
    FileExists,
    FileMissing,
    FileUnreadable,
    PathOutside,
    PictureTooLarge,
    PictureUnreadable,
    StorageFailed,
    StorageFull,
    Text,
)
from server.protocol.function import Example, Function
from server.protocol.messages import files

_READING = (PathOutside, BadName, FileMissing, FileUnreadable)

FUNCTIONS = (
    Function(
        name="UploadHttpFile",
        request=files.UploadHttpFileRequest,
        answer=files.UploadHttpFileAnswer,
        errors=(*_READING, PictureUnreadable, PictureTooLarge, Cancelled),
        long=True,
        since="V1.5",
        summary=Text(
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
            BadSuffix,
            FileExists,
            StorageFull,
            StorageFailed,
            Cancelled,
        ),
        long=True,
        since="V1.5",
        summary=Text("把图片按顺序合并为一个 PDF 文件。", "Merge pictures, in order, into one PDF file."),
        example=Example(
            {
                "imagePath": ["/var/lib/gaopai/a.jpg", "/var/lib/gaopai/b.jpg"],
                "fileType": 0,
                "filePath": "/var/lib/gaopai/ab.pdf",
            },
            files.MergeFileAnswer(file_path="/var/lib/gaopai/ab.pdf"),
        ),
    ),
)
