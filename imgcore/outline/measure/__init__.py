"""Measures of a candidate: named evidence for the judge."""
