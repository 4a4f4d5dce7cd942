"""Dialects: the wire protocols of other makers' services, over the same services as our own protocol.

A package a dialect. Nothing else of the service imports them, and none runs unless it is enabled.
"""
