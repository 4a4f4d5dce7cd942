"""Pictures as files: their form, names and originals, and the work on them."""
