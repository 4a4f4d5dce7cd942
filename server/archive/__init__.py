"""Papers that stand up years later: PDF/A, signatures, verification."""
