"""Sets of barcodes, the readers that are compared on them, and how a reader is judged."""
