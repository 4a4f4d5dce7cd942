"""How long tests wait for what has to come."""

PATIENCE = 100.0
"""Seconds: a bound far above what anything takes on a busy machine, never a measurement."""
PATIENCE_MS = 100_000
"""The same for pages and browsers."""
