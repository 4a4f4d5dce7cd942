"""Pharmacode (Laetus, one track)."""
