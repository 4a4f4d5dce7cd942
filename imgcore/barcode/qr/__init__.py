"""QR codes that an engine does not read at first."""
