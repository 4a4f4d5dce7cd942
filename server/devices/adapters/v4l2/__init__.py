"""USB and other kernel-driven cameras, through Linux' own V4L2 interface."""

from server.devices.adapters.v4l2.finder import V4l2Finder
from server.devices.adapters.v4l2.permissions import NodeAccess, node_access

__all__ = ["NodeAccess", "V4l2Finder", "node_access"]
