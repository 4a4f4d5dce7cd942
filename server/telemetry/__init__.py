"""Logs, audit trail and metrics of the service. Content of requests never reaches them."""

from server.telemetry.logs import RequestLog, Served, incident, served, set_level, set_up, using

__all__ = ["RequestLog", "Served", "incident", "served", "set_level", "set_up", "using"]
