"""``python -P -m server``: the same as the command ``gaopai``.

Without ``-P``, Python takes a package ``server`` that lies in the current folder for this one.
"""

import sys

import server

# Without it, modules of any other name are looked for there too, before all others; a checkout needs it.
if not sys.flags.safe_path and not server.__path__[0].startswith(f"{sys.path[0]}/"):
    del sys.path[0]

from server.cli import main

sys.exit(main())
