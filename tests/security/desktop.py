"""A desktop that prints the notifications it gets: ``desktop.py PYTHON``, on a bus of its own.

Runs the service's indicator in `PYTHON` and ends with it. For the system's Python, which has PyGObject.
"""

from __future__ import annotations

import subprocess
import sys
import threading

INTERFACE = """<node><interface name="org.freedesktop.Notifications">
<method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/>
<arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="as" direction="in"/><arg type="a{sv}" direction="in"/><arg type="i" direction="in"/>
<arg type="u" direction="out"/></method>
<method name="CloseNotification"><arg type="u" direction="in"/></method>
</interface></node>"""
SHOW = """
import asyncio
from server.services.cameras import indicator as module
from server.services.cameras.indicator import CameraUse, desktop_indicator

async def main():
    module.CALL_SECONDS = 60.0
    indicator = desktop_indicator(True, "en")
    indicator.show((CameraUse("Window <3>", "https://oa.example.cn"),))
    await indicator._task
    await indicator.close()

asyncio.run(main())
"""


def main(python: str) -> None:
    """Own the name of a desktop's notifications until the indicator is closed."""
    from gi.repository import Gio, GLib

    loop = GLib.MainLoop()

    def call(*words: object) -> None:
        method = words[4]
        parameters = words[5].unpack()
        invocation = words[6]
        if method == "Notify":
            print("Notify", parameters[0], parameters[1], parameters[4], flush=True)
            invocation.return_value(GLib.Variant("(u)", (42,)))
        else:
            print("Close", parameters[0], flush=True)
            invocation.return_value(None)

    def show() -> None:
        try:
            subprocess.run([python, "-c", SHOW], check=True, timeout=100)
        finally:
            GLib.idle_add(loop.quit)

    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    node = Gio.DBusNodeInfo.new_for_xml(INTERFACE)
    bus.register_object("/org/freedesktop/Notifications", node.interfaces[0], call, None, None)
    started = lambda *_: threading.Thread(target=show).start()  # noqa: E731
    Gio.bus_own_name_on_connection(bus, "org.freedesktop.Notifications", Gio.BusNameOwnerFlags.NONE, started)
    loop.run()


if __name__ == "__main__":
    main(sys.argv[1])
