"""Fields of identity documents, bank cards, licences and invoices, found in the text on them and checked."""

from imgcore.fields.document import Document
from imgcore.fields.reader import DocumentReader

__all__ = ["Document", "DocumentReader"]
