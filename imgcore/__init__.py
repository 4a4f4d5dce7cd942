"""The image core: arrays and settings in, values out. No clock, file, log or global."""

import os

# onnxruntime tells its maker of its use unless this is set before it is loaded; nothing is to leave here.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
