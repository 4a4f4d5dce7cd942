"""The page of results, ``docs/reliability.md``, and its Chinese twin, section by section."""

from __future__ import annotations

from pathlib import Path

from benchmarks import report
from benchmarks.reliability.soak import SoakResult, percentile
from server.errors import LocalizedText

DOCS = report.PAGE.parent
PACKAGES = ("aiohttp", "uvloop", "numpy", "opencv-contrib-python")


def publish(name: str, title: LocalizedText, body: LocalizedText) -> None:
    """Write a section of both pages."""
    report.write_section(name, title.en, body.en, _page("reliability.md"))
    report.write_section(name, title.zh, body.zh, _page("reliability.zh.md"))


def _page(name: str) -> Path:
    return DOCS / name


def write_soak(found: SoakResult) -> None:
    """Write the section of the soak."""
    machine = report.machine(PACKAGES)
    body = LocalizedText(
        f"{_summary_zh(found)}\n\n{_table(found, 1)}\n\n{machine}",
        f"{_summary(found)}\n\n{_table(found, 0)}\n\n{machine}",
    )
    publish("soak", LocalizedText("长时间满载", "A long day"), body)


def _summary(found: SoakResult) -> str:
    day = found.day
    return (
        f"`script/bench soak --seconds {found.seconds:.0f}`: {found.seconds / 60:.0f} minutes at full load, "
        f"{day.visits.total()} visits of {len(day.visits)} kinds, eight at any moment, with "
        f"{day.codes.total()} answers, none of them 1099 (an error that nobody foresaw), and no error in the "
        f"log. An honest client beside them waited for {len(found.beats)} heartbeats: p99 "
        f"{1000 * percentile(found.beats, 99):.0f} ms, at most {1000 * max(found.beats):.0f} ms."
    )


def _summary_zh(found: SoakResult) -> str:
    day = found.day
    return (
        f"`script/bench soak --seconds {found.seconds:.0f}`：满载 {found.seconds / 60:.0f} 分钟，"
        f"{len(day.visits)} 类客户端共 {day.visits.total()} 次来访，任何时刻 8 个，"
        f"共 {day.codes.total()} 个应答，没有一个是 1099（未预料的错误），日志中没有错误。"
        f"旁边的一个正常客户端发了 {len(found.beats)} 次心跳："
        f"p99 {1000 * percentile(found.beats, 99):.0f} 毫秒，最长 {1000 * max(found.beats):.0f} 毫秒。"
    )


HEADS = (
    ("", "second quarter", "last quarter", "idle before", "idle after"),
    ("", "第二个四分之一", "最后四分之一", "之前空闲时", "之后空闲时"),
)
ROWS = (
    ("mib", "memory of the service without files, MiB", "服务的内存（不含文件），MiB"),
    ("all_mib", "with its children, MiB", "连同子进程，MiB"),
    ("descriptors", "descriptors", "文件描述符"),
    ("threads", "threads", "线程"),
)


def _table(found: SoakResult, language: int) -> str:
    rows = []
    for name, *words in ROWS:
        second, last = found.quarters(name)
        idle = getattr(found.before, name), getattr(found.after, name)
        rows.append([words[language], *(f"{value:.0f}" for value in (second, last, *idle))])
    return report.table(HEADS[language], rows)
