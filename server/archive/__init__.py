"""Papers that stand up years later: PDF/A, records, signatures, verification, retention."""
