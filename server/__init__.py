"""gaopai: the document-camera service of a counter PC."""

import os

# onnxruntime tells its maker of its use unless this is set before it is loaded; nothing is to leave here.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"
