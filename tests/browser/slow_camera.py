"""``python -m tests.browser.slow_camera PYTHON -m server ...`` runs it with cameras of few pictures a second.

A browser without a graphics processor spends on drawing them most of what its tests take, and the service on
looking for outlines in them.
"""

import sys

from server.cli import main
from server.devices.adapters.demo import camera
from server.streaming import broadcast
from server.streaming.looks import Pace

camera.FASTEST = camera.FASTEST_LARGE = 6.0
broadcast.PACE = Pace(seconds=0.5)
sys.exit(main(sys.argv[4:]))
