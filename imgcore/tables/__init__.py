"""Tables on pages: their cells by rules, or by the columns that lines of text stand in."""

from imgcore.tables.finder import find_tables
from imgcore.tables.table import Table, TableCell

__all__ = ["Table", "TableCell", "find_tables"]
