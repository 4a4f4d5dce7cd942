"""Ports: the protocols that adapters implement, one module per kind of device."""
