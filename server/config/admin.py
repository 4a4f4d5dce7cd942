"""Configuration of the settings view."""

from __future__ import annotations

from server.config.section import Section


class AdminConfig(Section, frozen=True):
    """Settings view at ``/admin``, for the account that runs the service."""

    enabled: bool = True
