"""What the service tells of itself: logs, an audit trail and metrics. Content never reaches them."""

from server.telemetry.logs import incident, set_level, set_up
from server.telemetry.request_log import Trail, connection, trail, using

__all__ = ["Trail", "connection", "incident", "set_level", "set_up", "trail", "using"]
