"""Detection and decoding of barcodes in a picture."""

from imgcore.barcode.code import STANDARD, USUAL, Code, Symbology
from imgcore.barcode.engines import Kinds
from imgcore.barcode.reader import Effort, read_codes

__all__ = ["STANDARD", "USUAL", "Code", "Effort", "Kinds", "Symbology", "read_codes"]
