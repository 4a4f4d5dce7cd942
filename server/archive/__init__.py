"""Papers that stand up years later: PDF/A, signatures, verification."""

RECORD_SUFFIXES = (".json", ".xml")
"""Suffixes of the record that lies beside a file, added to the file's whole name, suffix and all."""
