"""Surfaces, light, cameras, and documents that lie before them."""
