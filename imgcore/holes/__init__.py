"""Removal of binder holes from a page."""
