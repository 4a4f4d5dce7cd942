"""Removal of fingers from a page."""
