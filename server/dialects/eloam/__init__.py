"""Eloam WebCamera over HTTP (38088), and the control of its Linux edition (6543)."""
