"""``gaopai verify``: the signatures and the archive format of files, in one screen."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec

from server.archive import RECORD_SUFFIXES
from server.archive.record import CaptureRecord
from server.archive.signing import (
    FILE_BYTES,
    SUFFIX,
    HandReport,
    RecordingReport,
    VerificationReport,
    verify,
)
from server.cli.files import Unreadable, print_error, reason_of
from server.cli.guidance import said
from server.documents.recording_proof import is_recording, verify_recording
from server.documents.recording_report import SUFFIX as RECORDING_SUFFIX
from server.documents.recording_report import recording_report
from server.errors import GaopaiError, LocalizedText
from server.telemetry.printable import json_line, printable

SUMMARY = "Verify what files claim: signatures, their times, PDF/A."
TEXTS = {
    "unsigned": LocalizedText("未签名", "not signed"),
    "damaged": LocalizedText("有签名，但无法读取", "a signature is there and cannot be read"),
    "altered": LocalizedText("签名后文件被改动", "the file was altered after it was signed"),
    "updated": LocalizedText("最后一次签名后又添加了内容", "something was added after the last signature"),
    "uncovered": LocalizedText(
        "文件有一部分不在任何签名之内", "a part of the file is covered by no signature"
    ),
    "signature.wrong": LocalizedText("签名错误，或被改动", "the signature is wrong, or was altered"),
    "timestamp.wrong": LocalizedText("时间戳错误", "the time stamp is wrong"),
    "timestamp.untrusted": LocalizedText(
        "时间戳机构不在受信任之列，或已被吊销",
        "the authority of the time stamp is none of those trusted, or was revoked",
    ),
    "certificate.expired": LocalizedText("证书已过期", "the certificate had expired"),
    "certificate.future": LocalizedText("证书尚未生效", "the certificate was not valid yet"),
    "certificate.revoked": LocalizedText(
        "证书或为其担保的证书已被吊销", "the certificate, or one that vouches for it, was revoked"
    ),
    "certificate.untrusted": LocalizedText("签名者不在受信任之列", "the signer is none of those trusted"),
    "pdfa.unchecked": LocalizedText(
        "声称的 PDF/A 级别不在此检查", "it claims a level of PDF/A that is not checked here"
    ),
    "record.unreadable": LocalizedText("记录无法读取", "its record cannot be read"),
    "record.pages": LocalizedText("记录所说的页数不同", "its record says another number of pages"),
    "record.sources": LocalizedText(
        "内含的原件与记录不符", "the originals inside are others than its record says"
    ),
    "record.file": LocalizedText("文件与记录不符", "the file is another than its record says"),
    "record.altered": LocalizedText("记录被改动", "its record was altered"),
    "record.xml": LocalizedText("XML 记录与之不符", "its record in XML says something else"),
    "hand.unreadable": LocalizedText(
        "手写签字的记录无法读取", "the record of the handwriting cannot be read"
    ),
    "hand.document": LocalizedText(
        "签字人所见的不是此文件", "what the signer was shown is not what is in the file"
    ),
    "hand.strokes": LocalizedText("笔画与记录不符", "the strokes are others than the record says"),
    "recording.altered": LocalizedText("录像被改动", "the recording was altered"),
    "recording.unsealed": LocalizedText(
        "录像没有封签，例如录制时断电", "the recording has no seal, as after a power cut"
    ),
    "javascript": LocalizedText(
        "注意：含有 JavaScript，可能改变显示的内容", "note: it has JavaScript, which may change what is shown"
    ),
}
ALTERED = frozenset(
    {"altered", "updated", "record.altered", "record.file", "hand.document", "recording.altered"}
)
"""Problems that say that the file is not what was signed."""
UNSIGNED = frozenset({"unsigned", "recording.unsealed"})
"""Problems that say that nothing was signed."""
WORDS = {
    "holds": LocalizedText("有效", "holds"),
    "unsigned": LocalizedText("未签名", "NOT SIGNED"),
    "altered": LocalizedText("签名后被改动", "ALTERED after it was signed"),
    "broken": LocalizedText("无效", "DOES NOT HOLD"),
}
TIMES = {
    "timestamp": LocalizedText("由时间戳证明", "proven by a time stamp"),
    "unproven": LocalizedText(
        "时间戳来自此处无人担保的机构", "by a time stamp of an authority that nobody here vouches for"
    ),
    "clock": LocalizedText("按电脑的时钟", "by the clock of the machine"),
    "none": LocalizedText("没有时间", "no time"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a signature is found beside it")
    parser.add_argument("--trust", type=Path, metavar="FILE", help="trusted certificates and CRLs in PEM")
    parser.add_argument("--json", action="store_true", help="one JSON object a file")


def run(arguments: argparse.Namespace) -> int:
    """Verify each file; return 1 if one is broken, altered or not signed, 2 if one cannot be read."""
    codes = [0]
    for path in arguments.files:
        try:
            report = _report(path, arguments.trust)
        except (Unreadable, GaopaiError, OSError) as exc:
            unread = Path(exc.filename) if isinstance(exc, OSError) and exc.filename else path
            reason = reason_of(exc, unread) if isinstance(exc, OSError) else str(exc)
            print_error(exc if isinstance(exc, Unreadable) else Unreadable(unread, reason))
            if arguments.json:
                print(json_line({"file": str(path), "holds": None, "error": reason}), flush=True)
            codes.append(2)
            continue
        codes.append(int(not report.holds))
        told = {"file": str(path), "state": state_of(report), **msgspec.to_builtins(report)}
        print(json_line(told) if arguments.json else "\n".join(_lines(path, report)), flush=True)
    return max(codes)


def state_of(report: VerificationReport) -> str:
    """Return the one word of a report: holds, unsigned, altered or broken."""
    if report.holds:
        return "holds"
    found = {*report.problems, *(problem for one in report.signatures for problem in one.problems)}
    if found & ALTERED:
        return "altered"
    return "unsigned" if found <= UNSIGNED else "broken"


def _report(path: Path, trust: Path | None) -> VerificationReport:
    beside = path.with_name(path.name + SUFFIX)
    if path.suffix == SUFFIX:
        path, beside = path.with_suffix(""), path
    trusted = trust.read_bytes() if trust else b""
    if not beside.is_file():
        with path.open("rb") as file:
            if path.suffix == RECORDING_SUFFIX or is_recording(file):
                return asyncio.run(recording_report(verify_recording(file), trusted))
    if path.stat().st_size > FILE_BYTES:
        raise Unreadable(path, f"larger than {FILE_BYTES >> 20} MiB")
    signature = beside.read_bytes() if beside.is_file() else b""
    sides = (path.with_name(path.name + suffix) for suffix in RECORD_SUFFIXES)
    json, xml = (one.read_bytes() if one.is_file() else b"" for one in sides)
    return asyncio.run(verify(path.read_bytes(), signature, trusted, (json, xml)))


def _lines(path: Path, report: VerificationReport) -> Iterator[str]:
    yield f"{printable(path)}: {said(WORDS[state_of(report)])}"
    for one in report.signatures:
        identity = LocalizedText("身份 {identity}", "identity {identity}").filled(identity=one.identity)
        who = f"{printable(one.signer) or '?'} ({said(identity)})"
        when = f"{one.time} {said(TIMES[one.time_source])}".strip()
        signed = LocalizedText("由 {who} 签名，{when}", "signed by {who}, {when}")
        yield f"    {said(signed.filled(who=who, when=when))}"
        if one.hand is not None:
            yield f"        {_by_hand(one.hand)}"
        yield from (f"        {said(TEXTS[problem])}" for problem in one.problems)
    told = (problem for problem in (*report.problems, *report.notes) if problem != "unsigned")
    yield from (f"    {said(TEXTS[problem])}" for problem in told)
    if (recording := report.recording) is not None:
        yield from (f"    {said(one)}" for one in _recorded(recording))
    if (record := report.record) is not None:
        made = f"{record.time} by the clock of the machine, {printable(record.software)}"
        yield f"    record: {printable(record.title)}, of {len(record.sources)} original(s), {made}"
        taken = [record.capture, *(one.capture for one in record.sources)]
        yield from (f"        {_taken(one)}" for one in taken if one)
    if report.pdfa:
        broken = (
            f"breaks {len(report.breaches)} clause(s)"
            if report.breaches
            else "no clause broken that is checked"
        )
        yield f"    claims PDF/A-{printable(report.pdfa)}: {broken}; checked by gaopai, not certified"
        yield from (f"        {printable(one)}" for one in report.breaches)


def _recorded(recording: RecordingReport) -> Iterator[LocalizedText]:
    if recording.seconds is not None:
        text = LocalizedText("录像：{device}，{begun}，{length}", "recording: {device}, {begun}, {length}")
        length = clock_time(recording.seconds)
        yield text.filled(device=printable(recording.device), begun=printable(recording.begun), length=length)
    for part in recording.alterations:
        if part.end is None:
            text = LocalizedText("{begin} 之后被改动", "altered after {begin}")
            yield text.filled(begin=clock_time(part.begin))
        else:
            text = LocalizedText("{begin} 至 {end} 之间被改动", "altered between {begin} and {end}")
            yield text.filled(begin=clock_time(part.begin), end=clock_time(part.end))
    if recording.alterations or recording.seconds is None:
        text = LocalizedText("自开头至 {time} 有自身的哈希为证", "its own hashes prove it up to {time}")
        yield text.filled(time=clock_time(recording.proven_seconds))


def clock_time(seconds: float) -> str:
    """Return a time of a recording, such as ``0:01:05.5``."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{rest:04.1f}"


def _by_hand(hand: HandReport) -> str:
    what = f" ({printable(hand.reason)})" if hand.reason else ""
    text = LocalizedText(
        "手写签字：{signer}{what}，第 {page} 页，{time}", "by hand: {signer}{what}, page {page}, {time}"
    )
    told = text.filled(signer=printable(hand.signer), what=what, page=hand.page, time=hand.time)
    kept = LocalizedText("；含加密的笔画", "; with its strokes, encrypted")
    return said(told) + (said(kept) if hand.strokes else "")


def _taken(capture: CaptureRecord) -> str:
    device = f"{printable(capture.device)} {printable(capture.serial)}".strip()
    did = ", ".join(map(printable, capture.stages)) or "nothing"
    dots = f"; {capture.dpi:g} dpi ({capture.dpi_source})" if capture.dpi else ""
    return f"taken by {device}, {printable(capture.time)}; changed by: {did}{dots}"
