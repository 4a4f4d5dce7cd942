"""``python -m tests.browser.slow_camera PYTHON -m server ...`` runs it with cameras of few pictures a second.

A browser without a graphics processor spends on drawing them most of what its tests take.
"""

import sys

from server.cli import main
from server.devices.adapters.demo import camera

camera.FASTEST = camera.FASTEST_LARGE = 6.0
sys.exit(main(sys.argv[4:]))
