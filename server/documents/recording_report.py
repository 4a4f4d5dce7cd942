"""Verdict on a recording: of its own hashes, and of the signature of its seal."""

from __future__ import annotations

import msgspec

from server.archive.signing import AlteredPart, RecordingReport, VerificationReport, verify
from server.documents.recording_proof import RecordingVerdict

SUFFIX = ".mkv"
"""Suffix of recordings."""


async def recording_report(verdict: RecordingVerdict, trusted: bytes = b"") -> VerificationReport:
    """Return the verdict on a recording.

    Parameters
    ----------
    verdict
        Verdict of its own hashes.
    trusted
        Certificates, and lists of revoked ones, in PEM; empty where identities are not judged.

    Raises
    ------
    server.errors.SigningFailed, ToolMissing, DecoderUnavailable
        The signature cannot be looked at.
    """
    report = VerificationReport(False, problems=("unsigned",))
    if verdict.signature:
        report = await verify(verdict.content, verdict.signature, trusted)
    problems = list(report.problems)
    if not verdict.content:
        problems.append("recording.unsealed")
    if verdict.altered:
        problems.append("recording.altered")
    return msgspec.structs.replace(
        report,
        holds=report.holds and verdict.whole,
        problems=tuple(problems),
        recording=_told(verdict),
    )


def _told(verdict: RecordingVerdict) -> RecordingReport:
    proof = verdict.proof
    return RecordingReport(
        proven_seconds=verdict.proven_seconds,
        alterations=tuple(AlteredPart(one.begin, one.end) for one in verdict.alterations),
        seconds=None if proof is None else proof.seconds,
        begun="" if proof is None else proof.begun,
        device="" if proof is None else proof.device,
        reason="" if proof is None else proof.reason,
        software="" if proof is None else proof.software,
    )
