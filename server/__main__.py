"""``python -m server``: the same as the command ``gaopai``."""

import sys

from server.cli import main

sys.exit(main())
