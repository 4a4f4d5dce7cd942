"""Models by role: their manifest, files, downloads and sessions."""

import os

# onnxruntime tells its maker of its use unless this is set before it is loaded; nothing is to leave here.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
