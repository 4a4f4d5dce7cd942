"""The image core: arrays and settings in, values out. No clock, file, log or global."""
