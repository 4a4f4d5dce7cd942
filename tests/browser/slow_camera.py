"""``python -m tests.browser.slow_camera PYTHON -m server ...`` runs it with cameras of few pictures a second.

A browser without a graphics processor spends on drawing them most of what its tests take. Text is read as
fast as all else: what gives way to captures would give way to all tests beside it.
"""

import os
import sys

from server.cli import main
from server.decoding import text_process
from server.devices.adapters.demo import camera

camera.FASTEST = camera.FASTEST_LARGE = 6.0
text_process.NICENESS = os.getpriority(os.PRIO_PROCESS, 0)
sys.exit(main(sys.argv[4:]))
