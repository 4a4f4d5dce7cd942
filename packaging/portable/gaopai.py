"""The command gaopai under the Python that lies beside it."""

import sys

from server.cli import main

sys.exit(main())
