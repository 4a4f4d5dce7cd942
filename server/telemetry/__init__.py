"""Logs, audit trail and metrics of the service. Content of requests never reaches them."""

from server.telemetry.logs import incident, set_level, set_up
from server.telemetry.request_log import RequestLog, connection, request_log, using

__all__ = ["RequestLog", "connection", "incident", "request_log", "set_level", "set_up", "using"]
