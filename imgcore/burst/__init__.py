"""Bursts: several frames of a scene at rest."""
