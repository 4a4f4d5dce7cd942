"""A finished picture: composed, marked, and encoded."""
