"""Scores of candidates: by themselves, among others, as devices, and as parts of a page."""
