"""Odds that a candidate is a document, from what was measured of it."""
