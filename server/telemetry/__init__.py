"""Logs, audit trail and metrics of the service. Content of requests never reaches them."""

from server.telemetry.logs import RequestLog, connection, incident, request_log, set_level, set_up, using

__all__ = ["RequestLog", "connection", "incident", "request_log", "set_level", "set_up", "using"]
