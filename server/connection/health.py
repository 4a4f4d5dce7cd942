"""Answer of ``/health``: failures since the start, without names of devices or pages."""

from __future__ import annotations

from server.protocol.frames import PROTOCOL
from server.runtime.background import failures


def health(audit_lost: int) -> dict[str, object]:
    """Return the answer.

    Parameters
    ----------
    audit_lost
        Lines that the audit trail lost since the start.
    """
    workers = [
        {
            "name": worker.name,
            "failures": worker.count,
            "error": worker.error,
            "at": worker.at.isoformat(timespec="seconds"),
        }
        for worker in failures()
    ]
    if not workers and not audit_lost:
        return {"service": "gaopai", "protocols": [PROTOCOL], "status": "ok"}
    return {
        "service": "gaopai",
        "protocols": [PROTOCOL],
        "status": "degraded",
        "workers": workers,
        "auditLinesLost": audit_lost,
    }
