"""Papers that stand up years later: PDF/A, signatures, verification."""

import warnings

# pyHanko names the keys of DSA, and cryptography 51 would tell so in the journal for each job.
warnings.filterwarnings("ignore", "DSA is deprecated", UserWarning)

RECORD_SUFFIXES = (".json", ".xml")
"""Suffixes of the record that lies beside a file, added to the file's whole name, suffix and all."""
