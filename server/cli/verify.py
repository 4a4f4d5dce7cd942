"""``gaopai verify``: the signatures and the archive format of files, in one screen."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec

from server.archive import RECORD_SUFFIXES
from server.archive.record import CaptureRecord
from server.archive.signing import FILE_BYTES, SUFFIX, VerificationReport, verify
from server.cli.files import Unreadable, print_error
from server.errors import GaopaiError
from server.telemetry.printable import json_line, printable

SUMMARY = "Verify what files claim: signatures, their times, PDF/A."
TEXTS = {
    "unsigned": "not signed",
    "damaged": "a signature is there and cannot be read",
    "altered": "the file was altered after it was signed",
    "updated": "something was added after the last signature",
    "uncovered": "a part of the file is covered by no signature",
    "signature.wrong": "the signature is wrong, or was altered",
    "timestamp.wrong": "the time stamp is wrong",
    "timestamp.untrusted": "the authority of the time stamp is none of those trusted, or was revoked",
    "certificate.expired": "the certificate had expired",
    "certificate.future": "the certificate was not valid yet",
    "certificate.revoked": "the certificate, or one that vouches for it, was revoked",
    "certificate.untrusted": "the signer is none of those trusted",
    "pdfa.unchecked": "it claims a level of PDF/A that is not checked here",
    "record.unreadable": "its record cannot be read",
    "record.pages": "its record says another number of pages",
    "record.sources": "the originals inside are others than its record says",
    "record.file": "the file is another than its record says",
    "record.altered": "its record was altered",
    "record.xml": "its record in XML says something else",
    "javascript": "note: it has JavaScript, which may change what is shown",
}
ALTERED = frozenset({"altered", "updated", "record.altered", "record.file"})
"""Problems that say that the file is not what was signed."""
WORDS = {
    "holds": "holds",
    "unsigned": "NOT SIGNED",
    "altered": "ALTERED after it was signed",
    "broken": "DOES NOT HOLD",
}
TIMES = {
    "timestamp": "proven by a time stamp",
    "unproven": "by a time stamp of an authority that nobody here vouches for",
    "clock": "by the clock of the machine",
    "none": "no time",
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
            reason = (exc.strerror if isinstance(exc, OSError) else None) or str(exc)
            unread = Path(exc.filename) if isinstance(exc, OSError) and exc.filename else path
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
    return "unsigned" if found <= {"unsigned"} else "broken"


def _report(path: Path, trust: Path | None) -> VerificationReport:
    beside = path.with_name(path.name + SUFFIX)
    if path.suffix == SUFFIX:
        path, beside = path.with_suffix(""), path
    if path.stat().st_size > FILE_BYTES:
        raise Unreadable(path, f"larger than {FILE_BYTES >> 20} MiB")
    signature = beside.read_bytes() if beside.is_file() else b""
    sides = (path.with_name(path.name + suffix) for suffix in RECORD_SUFFIXES)
    json, xml = (one.read_bytes() if one.is_file() else b"" for one in sides)
    trusted = trust.read_bytes() if trust else b""
    return asyncio.run(verify(path.read_bytes(), signature, trusted, (json, xml)))


def _lines(path: Path, report: VerificationReport) -> Iterator[str]:
    yield f"{printable(path)}: {WORDS[state_of(report)]}"
    for one in report.signatures:
        who = f"{printable(one.signer) or '?'} (identity {one.identity})"
        when = f"{one.time} {TIMES[one.time_source]}".strip()
        yield f"    signed by {who}, {when}"
        yield from (f"        {TEXTS[problem]}" for problem in one.problems)
    yield from (f"    {TEXTS[problem]}" for problem in (*report.problems, *report.notes))
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


def _taken(capture: CaptureRecord) -> str:
    device = f"{printable(capture.device)} {printable(capture.serial)}".strip()
    did = ", ".join(map(printable, capture.stages)) or "nothing"
    dots = f"; {capture.dpi:g} dpi ({capture.dpi_source})" if capture.dpi else ""
    return f"taken by {device}, {printable(capture.time)}; changed by: {did}{dots}"
