"""Certificates for wss on this computer: a local authority, for loopback only, and trust in it."""

NAME = "gaopai local authority"
"""Prefix of the names of local authorities, by which they are found for removal."""
