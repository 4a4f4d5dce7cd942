"""Detection and decoding of barcodes in a picture."""

from imgcore.barcode.code import Code, Symbology
from imgcore.barcode.reader import Effort, read_codes

__all__ = ["Code", "Effort", "Symbology", "read_codes"]
