"""Papers that stand up years later: PDF/A, signatures, verification."""

RECORD_SUFFIXES = (".json", ".xml")
"""Added to a file's whole name, suffix and all, for the record that lies beside it."""
