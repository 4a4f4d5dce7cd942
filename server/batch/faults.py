"""Faults of a file or a whole batch, in both languages.

These never travel to a page, so they have no code; a page's errors are in `server.errors`.
"""

from __future__ import annotations

from server.errors import Language, LocalizedText


class BatchFault(Exception):
    """The batch cannot go on as asked, or at all; `text` says what to do."""

    def __init__(self, text: LocalizedText) -> None:
        super().__init__(text.en)
        self.text = text

    def message(self, language: Language) -> str:
        """One line."""
        return self.text.fill(language, {})


class PageFault(BatchFault):
    """One page gave no picture; the batch goes on."""


def not_ordinary() -> LocalizedText:
    """A pipe, a device or a socket was named as a picture."""
    return LocalizedText("不是普通文件", "it is not an ordinary file")


def empty() -> LocalizedText:
    """A file without a byte, as a copy that failed leaves it."""
    return LocalizedText("文件是空的", "the file is empty")


def too_large(limit_bytes: int) -> LocalizedText:
    """A picture file larger than is read at once."""
    size = limit_bytes >> 20
    return LocalizedText(f"文件大于 {size} MiB", f"it is larger than {size} MiB")


def out_of_memory() -> LocalizedText:
    """A picture needed more memory than a worker may have."""
    return LocalizedText(
        "内存不足，请减少 --workers",
        "it needs more memory than there is; fewer --workers leave more for each",
    )


def worker_ended(code: int | None) -> LocalizedText:
    """The process that worked on the page is gone."""
    how = "" if code is None else f" ({code})"
    return LocalizedText(f"处理进程意外结束{how}", f"the process that worked on it ended unexpectedly{how}")


def took_too_long(seconds: float) -> LocalizedText:
    """The page was given up."""
    return LocalizedText(f"超过 {seconds:.0f} 秒仍未完成", f"it took longer than {seconds:.0f} seconds")


def onto_original(name: str) -> LocalizedText:
    """A result would replace a file that is itself to be read."""
    return LocalizedText(
        f"结果 {name} 会覆盖原文件，请用 -o 指定其他文件夹",
        f"its result {name} would replace an original; give another folder with -o",
    )


def name_taken(name: str, other: str) -> LocalizedText:
    """Two inputs of one batch lead to one name."""
    return LocalizedText(
        f"结果 {name} 已由 {other} 占用，请将其输出到其他文件夹",
        f"its result {name} would replace that of {other}; write one of them to another folder",
    )


def folder_busy(folder: str) -> LocalizedText:
    """A second batch into one folder would confuse the journal of the first."""
    return LocalizedText(
        f"另一个批处理正在写入 {folder}，请等待其结束或使用其他文件夹",
        f"another batch is writing to {folder}; wait for it or use another folder",
    )


def cannot_write(folder: str, reason: str) -> LocalizedText:
    """The output folder refuses everything, so the batch ends."""
    return LocalizedText(
        f"无法写入 {folder}：{reason}；解决后重新运行同一命令即可继续",
        f"{folder} cannot be written to: {reason}; run the same command again afterwards to go on",
    )
