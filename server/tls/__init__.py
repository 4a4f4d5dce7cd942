"""Certificates for wss on this computer: an authority of its own, for loopback only, and who trusts it."""

NAME = "gaopai local authority"
"""With which every name of such an authority begins; it is found by this where it is taken out again."""
